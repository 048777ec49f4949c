package layers

import "bando/geodata"

// LegendEntry is one line of a layer's legend: a colour and the words that stand beside it.
type LegendEntry struct {
	Value string       `json:"value"` // the code or rule, "" where the layer has one colour
	Title geodata.Text `json:"title"`
	Color string       `json:"color"` // #rrggbb
	Kind  string       `json:"kind"`  // fill, line or circle: the shape of the key
}

// Legend lists what the colours of a layer mean, in the order of its rules or codes. Legacy codes are left out: they
// are read from old files and mapped, never offered.
func Legend(l geodata.Layer) []LegendEntry {
	s := l.Style
	shape := legendKind(l)
	entry := func(value string, title geodata.Text, color string) LegendEntry {
		if color == "" {
			color = s.Color
		}
		return LegendEntry{Value: value, Title: title, Color: color, Kind: shape}
	}
	var list []LegendEntry
	for _, r := range s.Rules {
		list = append(list, entry(r.Value, r.Title, r.Color))
	}
	if by, ok := l.Field(s.By); ok && len(list) == 0 && coloured(by) {
		for _, c := range by.Enum {
			if c.ValidTo == "" {
				list = append(list, entry(c.Value, c.Title, c.Color))
			}
		}
	}
	if len(list) == 0 {
		list = append(list, entry("", l.Title, ""))
	}
	return list
}

func coloured(f geodata.Field) bool {
	for _, c := range f.Enum {
		if c.Color != "" {
			return true
		}
	}
	return false
}

func legendKind(l geodata.Layer) string {
	switch l.Style.Kind {
	case "line", "road", "boundary":
		return "line"
	case "circle", "icon":
		return "circle"
	default:
		return "fill"
	}
}
