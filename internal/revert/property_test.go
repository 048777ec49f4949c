package revert_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/edit"
	"bando/internal/proof"
	"bando/internal/revert"
)

// life makes random revisions of facilities, each of several changes.
type life struct {
	*desk
	*rand.Rand
	living map[int64]bool
	made   int
}

func (l *life) some() (int64, bool) {
	for id := int64(1); id <= int64(l.made)+50; id++ {
		if l.living[id] && l.IntN(3) == 0 {
			return id, true
		}
	}
	return 0, false
}

// act does a few things at once, some of them to the same feature.
func (l *life) act() geodata.Revision {
	l.Helper()
	var changes []geodata.Change
	for range 1 + l.IntN(5) {
		id, there := l.some()
		switch what := l.IntN(5); {
		case !there || what == 0:
			l.made++
			changes = append(changes, facility(fmt.Sprint("F", l.made), l.Float64()*20))
		case what == 1:
			delete(l.living, id)
			changes = append(changes, geodata.Change{Layer: "facilities", Op: geodata.Delete, ID: id})
		default:
			c := merge("facilities", id, map[string]any{"name": fmt.Sprint("Nhà ", l.IntN(1000))})
			if l.IntN(2) == 0 {
				c.Properties["note"] = []any{nil, "ghi chú"}[l.IntN(2)]
			}
			if l.IntN(2) == 0 {
				c.Geometry, c.HasGeometry = orb.Point{103.6 + l.Float64()/50, 22.34}, true
			}
			changes = append(changes, c)
		}
	}
	r := l.apply(culture, changes...)
	for n, o := range r.Outcomes {
		if o.Did == edit.Created {
			l.living[r.Features[n]] = true
		}
	}
	return r.Revision
}

func TestTakingBackAndTakingThatBackGiveTheSameRows(t *testing.T) {
	for seed := range uint64(6) {
		d := newDesk(t)
		l := &life{desk: d, Rand: rand.New(rand.NewPCG(seed, 1)), living: map[int64]bool{}} //nolint:gosec // a history that can be had again
		for range 12 {
			before := d.rows()
			n := l.act()
			if n == 0 {
				continue
			}
			after := d.rows()
			back := d.must(culture, n)
			if got := d.rows(); got != before {
				t.Fatalf("seed %d: %d taken back:\n%s\nwant\n%s", seed, n, got, before)
			}
			d.must(culture, back)
			if got := d.rows(); got != after {
				t.Fatalf("seed %d: %d done again:\n%s\nwant\n%s", seed, n, got, after)
			}
		}
		// Any revision of the past, with whatever is in the way: what is refused changes nothing, what is kept may be taken back.
		for n := geodata.Revision(1); n < 30; n++ {
			before := d.rows()
			a, err := d.back(culture, revert.Request{Revision: n, Each: n%2 == 0})
			switch {
			case err != nil || a.Revision == nil:
				if d.rows() != before {
					t.Fatalf("seed %d: %d was refused and changed something: %v", seed, n, err)
				}
			default:
				d.must(culture, *a.Revision)
				if got := d.rows(); got != before {
					t.Fatalf("seed %d: taking back of %d taken back:\n%s\nwant\n%s", seed, n, got, before)
				}
			}
		}
		report, err := proof.Verify(t.Context(), d.pool, proof.Options{})
		if err != nil || !report.Whole() {
			t.Fatalf("seed %d: the log is not whole: %+v, %v", seed, report, err)
		}
	}
}
