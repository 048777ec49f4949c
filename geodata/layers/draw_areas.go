package layers

import (
	"slices"

	"bando/geodata"
)

// area draws polygons: a field of colour and a fine outline. Where rules tell a state, the field is strong from afar
// and faint near, so that what lies in it can be read; a band inside the border then carries the state.
func (s *sheet) area(l geodata.Layer) {
	st := l.Style
	fill := any(opacity(st))
	first := float64(FirstZoom(l, s.opts.Audience))
	if len(st.Rules) > 0 {
		o := opacity(st)
		fill = byZoom(1, 9, min(1, o*1.35), 12, o, 14, o*0.45, 16, o*0.2)
	} else if first >= 12 {
		fill = byZoom(1, first, 0, first+1, opacity(st))
	}
	s.put(bandFill, l, Drawing{
		ID: l.ID, Type: "fill",
		Paint: map[string]any{"fill-color": colourOf(l), "fill-opacity": fill, "fill-antialias": false},
	})
	if st.Outline == "" {
		return
	}
	where := bandFill
	if len(st.Rules) > 0 {
		where = bandBorder
		s.put(where, l, Drawing{
			ID: l.ID + "-band", Type: "line", MinZoom: 11,
			Layout: map[string]any{"line-join": "round"},
			Paint: map[string]any{
				"line-color":   colourOf(l),
				"line-width":   byZoom(1.4, 11, 1.5, 14, 4, 17, 9),
				"line-offset":  byZoom(1.4, 11, 0.75, 14, 2, 17, 4.5),
				"line-opacity": byZoom(1, 11, 0.25, 14, 0.42),
			},
		})
	}
	border := outline(l)
	if len(st.Rules) == 0 && first < 12 {
		// Many small areas in view: their borders would be louder than what they divide.
		border.Paint["line-opacity"] = byZoom(1, 10, 0.1, 12, 0.22, 14, 0.85)
	}
	s.put(where, l, border)
}

func outline(l geodata.Layer) Drawing {
	st := l.Style
	d := Drawing{
		ID: l.ID + "-outline", Type: "line",
		Layout: map[string]any{"line-join": "round"},
		Paint: map[string]any{
			"line-color":   st.Outline,
			"line-width":   byZoom(1.3, 8, st.Width*0.35, 14, st.Width, 18, st.Width*2),
			"line-opacity": byZoom(1, 8, 0.35, 13, 0.85),
		},
	}
	if len(st.Dash) > 0 {
		d.Paint["line-dasharray"] = st.Dash
	}
	return d
}

func (s *sheet) building(l geodata.Layer) {
	for _, d := range buildings(l.ID, "-outline", l.Style.Color, l.Style.Outline) {
		s.put(bandBuilding, l, d)
	}
}

func buildings(id, suffix, fill, edge string) []Drawing {
	fade := byZoom(1, 13, 0, 14.5, 1)
	return []Drawing{
		{ID: id, Type: "fill", MinZoom: 13, Paint: map[string]any{"fill-color": fill, "fill-opacity": fade}},
		{ID: id + suffix, Type: "line", MinZoom: 14, Paint: map[string]any{
			"line-color": edge, "line-width": byZoom(1.3, 14, 0.3, 18, 1), "line-opacity": fade,
		}},
	}
}

// boundaryDashes are the patterns of boundaries from the highest level down, as on Vietnamese topographic maps: the
// weightier the unit, the longer the strokes.
var boundaryDashes = [][]float64{{7, 2, 1.5, 2}, {5, 1.6, 1.2, 1.6}, {1.4, 1.8}}

// boundary draws administrative units: nothing inside, a dashed line around, and for units in force a soft band on
// the inner side, which tells at a glance which side is inside. The codes of the field "by" rank the levels.
func (s *sheet) boundary(l geodata.Layer) {
	st := l.Style
	// An invisible area answers the question in which unit a place lies.
	s.put(bandGround, l, Drawing{ID: l.ID, Type: "fill", Paint: map[string]any{"fill-color": st.Color, "fill-opacity": 0}})
	by, _ := l.Field(st.By)
	for rank, code := range slices.Backward(by.Enum) {
		is := []any{"==", get(st.By), code.Value}
		last := len(by.Enum) - 1
		from := []float64{0, 7, 11}[min(rank, 2)]
		if rank < last || last == 0 {
			s.put(bandBorder, l, Drawing{
				ID: l.ID + "-band-" + code.Value, Type: "line", Filter: is, MinZoom: from,
				Layout: map[string]any{"line-join": "round"},
				Paint: map[string]any{
					"line-color":   code.Color,
					"line-width":   byZoom(1.3, 6, 1.2, 10, 3.5, 15, 10),
					"line-offset":  byZoom(1.3, 6, 0.6, 10, 1.75, 15, 5),
					"line-opacity": 0.13,
				},
			})
		}
		width := st.Width * (1 - 0.25*float64(rank)) * 1.2
		s.put(bandBorder, l, Drawing{
			ID: l.ID + "-line-" + code.Value, Type: "line", Filter: is, MinZoom: from,
			Layout: map[string]any{"line-join": "round"},
			Paint: map[string]any{
				"line-color":     code.Color,
				"line-width":     byZoom(1.3, 5, width*0.4, 14, width, 18, width*1.6),
				"line-dasharray": boundaryDashes[min(rank, len(boundaryDashes)-1)],
				"line-opacity":   byZoom(1, 6, 0.5, 12, 0.85),
			},
		})
	}
}
