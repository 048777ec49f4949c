package layers

import "bando/geodata"

// labelRank orders words by weight: names of places over names of things, administrative names over all.
func labelRank(l geodata.Layer) int {
	switch {
	case l.Style.Kind == "road" || l.Style.Kind == "line":
		return 0
	case l.Style.Kind == "boundary":
		return 5
	case l.Style.Kind == "icon":
		return 3
	case len(l.Style.Rules) > 0:
		return 4
	case l.Style.Kind == "circle":
		return 2
	default:
		return 1
	}
}

// label writes a layer's words.
func (s *sheet) label(l geodata.Layer) {
	st := l.Style
	if st.Label == "" {
		return
	}
	d := Drawing{ID: l.ID + "-label", Type: "symbol", MinZoom: st.LabelFrom}
	switch st.Kind {
	case "road":
		s.roadLabels(l)
		return
	case "line":
		d.Layout, d.Paint = alongLine(get(st.Label), l.Theme), ink(lineInk(l), 1.4)
	case "boundary":
		s.boundaryLabels(l)
		return
	case "icon":
		d.Layout, d.Paint = placeName(get(st.Label)), ink(inkSoft, 1.5)
	case "circle":
		d.Layout, d.Paint = besidePoint(labelText(l, s.opts.Lang)), ink(inkDark, 1.5)
	default:
		d.Layout, d.Paint = inArea(l, s.opts.Lang), ink(inkDark, 1.3)
	}
	if l.Tile.LabelPoint {
		d.SourceLayer = l.ID + "_label"
	}
	s.put(bandLabel, l, d)
}

// labelText is the label, and below it in smaller type the word for the state, or a peak's height.
func labelText(l geodata.Layer, lang string) any {
	name := []any{"to-string", get(l.Style.Label)}
	small := map[string]any{"font-scale": 0.82, "text-font": []any{"literal", font(regular)}}
	if word := wordOf(l, lang); word != nil {
		return []any{"format", name, map[string]any{}, "\n", map[string]any{}, word, small}
	}
	if f, ok := l.Field("ele_m"); ok && f.TileFrom != nil {
		height := []any{"case", []any{"has", f.Name}, []any{"concat", "\n", []any{"to-string", []any{"round", get(f.Name)}}, " m"}, ""}
		return []any{"format", name, map[string]any{}, height, small}
	}
	return name
}

func besidePoint(text any) map[string]any {
	return map[string]any{
		"text-field": text, "text-font": font(medium),
		"text-size":            byZoom(1, 11, 10.5, 14, 11.5, 18, 14),
		"text-variable-anchor": []string{"top", "bottom", "left", "right"},
		"text-radial-offset":   0.75, "text-justify": "auto",
		"text-max-width": 9, "text-padding": 3,
	}
}

func inArea(l geodata.Layer, lang string) map[string]any {
	layout := map[string]any{
		"text-field": labelText(l, lang), "text-font": font(regular),
		"text-size": byZoom(1, 13, 9.5, 18, 13), "text-max-width": 8, "text-padding": 2,
	}
	if len(l.Style.Rules) > 0 { // a state's areas are what the map is about
		layout["text-font"] = font(semibold)
		layout["text-size"] = byZoom(1, 10, 10.5, 13, 13, 17, 17)
	}
	return layout
}

func placeName(name any) map[string]any {
	class := get("class")
	return map[string]any{
		"text-field": name, "text-font": font(medium),
		"text-size": byZoom(
			1,
			7, match(class, 9, []string{"city", "town"}, 12, []string{"village"}, 10),
			12, match(class, 10.5, []string{"city", "town"}, 15, []string{"village"}, 12.5),
			16, match(class, 12.5, []string{"city", "town"}, 19, []string{"village"}, 16),
		),
		"symbol-sort-key": match(class, 9, []string{"city", "town"}, 0, []string{"village"}, 1, []string{"suburb", "quarter"}, 2, []string{"hamlet"}, 3),
		"text-max-width":  8, "text-padding": 14, // wide, so that a hamlet and the place of its name do not both speak
	}
}

func alongLine(name any, theme geodata.Theme) map[string]any {
	layout := map[string]any{
		"text-field": name, "text-font": font(regular), "symbol-placement": "line",
		"text-size": byZoom(1, 12, 10, 17, 13), "symbol-spacing": 350, "text-max-angle": 35, "text-padding": 4,
	}
	if theme == geodata.Base { // water is spaced out
		layout["text-letter-spacing"] = 0.08
	}
	return layout
}

func lineInk(l geodata.Layer) string {
	if l.Theme == geodata.Base {
		return inkWater
	}
	return l.Style.Color
}

// roadLabels writes names along the roads, and the numbers of those that have one.
func (s *sheet) roadLabels(l geodata.Layer) {
	for _, d := range roadNames(l.ID, get(l.Style.Label), l.Style.LabelFrom) {
		s.put(bandLabel, l, d)
	}
}

func roadNames(id string, name any, from float64) []Drawing {
	return []Drawing{
		{
			ID: id + "-label", Type: "symbol", MinZoom: from,
			Filter: []any{"!", []any{"match", get("class"), []string{"service", "path", "track"}, true, false}},
			Layout: map[string]any{
				"text-field": name, "text-font": font(regular), "symbol-placement": "line", "symbol-spacing": 420,
				"text-size": byZoom(1, 13, 9.5, 17, 13), "text-max-angle": 30, "text-padding": 6,
			},
			Paint: ink("#6b5d43", 1.4),
		},
		{
			ID: id + "-ref", Type: "symbol", MinZoom: 9, Filter: []any{"has", "ref"},
			Layout: map[string]any{
				"text-field": get("ref"), "text-font": font(semibold), "symbol-placement": "line", "symbol-spacing": 500,
				"text-size": byZoom(1, 9, 9, 15, 11.5), "text-rotation-alignment": "viewport", "text-padding": 20,
			},
			Paint: map[string]any{"text-color": "#8a5a1c", "text-halo-color": "#fdf3dc", "text-halo-width": 2.2},
		},
	}
}

// boundaryLabels names the units in force: wide letters, quiet, only while they help to find one's way.
func (s *sheet) boundaryLabels(l geodata.Layer) {
	by, _ := l.Field(l.Style.By)
	for rank, code := range by.Enum {
		spans := [][2]float64{{5, 9.5}, {l.Style.LabelFrom, 13}, {11.5, 14}}
		span := spans[min(rank, len(spans)-1)]
		d := Drawing{
			ID: l.ID + "-label-" + code.Value, Type: "symbol", MinZoom: span[0], MaxZoom: span[1],
			Filter: []any{"==", get(l.Style.By), code.Value},
			Layout: map[string]any{
				"text-field": get(l.Style.Label), "text-font": font(medium), "text-letter-spacing": 0.12,
				"text-size": byZoom(1, 6, 10, 9, 12, 13, 16), "text-max-width": 7, "text-padding": 8,
			},
			Paint: ink(code.Color, 1.6),
		}
		if rank == 2 {
			d.Layout["text-size"] = byZoom(1, 11, 10, 14, 13)
		}
		if l.Tile.LabelPoint {
			d.SourceLayer = l.ID + "_label"
		}
		s.put(bandLabel, l, d)
	}
}

func font(face string) []string { return []string{face} }

// ink is the colour of words with a pale halo that lifts them off the ground.
func ink(color string, halo float64) map[string]any {
	return map[string]any{"text-color": color, "text-halo-color": haloColour, "text-halo-width": halo, "text-halo-blur": 0.4}
}
