package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"

	"bando/geodata"
	"bando/tiles"
)

// Meta is what an archive says of itself. The words come from the file: they are data, not markup.
type Meta struct {
	Name, Description string
	// Attribution is plain text with HTML's special characters escaped: clients put it into their page.
	Attribution      string
	Bounds           geodata.Extent
	MinZoom, MaxZoom int
	VectorLayers     []VectorLayer
}

// VectorLayer is one layer inside the tiles, as TileJSON 3 has it.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// maxVectorLayers is more than any map style draws.
const maxVectorLayers = 500

func (v *version) readMeta(ctx context.Context) (Meta, error) {
	h := v.header
	m := Meta{MinZoom: int(h.MinZoom), MaxZoom: int(h.MaxZoom), Bounds: bounds(h.MinLonE7, h.MinLatE7, h.MaxLonE7, h.MaxLatE7)}
	if h.MetadataLength == 0 {
		return m, errors.New("there is none, so the layers in the tiles are unknown")
	}
	stored, err := v.from.piece(ctx, extent{h.MetadataOffset, h.MetadataLength})
	if err != nil {
		return m, err
	}
	plain, err := unpacked(stored, h.InternalCompression, maxMetadataOpen)
	if err != nil {
		return m, err
	}
	var said struct {
		Name         string `json:"name"`
		Description  string `json:"description"`
		Attribution  string `json:"attribution"`
		VectorLayers []struct {
			VectorLayer
			MinZoom *int `json:"minzoom"`
			MaxZoom *int `json:"maxzoom"`
		} `json:"vector_layers"`
	}
	if err := json.Unmarshal(plain, &said); err != nil {
		return m, fmt.Errorf("not the JSON that the format asks for: %w", err)
	}
	if len(said.VectorLayers) > maxVectorLayers {
		return m, fmt.Errorf("%d layers are more than %d", len(said.VectorLayers), maxVectorLayers)
	}
	m.Name, m.Description, m.Attribution = said.Name, said.Description, plainText(said.Attribution)
	for _, l := range said.VectorLayers {
		if l.ID == "" {
			return m, errors.New("a layer has no id")
		}
		shown := VectorLayer{ID: l.ID, Description: l.Description, Fields: l.Fields, MinZoom: m.MinZoom, MaxZoom: m.MaxZoom}
		if l.MinZoom != nil {
			shown.MinZoom = min(max(*l.MinZoom, 0), tiles.MaxZoom)
		}
		if l.MaxZoom != nil {
			shown.MaxZoom = min(max(*l.MaxZoom, shown.MinZoom), tiles.MaxZoom)
		}
		if shown.Fields == nil {
			shown.Fields = map[string]string{}
		}
		m.VectorLayers = append(m.VectorLayers, shown)
	}
	return m, nil
}

// bounds reads the header's box in units of 1e-7 degrees; one that is none stands for the whole world.
func bounds(w, s, e, n int32) geodata.Extent {
	x := geodata.Extent{float64(w) / 1e7, float64(s) / 1e7, float64(e) / 1e7, float64(n) / 1e7}
	if x[0] < -180 || x[2] > 180 || x[1] < -90 || x[3] > 90 || x[0] >= x[2] || x[1] >= x[3] {
		return geodata.Extent{-180, -85.0511287, 180, 85.0511287}
	}
	return x
}

var markup = regexp.MustCompile(`<[^>]*>`)

// plainText takes the markup out of a sentence, so that nothing in a file becomes part of a page.
func plainText(s string) string {
	return html.EscapeString(strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(s, ""))))
}
