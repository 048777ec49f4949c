package tiles_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/tiles"
)

func TestATileTellsWhatItLeavesOut(t *testing.T) {
	before := []byte{1, 2, 3}
	if got := tiles.AppendLeftOut(bytes.Clone(before), []tiles.LeftOut{{Layer: "roads"}}); !bytes.Equal(got, before) {
		t.Errorf("nothing is left out, and the tile grew by %d bytes", len(got)-len(before))
	}
	data := tiles.AppendLeftOut(nil, []tiles.LeftOut{
		{Layer: "parcels", Specks: 300, Merged: 70_000}, {Layer: "roads"}, {Layer: "hamlets", Specks: 2, Merged: 2},
	})
	layers, err := mvt.Unmarshal(data)
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	l := layers[0]
	if l.Name != tiles.LeftOutLayer || l.Version != 2 || l.Extent != 4096 || len(l.Features) != 2 {
		t.Fatalf("layer %+v", l)
	}
	for i, want := range []map[string]any{
		{"layer": "parcels", "specks": 300.0, "merged": 70_000.0}, {"layer": "hamlets", "specks": 2.0, "merged": 2.0},
	} {
		f := l.Features[i]
		if !maps.Equal(map[string]any(f.Properties), want) || f.Geometry != (orb.Point{2048, 2048}) || f.ID != float64(i+1) {
			t.Errorf("feature %v at %v tells %v, want %v", f.ID, f.Geometry, f.Properties, want)
		}
	}
	if room := tiles.LeftOutRoom * (1 + 2); len(data) > room {
		t.Errorf("%d bytes, and %d were kept free", len(data), room)
	}
}
