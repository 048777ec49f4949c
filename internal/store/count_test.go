package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"bando/internal/store"
)

func TestACountIsExactAndKeptUntilTheLogMoves(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for _, q := range []store.Query{{Layer: "facilities"}, {Layer: "facilities", Filter: filter(t, "kind = 'school'")}} {
		before, err := b.store.Matched(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.store.Matched(t.Context(), q)
		if err != nil || again != before {
			t.Errorf("%v, then %v, %v", before, again, err)
		}
		b.exec(`INSERT INTO layer.facilities (name, kind, geom) VALUES ('Mới', 'school', ST_Point(103.6, 22.3, 4326))`)
		if after, err := b.store.Matched(t.Context(), q); err != nil || after.N != before.N+1 || after.Estimated {
			t.Errorf("%v, after an edit %v, %v", before, after, err)
		}
	}
}

func TestAGreatCountIsEstimatedAndSaysSo(t *testing.T) {
	b := newBench(t)
	b.crowd(101_000)
	n, err := b.store.Matched(t.Context(), store.Query{Layer: "buildings"})
	if err != nil || !n.Estimated || n.N < 100_001 || n.N > 110_000 {
		t.Errorf("%+v, %v", n, err)
	}
	n, err = b.store.Matched(t.Context(), store.Query{Layer: "buildings", Filter: filter(t, "id <= 99999")})
	if err != nil || n != (store.Count{N: 99_999}) {
		t.Errorf("%+v, %v", n, err)
	}
	began := time.Now()
	n, err = b.store.Matched(t.Context(), store.Query{Layer: "buildings", Filter: slow(t)})
	if err != nil || !n.Estimated || time.Since(began) > 5*time.Second {
		t.Errorf("a slow count: %+v, %v, after %s", n, err, time.Since(began))
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := b.store.Matched(ctx, store.Query{Layer: "buildings"}); !errors.Is(err, context.Canceled) {
		t.Errorf("for nobody: %v", err)
	}
}
