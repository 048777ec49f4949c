package layers

import (
	"slices"

	"bando/geodata"
)

// lastZoom is the zoom of a layer's deepest tiles where its declaration names none.
const lastZoom = 18

// LastZoom is the zoom of the layer's deepest tiles; clients draw deeper zooms from them.
func LastZoom(l geodata.Layer) int {
	if l.Tile.MaxZoom == 0 {
		return lastZoom
	}
	return l.Tile.MaxZoom
}

// FirstZoom is the zoom from which the audience's tiles carry the layer.
func FirstZoom(l geodata.Layer, a geodata.Audience) int {
	if a == geodata.Public {
		return max(l.Tile.MinZoom, l.Public.MinZoom)
	}
	return l.Tile.MinZoom
}

// InTile reports whether a tile of the zoom carries the layer for the audience.
func InTile(l geodata.Layer, zoom int, a geodata.Audience) bool {
	return !l.Tile.Skip && l.Sees(a) && zoom >= FirstZoom(l, a) && zoom <= LastZoom(l)
}

// TileFields lists the attributes that tiles of the zoom carry for the audience, code and name first. The feature's id
// is no attribute: it is the id of the tile's feature. Of them the layer "<id>_label" carries those that geodata.Style.Labels names.
func TileFields(l geodata.Layer, zoom int, a geodata.Audience) []geodata.Field {
	return slices.DeleteFunc(slices.Clone(l.AllFieldsFor(a)), func(f geodata.Field) bool {
		return f.Name != "code" && f.Name != "name" && (f.TileFrom == nil || zoom < *f.TileFrom)
	})
}
