package layers

import "bando/geodata"

// point draws points as dots with a pale ring, which keeps them apart from any ground. Layers of mixed geometry get
// their areas drawn too.
func (s *sheet) point(l geodata.Layer) {
	st := l.Style
	var filter []any
	if l.Geometry == geodata.Mixed {
		filter = []any{"==", []any{"geometry-type"}, "Point"}
		polygon := []any{"==", []any{"geometry-type"}, "Polygon"}
		s.put(bandFill, l, Drawing{
			ID: l.ID + "-area", Type: "fill", Filter: polygon,
			Paint: map[string]any{"fill-color": colourOf(l), "fill-opacity": 0.35},
		})
		edge := outline(l)
		edge.Filter = polygon
		edge.Paint["line-width"] = byZoom(1.3, 8, 0.8, 14, 1.6, 18, 3)
		s.put(bandFill, l, edge)
	}
	s.put(bandPoint, l, Drawing{
		ID: l.ID, Type: "circle", Filter: filter,
		Paint: map[string]any{
			"circle-color":        colourOf(l),
			"circle-radius":       byZoom(1.2, 8, st.Width*0.4, 12, st.Width*0.75, 15, st.Width, 18, st.Width*1.6),
			"circle-opacity":      opacity(st),
			"circle-stroke-color": paperBright,
			"circle-stroke-width": byZoom(1, 8, 0.6, 13, 1.5, 17, 2.2),
		},
	})
}
