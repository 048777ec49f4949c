package layers

import "bando/geodata"

// line draws rivers, routes and other lines. Water lies below the roads, routes above them with a pale sheath.
func (s *sheet) line(l geodata.Layer) {
	st := l.Style
	where := bandRoute
	width := byZoom(1.4, 8, st.Width*0.3, 14, st.Width, 18, st.Width*3)
	if l.Theme == geodata.Base {
		where = bandWater
	} else {
		s.put(where, l, Drawing{
			ID: l.ID + "-outline", Type: "line",
			Layout: map[string]any{"line-cap": "round", "line-join": "round"},
			Paint: map[string]any{
				"line-color": paper, "line-opacity": 0.7,
				"line-width": byZoom(1.4, 8, st.Width*0.3+1.5, 14, st.Width+2.5, 18, st.Width*3+3),
			},
		})
	}
	d := Drawing{
		ID: l.ID, Type: "line",
		Layout: map[string]any{"line-join": "round"},
		Paint:  map[string]any{"line-color": colourOf(l), "line-width": width, "line-opacity": opacity(st)},
	}
	if len(st.Dash) > 0 {
		d.Paint["line-dasharray"] = st.Dash
	} else {
		d.Layout["line-cap"] = "round"
	}
	s.put(where, l, d)
}

// roadClass is how a class of the OpenMapTiles schema is drawn: widths in px at zooms 8, 12, 14, 16 and 18.
type roadClass struct {
	names  []string
	widths [5]float64
	fill   string
	casing string
}

// roadClasses go from the lightest to the heaviest.
var roadClasses = []roadClass{
	{[]string{"service", "busway", "raceway", "pier", "pedestrian"}, [5]float64{0, 0, 0.8, 2.6, 7}, "#fffdf8", "#d3c9b6"},
	{[]string{"minor"}, [5]float64{0, 0.6, 1.5, 4.4, 11}, "#fffdf8", "#cbbfa8"},
	{[]string{"tertiary"}, [5]float64{0.3, 1.3, 2.5, 6, 14}, "#fdf3d3", "#c9b58c"},
	{[]string{"secondary"}, [5]float64{0.6, 1.7, 3.1, 7, 16}, "#fae6b0", "#c4a568"},
	{[]string{"primary"}, [5]float64{0.9, 2.1, 3.7, 8, 18}, "#f6d48f", "#bf9450"},
	{[]string{"trunk", "motorway"}, [5]float64{1.2, 2.6, 4.4, 9, 20}, "#f1ba72", "#b57f3e"},
}

var roadZooms = [5]float64{8, 12, 14, 16, 18}

// roads draws a network by the field "class": casings below, surfaces above, heavier classes over lighter ones, paths
// dashed. The archive and the declared layer share it, so that the one continues the other.
func roads(id, casing string, from float64) []Drawing {
	var names, fills, casings, order []any
	for rank, c := range roadClasses {
		names = append(names, toAny(c.names)...)
		fills = append(fills, c.names, c.fill)
		casings = append(casings, c.names, c.casing)
		order = append(order, c.names, rank)
	}
	class := get("class")
	paved := []any{"match", class, names, true, false}
	sort := match(class, 0, order...)
	tunnel := []any{"match", get("brunnel"), "tunnel", 0.35, 1}
	joined := func() map[string]any {
		return map[string]any{"line-cap": "round", "line-join": "round", "line-sort-key": sort}
	}
	return []Drawing{
		dashed(id+"-path", []string{"path", "aerialway"}, "#a58a5f", []float64{1, 1.6}, byZoom(1.3, 13, 0.7, 18, 2), max(13, from)),
		dashed(id+"-track", []string{"track"}, "#b0925c", []float64{3.5, 1.4}, byZoom(1.3, 12, 0.7, 18, 2.6), max(12, from)),
		{
			ID: id + "-" + casing, Type: "line", Filter: paved, MinZoom: from, Layout: joined(),
			Paint: map[string]any{"line-color": match(class, "#cbbfa8", casings...), "line-width": roadWidth(1), "line-opacity": tunnel},
		},
		{
			ID: id, Type: "line", Filter: paved, MinZoom: from, Layout: joined(),
			Paint: map[string]any{"line-color": match(class, "#fffdf8", fills...), "line-width": roadWidth(0), "line-opacity": tunnel},
		},
		dashed(id+"-rail", []string{"rail", "transit"}, "#8d8778", []float64{4, 2}, byZoom(1.3, 10, 0.8, 16, 2.4), max(10, from)),
		dashed(id+"-ferry", []string{"ferry"}, "#6f9fba", []float64{4, 2}, 1.2, max(9, from)),
		dashed(id+"-works", constructions(), "#b5a88e", []float64{2, 1.5}, byZoom(1.3, 12, 0.8, 16, 3), max(12, from)),
	}
}

// roadWidth interpolates each class's width, with a casing's edge of about the given px on either side at zoom 14.
func roadWidth(edge float64) []any {
	stops := make([]any, 0, 2*len(roadZooms))
	for i, z := range roadZooms {
		var pairs []any
		for _, c := range roadClasses {
			w := c.widths[i]
			if w > 0 {
				w += edge * (0.6 + 0.35*float64(i))
			}
			pairs = append(pairs, c.names, w)
		}
		stops = append(stops, z, match(get("class"), 0, pairs...))
	}
	return byZoom(1.45, stops...)
}

func dashed(id string, classes []string, color string, dash []float64, width any, from float64) Drawing {
	return Drawing{
		ID: id, Type: "line", MinZoom: from, Filter: []any{"match", get("class"), classes, true, false},
		Layout: map[string]any{"line-join": "round"},
		Paint:  map[string]any{"line-color": color, "line-width": width, "line-dasharray": dash},
	}
}

// constructions are the classes that OpenMapTiles gives to roads being built.
func constructions() []string {
	built := []string{"motorway", "trunk", "primary", "secondary", "tertiary", "minor", "service", "track", "path"}
	for i, c := range built {
		built[i] = c + "_construction"
	}
	return built
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
