package edit_test

import (
	"fmt"
	"iter"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/edit"
)

// field is a cadastre of n parcels in a grid turned by 20 degrees, so that every box overlaps its neighbours' boxes
// while the parcels only touch.
func field(n int) iter.Seq2[geodata.Change, error] {
	const side, lonM, latM = 25.0, 1 / 103_000.0, 1 / 110_700.0
	width := int(math.Ceil(math.Sqrt(float64(n))))
	sin, cos := math.Sincos(20 * math.Pi / 180)
	corner := func(col, row int) orb.Point {
		x, y := side*float64(col-width/2), side*float64(row-width/2)
		return orb.Point{103.66 + (x*cos-y*sin)*lonM, 22.345 + (x*sin+y*cos)*latM}
	}
	return func(yield func(geodata.Change, error) bool) {
		for k := range n {
			col, row := k%width, k/width
			ring := orb.Ring{corner(col, row), corner(col+1, row), corner(col+1, row+1), corner(col, row+1), corner(col, row)}
			c := geodata.Change{
				Layer: "parcels", Op: geodata.Upsert, Geometry: orb.Polygon{ring}, HasGeometry: true, Ref: strconv.Itoa(k),
				Properties: map[string]any{
					"former_commune": "03412", "sheet": 1 + k/10_000, "number": 1 + k%10_000, "legal_area_m2": 625.0, "certificate": "issued",
					"purposes": []any{map[string]any{"code": "LUC", "area_m2": 625.0}}, "source": "đo đạc", "code": fmt.Sprintf("03412-%d-%d", 1+k/10_000, 1+k%10_000),
				},
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// BANDO_PARCELS sets how many parcels the import of a whole cadastre takes; a few are enough to see that it works.
func TestACadastreComesInAndComesAgainUnchanged(t *testing.T) {
	n := 3_000
	if more, err := strconv.Atoi(os.Getenv("BANDO_PARCELS")); err == nil {
		n = more
	}
	b := newBench(t)
	b.commune()
	for _, want := range []edit.Result{{Added: n}, {Unchanged: n}} {
		start, last := time.Now(), 0
		r, err := b.editor.Apply(t.Context(), land, edit.Batch{Changes: field(n), Each: true, Via: "import", Progress: func(done int) { last = done }})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d parcels in %v: %d added, %d unchanged", n, time.Since(start).Round(time.Millisecond), r.Added, r.Unchanged)
		if r.Added != want.Added || r.Unchanged != want.Unchanged || r.RefusedCount != 0 || last != n {
			t.Fatalf("%d added, %d unchanged, %d refused, progress %d: %v", r.Added, r.Unchanged, r.RefusedCount, last, r.Refused[:min(3, len(r.Refused))])
		}
	}
}
