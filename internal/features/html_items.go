package features

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/pages"
)

// maxRows is how many features a table shows, whatever the limit that is asked for.
const maxRows = 1000

// mostColumns is how many attributes a table of features shows; the feature's own page shows all.
const mostColumns = 8

// read is a feature of an answer, to be shown to people.
type read struct {
	ID         int64                      `json:"id"`
	Geometry   json.RawMessage            `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// writeItemsPage writes the HTML twin of a page of features: text is that page as GeoJSON.
func (s *Service) writeItemsPage(w io.Writer, r *http.Request, l geodata.Layer, text []byte, links []Link) error {
	var page struct {
		Features []read `json:"features"`
		Matched  int64  `json:"numberMatched"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return fmt.Errorf("read a page of features again: %w", err)
	}
	f := s.frame(r, links)
	f.Title, f.Summary = l.Title.In(f.Lang), l.Description.In(f.Lang)
	f.Hidden = r.URL.RawQuery != "" && r.URL.RawQuery != "f=html" // one address of each page is enough for search engines
	table := pages.Items{Frame: f, Matched: geodata.Text{
		VI: fmt.Sprintf("%d đối tượng, trang này có %d.", page.Matched, len(page.Features)),
		EN: fmt.Sprintf("%d features, %d of them on this page.", page.Matched, len(page.Features)),
	}.In(f.Lang)}
	columns := s.columns(r, l)
	for _, field := range columns {
		table.Columns = append(table.Columns, field.Title.In(f.Lang))
	}
	for _, one := range page.Features {
		row := pages.Row{Href: s.itemURL(r, l, one.ID) + "?f=html&lang=" + f.Lang, Name: nameOf(l, one, f.Lang)}
		for _, field := range columns {
			row.Cells = append(row.Cells, ValueText(field, one.Properties[field.Name], f.Lang))
		}
		table.Rows = append(table.Rows, row)
	}
	for _, one := range links {
		switch one.Rel {
		case "next":
			table.Next = one.Href
		case "prev":
			table.Previous = one.Href
		}
	}
	return s.Pages.Write(w, table)
}

// columns are the attributes that a table shows: those that tiles carry too are what people know a feature by.
func (s *Service) columns(r *http.Request, l geodata.Layer) []geodata.Field {
	fields := slices.DeleteFunc(slices.Clone(l.AllFieldsFor(s.Who(r).Audience())), func(f geodata.Field) bool {
		return f.Type == geodata.Object || f.Type == geodata.Place || f.Name == "name" || f.TileFrom == nil && !slices.Contains(l.Key, f.Name) && f.Name != "code"
	})
	return fields[:min(len(fields), mostColumns)]
}

// nameOf is what a feature is called: its label, its code, or its layer with its number.
func nameOf(l geodata.Layer, one read, lang string) string {
	for _, name := range []string{"name", "code", l.Style.Label} {
		if f, ok := l.Field(name); ok {
			if text := ValueText(f, one.Properties[name], lang); text != "" {
				return text
			}
		}
	}
	return l.Title.In(lang) + " " + strconv.FormatInt(one.ID, 10)
}

// ValueText writes a value for people: codes by their titles, lists with commas, units behind.
func ValueText(f geodata.Field, raw json.RawMessage, lang string) string {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil || value == nil {
		return ""
	}
	switch v := value.(type) {
	case string:
		return codeTitle(f, v, lang)
	case bool:
		if v {
			return geodata.Text{VI: "có", EN: "yes"}.In(lang)
		}
		return geodata.Text{VI: "không", EN: "no"}.In(lang)
	case float64:
		text := string(raw)
		if f.Unit != "" {
			text += " " + f.Unit
		}
		return text
	case []any:
		var at orb.Point
		if f.Type == geodata.Place && json.Unmarshal(raw, &at) == nil {
			return pages.Where(at.Bound(), lang)
		}
		var list []string
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return string(raw)
			}
			list = append(list, codeTitle(f, text, lang))
		}
		return strings.Join(list, ", ")
	default:
		return string(raw)
	}
}

func codeTitle(f geodata.Field, value, lang string) string {
	if i := slices.IndexFunc(f.Enum, func(c geodata.Code) bool { return c.Value == value }); i >= 0 {
		return f.Enum[i].Title.In(lang)
	}
	return value
}

// writeItemPage writes the HTML twin of one feature: text is its GeoJSON, in degrees.
func (s *Service) writeItemPage(w io.Writer, r *http.Request, l geodata.Layer, text []byte, links []Link) error {
	var one read
	if err := json.Unmarshal(text, &one); err != nil {
		return fmt.Errorf("read a feature again: %w", err)
	}
	f := s.frame(r, links)
	f.Title = nameOf(l, one, f.Lang)
	f.Summary = f.Title + ", " + l.Title.In(f.Lang)
	page := pages.Item{Frame: f}
	for _, field := range l.AllFieldsFor(s.Who(r).Audience()) {
		if text := ValueText(field, one.Properties[field.Name], f.Lang); text != "" {
			page.Facts = append(page.Facts, pages.Fact{Name: field.Title.In(f.Lang), Value: text})
		}
	}
	page.Facts = append(page.Facts, pages.Fact{Name: geodata.Text{VI: "Lần sửa", EN: "Revision"}.In(f.Lang), Value: string(one.Properties["revision"])})
	if r.URL.Query().Has("crs") { // a sketch is made of degrees
		one.Geometry = nil
	}
	sketch, bound, err := pages.Sketch(one.Geometry, f.Title)
	if err != nil {
		return err
	}
	var where *orb.Bound
	if sketch != "" {
		page.Sketch, page.Where, where = sketch, pages.Where(bound, f.Lang), &bound
		page.Map = fmt.Sprintf("/#map=15/%.5f/%.5f&sel=%s/%d&lang=%s", bound.Center()[1], bound.Center()[0], l.ID, one.ID, f.Lang)
	}
	page.Linked = pages.PlaceData(s.itemURL(r, l, one.ID), f.Title, l.Title.In(f.Lang), s.collectionURL(r, l), where)
	return s.Pages.Write(w, page)
}
