package live

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"bando/geodata"
)

// tired is a context that ends after it has been asked some times.
type tired struct {
	context.Context
	asked, patience int
}

func (c *tired) Err() error {
	if c.asked++; c.asked > c.patience {
		return context.Canceled
	}
	return nil
}

func TestATileNobodyWaitsForIsNotDrawnToItsEnd(t *testing.T) {
	e := offline(t)
	e.hold("parcels", e.parcels(20_000))
	r := tileAt(t, 14, middleLon, middleLat, 0, 0, geodata.Staff, "parcels")
	whole := &tired{Context: t.Context(), patience: math.MaxInt}
	if _, err := e.Tile(whole, r); err != nil {
		t.Fatal(err)
	}
	if whole.asked < 4 {
		t.Fatalf("the tile is too small for the test: the context was asked %d times", whole.asked)
	}
	for patience := range whole.asked - 1 {
		ctx := &tired{Context: t.Context(), patience: patience}
		if _, err := e.Tile(ctx, r); !errors.Is(err, context.Canceled) {
			t.Fatalf("a context that ends when asked for the %dth time gives %v", patience+1, err)
		}
		if ctx.asked > patience+2 {
			t.Errorf("after the context had ended it was asked %d times more", ctx.asked-patience-1)
		}
	}
	if _, err := e.Tile(t.Context(), r); err != nil {
		t.Errorf("the next tile: %v", err)
	}
}

func TestAPanicIsTheErrorOfItsTileAndNamesTheLayer(t *testing.T) {
	e := offline(t)
	e.hold("parcels", e.parcels(100))
	v := e.hold("land_use", func(add func(row)) {
		e.parcels(100)(func(r row) {
			r.values = nil
			add(r)
		})
	})
	broken := *v.segments[0]
	broken.starts = broken.starts[:1]
	e.layers["land_use"].view.Store(&view{segments: []*segment{&broken}, dead: v.dead})
	r := tileAt(t, 16, middleLon, middleLat, 0, 0, geodata.Staff, "parcels", "land_use")
	if _, err := e.Tile(t.Context(), r); err == nil || !strings.Contains(err.Error(), "draw layer land_use") {
		t.Errorf("the broken layer gives %v", err)
	}
	r.Layers = r.Layers[:1]
	if tile, err := e.Tile(t.Context(), r); err != nil || len(tile.Data) == 0 {
		t.Errorf("the other layer gives %d bytes and %v", len(tile.Data), err)
	}
}
