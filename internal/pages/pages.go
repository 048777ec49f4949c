// Package pages writes the API's documents for people: the catalogue, a collection, its features, what can be asked of it,
// and faults, as HTML that needs no script, in Vietnamese and English, with what search engines read about data and places.
package pages

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
)

//go:embed templates/*.html
var files embed.FS

// MediaType is what pages are.
const MediaType = "text/html; charset=utf-8"

// Page is one of the pages that this package declares.
type Page interface{ template() string }

// Pages writes pages. It is safe for concurrent use.
type Pages struct{ templates map[string]*template.Template }

// New reads the templates.
func New() (*Pages, error) {
	frame, err := template.New("frame.html").Funcs(template.FuncMap{"say": say}).ParseFS(files, "templates/frame.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	p := &Pages{templates: map[string]*template.Template{}}
	for _, page := range []Page{Catalogue{}, Collection{}, Items{}, Item{}, Fields{}, List{}, Table{}, Operations{}, Problem{}} {
		name := page.template()
		whole, err := frame.Clone()
		if err == nil {
			whole, err = whole.ParseFS(files, "templates/"+name)
		}
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", name, err)
		}
		p.templates[name] = whole
	}
	return p, nil
}

// Write writes a page, whole or not at all.
func (p *Pages) Write(w io.Writer, page Page) error {
	t := p.templates[page.template()]
	if t == nil {
		return errors.New("there is no template " + page.template())
	}
	var text bytes.Buffer
	if err := t.ExecuteTemplate(&text, "frame.html", page); err != nil {
		return fmt.Errorf("write a page: %w", err)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// say chooses between Vietnamese and English.
func say(lang, vi, en string) string {
	if lang == "en" {
		return en
	}
	return vi
}
