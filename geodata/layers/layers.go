// Package layers reads the declarations of the map's collections, checks them, and derives from them what needs no
// database: JSON schema, legend, map style, tile attributes and the import's matching of names.
package layers

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

//go:embed declared/*.json
var declared embed.FS

//go:embed codes/*.json
var codes embed.FS

// Builtin reads and checks the declarations that come with bando.
func Builtin() (*geodata.Catalogue, error) { return WithOwn(nil) }

// WithOwn reads and checks the declarations that come with bando, and those that an installation adds: the .json files of a
// folder, each named after its layer. nil, and a folder that is not there, add none.
func WithOwn(folder fs.FS) (*geodata.Catalogue, error) {
	all, err := readAll(declared, "declared", nil)
	if err != nil {
		return nil, err
	}
	if folder != nil {
		if all, err = readAll(folder, ".", all); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := CheckTogether(all); err != nil {
		return nil, err
	}
	return geodata.NewCatalogue(all), nil
}

// readAll adds the declarations of a folder.
func readAll(from fs.FS, folder string, all []geodata.Layer) ([]geodata.Layer, error) {
	entries, err := fs.ReadDir(from, folder)
	if err != nil {
		return all, fmt.Errorf("list declarations: %w", err)
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".json" {
			continue
		}
		data, err := fs.ReadFile(from, path.Join(folder, e.Name()))
		if err != nil {
			return all, fmt.Errorf("read declaration %s: %w", e.Name(), err)
		}
		l, err := Parse(e.Name(), data)
		if err != nil {
			return all, fmt.Errorf("declaration %s: %w", e.Name(), err)
		}
		if l.ID+".json" != e.Name() {
			return all, errName.With("name", e.Name()).With("id", l.ID)
		}
		all = append(all, l)
	}
	return all, nil
}

// errName is the fault of a declaration in a file of another name.
var errName = fault.New(fault.Invalid, "declaration_name", fault.Text{
	VI: "Tên tệp khai báo phải là mã lớp và đuôi .json.",
	EN: "A declaration's file is named after the layer's id, with .json behind it.",
})

// Parse reads one declaration, fills its enums from the shared code lists and checks it. A member that geodata.Layer
// does not have is refused: it is a misspelling, or a wish that nobody would hear. The name stands in the error.
func Parse(name string, data []byte) (geodata.Layer, error) {
	var l geodata.Layer
	if err := strict(data, &l); err != nil {
		return geodata.Layer{}, errUnreadable.With("name", name).Wrap(fmt.Errorf("read declaration %s: %w", name, err))
	}
	for i, f := range l.Fields {
		if f.CodeList == "" || len(f.Enum) > 0 {
			continue
		}
		list, err := CodeList(f.CodeList)
		if err != nil {
			return geodata.Layer{}, fmt.Errorf("field %s of declaration %s: %w", f.Name, name, err)
		}
		l.Fields[i].Enum = list
	}
	return l, Check(l)
}

// errUnreadable is the fault of a declaration that is not JSON of the known members.
var errUnreadable = fault.New(fault.Invalid, "declaration_unreadable", fault.Text{
	VI: "Không đọc được khai báo lớp dữ liệu. Kiểm tra cú pháp JSON và tên các mục.",
	EN: "The layer's declaration cannot be read. Check the JSON and the names of its members.",
})

// errNoCodeList is the fault of naming a code list that is not there.
var errNoCodeList = fault.New(fault.Invalid, "no_codelist", fault.Text{
	VI: "Không có danh mục mã này. Dùng một danh mục có sẵn hoặc ghi mã ngay trong khai báo.",
	EN: "There is no such code list. Use one that exists, or write the codes in the declaration.",
})

// CodeList reads a shared code list by its name, e.g. "land_use".
func CodeList(name string) ([]geodata.Code, error) {
	if !slices.Contains(CodeLists(), name) {
		return nil, errNoCodeList.With("codelist", name).With("known", CodeLists())
	}
	data, err := codes.ReadFile(path.Join("codes", name+".json"))
	if err != nil {
		return nil, fmt.Errorf("read code list %s: %w", name, err)
	}
	var list []geodata.Code
	if err := strict(data, &list); err != nil {
		return nil, fmt.Errorf("read code list %s: %w", name, err)
	}
	return list, nil
}

// CodeLists names the shared code lists in alphabetical order.
func CodeLists() []string {
	entries, err := codes.ReadDir("codes")
	if err != nil {
		return nil // an embedded folder that was there when the program was built
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}

// strict decodes one JSON value with known members only and nothing after it.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("there is more after the JSON value")
	}
	return nil
}
