package layers

import "bando/geodata"

// These write MapLibre expressions (https://maplibre.org/maplibre-style-spec/expressions/).

func get(field string) []any { return []any{"get", field} }

// byZoom interpolates between pairs of zoom and value, growing faster towards the deeper zoom where base is above 1.
func byZoom(base float64, stops ...any) []any {
	e := []any{"interpolate", []any{"exponential", base}, []any{"zoom"}}
	if base == 1 {
		e[1] = []any{"linear"}
	}
	return append(e, stops...)
}

// match picks a value by a field's code. Pairs are code, value, …; MapLibre wants at least one of them.
func match(input, otherwise any, pairs ...any) any {
	if len(pairs) == 0 {
		return otherwise
	}
	return append(append([]any{"match", input}, pairs...), otherwise)
}

// holds is a declaration's condition, meaning what it means in SQL and Go.
func holds(c geodata.Condition) []any {
	among := func(yes, no bool) []any {
		return []any{"match", []any{"to-string", get(c.Field)}, c.Values, yes, no}
	}
	switch c.Is {
	case "in":
		return among(true, false)
	case "not_in":
		return among(false, true)
	default:
		return []any{"has", c.Field} // tiles leave out what is null
	}
}

// choose picks a value by a style's rules: the first that holds.
func choose(rules []geodata.StyleRule, otherwise any, value func(geodata.StyleRule) any) any {
	e := []any{"case"}
	for _, r := range rules {
		if len(r.When) == 0 {
			otherwise = value(r)
			break
		}
		all := []any{"all"}
		for _, c := range r.When {
			all = append(all, holds(c))
		}
		e = append(e, all, value(r))
	}
	if len(e) == 1 {
		return otherwise
	}
	return append(e, otherwise)
}

// colourOf is the colour of a layer's features, by its rules or codes.
func colourOf(l geodata.Layer) any {
	s := l.Style
	if len(s.Rules) > 0 {
		return choose(s.Rules, s.Color, func(r geodata.StyleRule) any { return r.Color })
	}
	by, _ := l.Field(s.By)
	var pairs []any
	for _, c := range by.Enum {
		if c.Color != "" {
			pairs = append(pairs, c.Value, c.Color)
		}
	}
	return match(get(s.By), s.Color, pairs...)
}

// wordOf is the word for a feature's state, where colour tells the state: colour never stands alone. Nil when the
// layer's colours tell no state.
func wordOf(l geodata.Layer, lang string) any {
	s := l.Style
	if len(s.Rules) > 0 {
		return choose(s.Rules, "", func(r geodata.StyleRule) any { return r.Title.In(lang) })
	}
	by, ok := l.Field(s.By)
	if !ok || !by.Moved {
		return nil
	}
	var pairs []any
	for _, c := range by.Enum {
		pairs = append(pairs, c.Value, c.Title.In(lang))
	}
	return match(get(s.By), "", pairs...)
}

func opacity(s geodata.Style) float64 {
	if s.Opacity == 0 {
		return 1
	}
	return s.Opacity
}
