package cache_test

import (
	"context"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/tilestest"
)

// drawn puts one point for every layer into the tiles of zoom 14.
func drawn(_ context.Context, r tiles.Request) (tiles.Tile, error) {
	if r.Coord.Z() != 14 {
		return tiles.Tile{}, nil
	}
	var layers mvt.Layers
	for _, id := range r.Layers {
		if id == "nothing" {
			return tiles.Tile{}, geodata.ErrNoLayer
		}
		f := geojson.NewFeature(orb.Point{float64(r.Coord.X() % 4096), 7})
		f.Properties["name"] = "a name that is long enough for the tile to be worth compressing, and then some, and then some, and then some"
		layers = append(layers, &mvt.Layer{Name: id, Version: 2, Extent: 4096, Features: []*geojson.Feature{f}})
	}
	data, err := mvt.Marshal(layers)
	return tiles.Tile{Data: data}, err
}

func TestConformance(t *testing.T) {
	tilestest.Run(t, tilestest.Case{
		Source: open(t, made(drawn), 0, always),
		Full: []tiles.Request{
			{Layers: []string{"roads"}, Audience: "public", Coord: coord(t, 14, 12910, 7148)},
			{Layers: []string{"roads", "hamlets"}, Audience: "staff", Coord: coord(t, 14, 12911, 7148)},
		},
		Empty:   []tiles.Request{{Layers: []string{"roads"}, Audience: "public", Coord: coord(t, 13, 1, 1)}},
		Unknown: tiles.Request{Layers: []string{"nothing"}, Audience: "public", Coord: coord(t, 14, 12910, 7148)},
	})
}
