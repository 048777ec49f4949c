package layers

// baseSource is the id of the archive's source and of its tiles.
const baseSource = "base"

// The ground is quiet: warm paper, pale greens, grey-blue water. Colours of the themes stand out on it.
const (
	paper       = "#f6f2e7"
	paperBright = "#fffdf7"
	woodTone    = "#dce7cd"
	grassTone   = "#e7edd6"
	fieldTone   = "#f1ecd2"
	parkTone    = "#bcd3a9"
	settled     = "#ebe3d5"
	publicTone  = "#ece0d4"
	waterTone   = "#c2dae5"
	waterEdge   = "#93bdd2"
	inkDark     = "#37332b"
	inkSoft     = "#5c5648"
	inkWater    = "#3f7896"
	inkPark     = "#577a44"
	haloColour  = "rgba(252,249,241,0.92)"
)

func (s *sheet) ground() {
	s.bands[bandGround] = append(s.bands[bandGround], Drawing{
		ID: "background", Type: "background", Paint: map[string]any{"background-color": paper},
	})
}

// base draws the archive's layers (OpenMapTiles schema, https://openmaptiles.org/schema/). Names of roads and rivers
// come from the declared layers, or they would stand twice.
func (s *sheet) base() {
	name := []any{"coalesce", get("name"), get("name:latin")}
	s.lay(bandGround, "landcover", Drawing{ID: "base-landcover", Type: "fill", Paint: map[string]any{
		"fill-color": match(get("class"), grassTone, []string{"wood"}, woodTone, []string{"farmland"}, fieldTone,
			[]string{"sand", "rock"}, "#ece4d2", []string{"wetland"}, "#d9e6dd"),
		"fill-opacity": byZoom(1, 6, 0.5, 10, 0.9), "fill-antialias": false,
	}})
	s.lay(bandGround, "landuse", Drawing{ID: "base-landuse", Type: "fill", Paint: map[string]any{
		"fill-color": match(get("class"), publicTone, []string{"residential", "suburb", "neighbourhood"}, settled,
			[]string{"cemetery", "pitch", "garden"}, grassTone, []string{"industrial", "quarry"}, "#e4dfda"),
		"fill-opacity": 0.75,
	}})
	s.lay(bandGround, "park",
		Drawing{ID: "base-park", Type: "fill", Paint: map[string]any{"fill-color": parkTone, "fill-opacity": 0.22}},
		Drawing{ID: "base-park-outline", Type: "line", Paint: map[string]any{
			"line-color": parkTone, "line-width": byZoom(1.3, 8, 0.6, 14, 2), "line-opacity": 0.8,
		}})
	s.lay(bandGround, "water",
		Drawing{ID: "base-water", Type: "fill", Paint: map[string]any{"fill-color": waterTone}},
		Drawing{ID: "base-water-outline", Type: "line", MinZoom: 12, Paint: map[string]any{"line-color": waterEdge, "line-width": 0.6}})
	s.lay(bandWater, "waterway", Drawing{
		ID: "base-waterway", Type: "line",
		Layout: map[string]any{"line-cap": "round", "line-join": "round"},
		Paint: map[string]any{
			"line-color": waterEdge,
			"line-width": byZoom(1.4, 8, match(get("class"), 0.2, "river", 0.6), 14, match(get("class"), 1.2, "river", 2.2), 18, match(get("class"), 4, "river", 7)),
		},
	})
	s.lay(bandBuilding, "building", buildings("base-building", "-outline", "#ded2c0", "#c5b59d")...)
	s.lay(bandRoad, "transportation", roads("base-road", "outline", 0)...)
	s.lay(bandBorder, "boundary", Drawing{
		ID: "base-boundary", Type: "line", MaxZoom: 12,
		Filter: []any{"all", []any{"match", get("admin_level"), []int{2, 3, 4}, true, false}, []any{"match", get("disputed"), 1, false, true}},
		Paint:  map[string]any{"line-color": "#a58aa0", "line-width": byZoom(1.2, 4, 0.5, 12, 1.4), "line-dasharray": []float64{5, 2}, "line-opacity": 0.6},
	})
	s.baseWords(name)
}

func (s *sheet) baseWords(name any) {
	s.lay(bandLabel, "water_name", Drawing{
		ID: "base-water-label", Type: "symbol", MinZoom: 12,
		Filter: []any{"==", []any{"geometry-type"}, "Point"},
		Layout: map[string]any{"text-field": name, "text-font": font(regular), "text-size": 11, "text-letter-spacing": 0.08, "text-max-width": 6},
		Paint:  ink(inkWater, 1.3),
	})
	s.lay(bandLabel, "park", Drawing{
		ID: "base-park-label", Type: "symbol", MinZoom: 11,
		Layout: map[string]any{"text-field": name, "text-font": font(regular), "text-size": byZoom(1, 11, 10, 16, 13), "text-letter-spacing": 0.06, "text-max-width": 8},
		Paint:  ink(inkPark, 1.3),
	})
	s.lay(bandLabel, "mountain_peak", Drawing{
		ID: "base-peak-label", Type: "symbol", MinZoom: 11, Filter: []any{"has", "name:latin"},
		Layout: map[string]any{
			"text-field": []any{"format", name, map[string]any{}, []any{"case", []any{"has", "ele"}, []any{"concat", "\n", []any{"to-string", get("ele")}, " m"}, ""}, map[string]any{"font-scale": 0.82}},
			"text-font":  font(regular), "text-size": byZoom(1, 11, 10, 15, 12), "text-max-width": 8,
		},
		Paint: ink("#6b5b4a", 1.3),
	})
	s.lay(bandLabel, "place", Drawing{
		ID: "base-place-label", Type: "symbol", MinZoom: 5,
		Filter: []any{"match", get("class"), []string{"city", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood"}, true, false},
		Layout: placeName(name), Paint: ink(inkSoft, 1.5),
	})
}

// lay adds drawings of one of the archive's layers.
func (s *sheet) lay(b band, layer string, drawings ...Drawing) {
	for _, d := range drawings {
		d.Source, d.SourceLayer = baseSource, layer
		d.Metadata = map[string]any{"bando:layer": baseSource, "bando:theme": "base"}
		s.bands[b] = append(s.bands[b], d)
	}
}
