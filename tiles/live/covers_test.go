package live_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/live"
	"bando/tiles/tilestest"
)

func TestWhereNothingIsCoveredAllTilesBelowAreEmpty(t *testing.T) {
	b := furnished(t, nil)
	rng := rand.New(rand.NewPCG(5, 6))
	var covered, bare int
	for _, audience := range geodata.Audiences {
		all := b.seenBy(audience)
		for range 600 {
			z := rng.Int64N(18)
			x, y := tileOf(z, lon+rng.NormFloat64()*0.05, lat+rng.NormFloat64()*0.05)
			r := ask(t, audience, z, x, y, all[rng.IntN(len(all))])
			if b.engine.Covers(r) {
				covered++
				if z > 0 {
					above := ask(t, audience, z-1, x/2, y/2, r.Layers...)
					if !b.engine.Covers(above) {
						t.Errorf("%v covers %s and not %s above it", r.Layers, r.Coord, above.Coord)
					}
				}
				continue
			}
			bare++
			deep := rng.Int64N(3)
			below := ask(t, audience, z+deep, x<<deep+rng.Int64N(1<<deep), y<<deep+rng.Int64N(1<<deep), r.Layers...)
			for _, one := range []tiles.Request{r, below} {
				if got := tilestest.Get(t, b.engine, one); len(got.Data) > 0 {
					t.Errorf("%v does not cover %s, and %s has %d bytes", r.Layers, r.Coord, one.Coord, len(got.Data))
				}
			}
		}
	}
	if covered < 100 || bare < 100 {
		t.Errorf("%d covered, %d not: the test sees too little", covered, bare)
	}
}

func TestCoversAndExtentKnowWhoAsksAndWhatIsGone(t *testing.T) {
	b := furnished(t, nil)
	if r := at(t, geodata.Staff, 12, "inner"); !b.engine.Covers(r) {
		t.Error("staff do not see the inner line")
	}
	if r := at(t, geodata.Public, 12, "inner"); b.engine.Covers(r) {
		t.Error("the public learns that there is an inner line")
	}
	if _, ok := b.engine.Extent([]string{"inner"}, geodata.Public); ok {
		t.Error("the public learns where the inner line is")
	}
	where, ok := b.engine.Extent([]string{"inner", "figures", "nothing"}, geodata.Staff)
	for i, want := range []float64{lon, lat, lon + 0.01, lat} {
		if !ok || math.Abs(where[i]-want) > 1e-6 {
			t.Fatalf("the inner line lies at %v", where)
		}
	}
	b.exec(t, `DELETE FROM layer.inner`)
	b.settle(t)
	if b.engine.Covers(at(t, geodata.Staff, 12, "inner")) {
		t.Error("a line that is gone still covers")
	}
	if where, ok := b.engine.Extent([]string{"inner"}, geodata.Staff); ok {
		t.Errorf("a line that is gone lies at %v", where)
	}
}

func TestALayerInTheDatabaseMayCoverAnything(t *testing.T) {
	b := furnished(t, func(c *live.Config) { c.Pinned = map[string]live.State{"spots": live.Database} })
	if !b.engine.Covers(ask(t, geodata.Public, 12, 5, 5, "areas", "spots")) {
		t.Error("nobody knows whether spots lie there")
	}
	if b.engine.Covers(ask(t, geodata.Public, 12, 5, 5, "areas")) {
		t.Error("no area lies there")
	}
	if _, ok := b.engine.Extent([]string{"spots"}, geodata.Public); ok {
		t.Error("the engine tells the extent of a layer that it does not hold")
	}
}
