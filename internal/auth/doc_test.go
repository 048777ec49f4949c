package auth_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/auth"
)

var writeDoc = flag.Bool("write", false, "write the tables of docs/rights.md anew")

const (
	docPath  = "../../docs/rights.md"
	docBegin = "<!-- tables: made by go test ./internal/auth -run Document -write -->\n"
	docEnd   = "<!-- end of tables -->\n"
)

// The tables of docs/rights.md are what this package answers, so that nobody reads of a right that is not so.
func TestTheDocumentTellsTheRights(t *testing.T) {
	text, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), docBegin)
	kept, after, ended := strings.Cut(rest, docEnd)
	if !begun || !ended {
		t.Fatal("docs/rights.md has no place for its tables")
	}
	made := tables(t)
	if kept == made {
		return
	}
	if !*writeDoc {
		t.Fatal("docs/rights.md is not what package auth answers: go test ./internal/auth -run Document -write")
	}
	if err := os.WriteFile(docPath, []byte(before+docBegin+made+docEnd+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func tables(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	put := func(format string, args ...any) { _, _ = fmt.Fprintf(&out, format, args...) }
	all := slices.Clone(catalogue(t).Layers())
	slices.SortFunc(all, func(a, b geodata.Layer) int { return strings.Compare(a.ID, b.ID) })
	put("\n### Ghi · Writing\n\nT thêm (create), S sửa (update), X xóa (delete); ° chỉ của nhà mạng hay bản mình (own rows only); ¹ chỉ một số thuộc tính (some attributes).\n\n| Lớp · Layer |")
	for _, r := range geodata.Roles {
		put(" `%s` |", r)
	}
	put("\n|---|%s\n", strings.Repeat("---|", len(geodata.Roles)))
	for _, l := range all {
		put("| `%s` |", l.ID)
		for _, r := range geodata.Roles {
			put(" %s |", cell(l, r))
		}
		put("\n")
	}
	put("\n### Thuộc tính · Attributes\n\n| Lớp · Layer | Vai trò · Role | Sửa được · May change |\n|---|---|---|\n")
	for _, l := range all {
		for _, r := range geodata.Roles {
			if fields := auth.Writable(auth.Person{Role: r}, l); fields != nil {
				put("| `%s` | `%s` | %s |\n", l.ID, r, code(fields))
			}
		}
	}
	put("\n### Đọc · Reading\n\nCán bộ và giám sát đọc mọi hàng và thuộc tính. Staff and auditor read every row and attribute.\n\n| Lớp · Layer | Hàng công khai · Public rows | Thuộc tính ẩn · Hidden attributes | Vị trí · Place |\n|---|---|---|---|\n")
	for _, l := range all {
		put("| `%s` | %s | %s | %s |\n", l.ID, publicRows(l), code(hiddenFields(l)), place(l))
	}
	put("\n### Bước công việc · Moves\n\n| Lớp · Layer | Bước · Move | Vai trò · Roles |\n|---|---|---|\n")
	for _, l := range all {
		for _, m := range l.Moves {
			var roles []string
			for _, r := range geodata.Roles {
				if auth.Takes(auth.Person{Role: r}, m) {
					roles = append(roles, string(r))
				}
			}
			second := ""
			if m.SecondPerson {
				second = " ✱"
			}
			put("| `%s` | `%s`%s | %s |\n", l.ID, m.ID, second, code(roles))
		}
	}
	put("\n✱ người thứ hai (a second person).\n\n")
	return out.String()
}

// cell asks for what the role may do to an own row and to one of somebody else.
func cell(l geodata.Layer, r geodata.Role) string {
	who := auth.Person{Role: r, Operator: "viettel", HamletID: 7}
	own := geodata.Feature{ID: 7, Properties: map[string]any{"operator": "viettel", "provider": "viettel", "hamlet_id": int64(7)}}
	other := geodata.Feature{ID: 8, Properties: map[string]any{"operator": "mobifone", "provider": "mobifone", "hamlet_id": int64(8)}}
	text := ""
	for i, a := range auth.Actions {
		letter := []string{"T", "S", "X"}[i]
		if a == auth.Update && auth.Writable(who, l) != nil {
			letter += "¹"
		}
		switch {
		case auth.MayRow(who, l, a, other) == nil:
			text += letter
		case auth.MayRow(who, l, a, own) == nil:
			text += letter + "°"
		}
	}
	return text
}

func hiddenFields(l geodata.Layer) []string {
	var names []string
	seen := l.AllFieldsFor(auth.Reader(geodata.Public).Audience())
	for _, f := range l.AllFields() {
		if !slices.ContainsFunc(seen, func(s geodata.Field) bool { return s.Name == f.Name }) {
			names = append(names, f.Name)
		}
	}
	return names
}

func publicRows(l geodata.Layer) string {
	switch {
	case !l.Public.Visible:
		if _, _, own := auth.Owns(auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}, l); own {
			return "không; nhà mạng thấy của mình · none; an operator sees its own"
		}
		return "không · none"
	case len(l.Public.When) == 0:
		return "mọi hàng · all"
	}
	var tests []string
	for _, c := range l.Public.When {
		tests = append(tests, strings.TrimSpace(fmt.Sprintf("`%s` %s %s", c.Field, c.Is, strings.Join(c.Values, ", "))))
	}
	return strings.Join(tests, "; ")
}

func place(l geodata.Layer) string {
	if l.Public.RoundM > 0 {
		return fmt.Sprintf("làm tròn %g m · rounded", l.Public.RoundM)
	}
	return ""
}

func code(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}
