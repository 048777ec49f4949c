// Package difference says in words what an entry of the log changed: codes by their titles, dates and numbers as people write
// them, references by their names, shapes by their measures. Pages, sheets and answers all take their words from here.
package difference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/store"
)

// Line is one attribute's change for people; "geometry" is among the attributes. What was not there is empty text.
type Line struct {
	Field string       `json:"field"`
	Title geodata.Text `json:"title"`
	From  geodata.Text `json:"from"`
	To    geodata.Text `json:"to"`
	// How says of a geometry how it changed, in a sentence.
	How geodata.Text `json:"how,omitzero"`
}

// In is the line in one language: "Số hộ: 71 → 84".
func (l Line) In(lang string) string {
	title, from, to := l.Title.In(lang), l.From.In(lang), l.To.In(lang)
	switch {
	case l.How != geodata.Text{}:
		return title + ": " + l.How.In(lang)
	case from == "" && to == "":
		return title
	case to == "" && lang == "en":
		return title + ": “" + from + "” taken out"
	case to == "":
		return title + ": bỏ “" + from + "”"
	case from == "":
		return title + ": → " + to
	default:
		return title + ": " + from + " → " + to
	}
}

// Names finds what features are called; "" for one that has no name or is not for the reader.
type Names func(layer string, id int64) string

// Of tells what the entry changed, in the order of the layer's attributes, the geometry last.
func Of(l geodata.Layer, e store.Entry, called Names) []Line {
	lines := []Line{}
	for _, f := range l.AllFields() {
		if c, ok := e.Changed[f.Name]; ok {
			lines = append(lines, Line{Field: f.Name, Title: f.Title, From: Value(f, c.From, called), To: Value(f, c.To, called)})
		}
	}
	if e.GeometryChanged && l.Geometry != geodata.None {
		lines = append(lines, shape(e))
	}
	return lines
}

// References lists the features that the entries' values refer to, by layer.
func References(l geodata.Layer, entries []store.Entry) map[string][]int64 {
	found := map[string][]int64{}
	for _, f := range l.AllFields() {
		if f.Refers == "" {
			continue
		}
		for _, e := range entries {
			for _, v := range []any{e.Changed[f.Name].From, e.Changed[f.Name].To} {
				if id, ok := v.(int64); ok && !slices.Contains(found[f.Refers], id) {
					found[f.Refers] = append(found[f.Refers], id)
				}
			}
		}
	}
	return found
}

// Value writes a value in the form of store.Coerce for people.
func Value(f geodata.Field, value any, called Names) geodata.Text {
	same := func(s string) geodata.Text { return geodata.Text{VI: s, EN: s} }
	switch v := value.(type) {
	case nil:
		return geodata.Text{}
	case bool:
		if v {
			return geodata.Text{VI: "có", EN: "yes"}
		}
		return geodata.Text{VI: "không", EN: "no"}
	case int64:
		if f.Refers != "" {
			if name := called(f.Refers, v); name != "" {
				return same(name)
			}
			return same(fmt.Sprint(v))
		}
		if strings.Contains(f.Name, "year") || len(f.Enum) > 0 { // a year is no quantity
			return code(f, fmt.Sprint(v))
		}
		return number(float64(v), 0, f.Unit)
	case float64:
		return number(v, decimals(v), f.Unit)
	case string:
		return text(f, v)
	case []string:
		var vi, en []string
		for _, one := range v {
			t := code(f, one)
			vi, en = append(vi, t.VI), append(en, t.EN)
		}
		return geodata.Text{VI: strings.Join(vi, ", "), EN: strings.Join(en, ", ")}
	case orb.Point:
		return place(v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			return same(fmt.Sprint(v))
		}
		return same(string(raw))
	}
}

func text(f geodata.Field, v string) geodata.Text {
	switch f.Type {
	case geodata.Date:
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			v = day.Format("02/01/2006")
		}
	case geodata.DateTime:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			v = at.In(time.FixedZone("+07", 7*60*60)).Format("02/01/2006 15:04")
		}
	default:
		return code(f, v)
	}
	return geodata.Text{VI: v, EN: v}
}

func code(f geodata.Field, v string) geodata.Text {
	if i := slices.IndexFunc(f.Enum, func(c geodata.Code) bool { return c.Value == v }); i >= 0 {
		return f.Enum[i].Title
	}
	return geodata.Text{VI: v, EN: v}
}

// place writes a point in degrees, to about a tenth of a metre.
func place(p orb.Point) geodata.Text {
	lat, lon := vn.Number(p[1], 6), vn.Number(p[0], 6)
	return geodata.Text{VI: lat + "° B, " + lon + "° Đ", EN: english(lat) + "° N, " + english(lon) + "° E"}
}
