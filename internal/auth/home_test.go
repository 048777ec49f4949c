package auth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
)

// Rights are decided here and nowhere else: no other package may name a role, nor look a role up in a declaration's list.
func TestNoOtherPackageDecidesByRoles(t *testing.T) {
	names := []string{"Anyone", "LandOfficer", "ForestRanger", "CultureOfficer", "HamletHead", "TelecomPartner", "TourismStaff", "Leader", "Auditor", "Admin"}
	if len(names) != len(geodata.Roles)+1 {
		t.Fatalf("%d roles are known here, %d declared", len(names)-1, len(geodata.Roles))
	}
	// Who makes accounts names the role that they get; that is no decision about a right.
	free := []string{"../../geodata", "../../internal/auth", "../../geodata/demo", "../../cmd/bench"}
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.Contains(free, filepath.Dir(path)) {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		read++
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if of, ok := n.X.(*ast.Ident); ok && of.Name == "geodata" && slices.Contains(names, n.Sel.Name) {
					t.Errorf("%s names the role %s; ask package auth instead", set.Position(n.Pos()), n.Sel.Name)
				}
			case *ast.CallExpr:
				if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Contains" && len(n.Args) == 2 {
					if list, ok := n.Args[0].(*ast.SelectorExpr); ok && list.Sel.Name == "Roles" {
						if of, ok := list.X.(*ast.Ident); !ok || of.Name != "geodata" { // whether there is such a role at all
							t.Errorf("%s looks a role up; ask package auth instead", set.Position(n.Pos()))
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil || read < 200 {
		t.Fatalf("%d files read: %v", read, err)
	}
}
