package postgis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/tiles"
)

// parcels is a database with a village of 20,000 parcels, after which came 22,500 entries of the log: half of the parcels were
// surveyed anew, which moved them, a quarter changed their use, a quarter were deleted, and for half of those came others. It
// gives the moment between.
func parcels(t testing.TB) (p *pgxpool.Pool, cat *geodata.Catalogue, between time.Time) {
	t.Helper()
	cat, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p = pool(t, "migrated", cat)
	exec(t, p, `INSERT INTO layer.parcels (former_commune, sheet, number, main_purpose, legal_area_m2, geom)
		SELECT '03163', 1 + i / 1000, 1 + i % 1000, 'ONT', 100.5 + i, ST_Multi(ST_Buffer(ST_Point(103.64 + 0.0004 * (i % 150), 22.32 + 0.0004 * (i / 150), 4326), 0.00018, 3))
		FROM generate_series(0, 19999) i`)
	between = newest(t, p)
	for _, change := range []string{
		`UPDATE layer.parcels SET geom = ST_Translate(geom, 0.00001, 0) WHERE id % 2 = 0 AND id % 400 / 20 = $1`,
		`UPDATE layer.parcels SET main_purpose = 'LUC' WHERE id % 4 = 1 AND id % 400 / 20 = $1`,
		`WITH gone AS (DELETE FROM layer.parcels WHERE id % 4 = 3 AND id % 400 / 20 = $1 RETURNING *)
			INSERT INTO layer.parcels (former_commune, sheet, number, main_purpose, geom) SELECT former_commune, 50 + sheet, number, main_purpose, geom FROM gone WHERE id % 8 = 3`,
	} {
		for n := range 20 {
			exec(t, p, change, n)
		}
	}
	exec(t, p, `VACUUM ANALYZE layer.parcels, bando.log`)
	return p, cat, between
}

// BenchmarkPast draws tiles of parcels as they are and as they were before 20,000 entries of the log.
func BenchmarkPast(b *testing.B) {
	p, cat, between := parcels(b)
	now, old := source(p, cat), pastOf(p, cat)
	draw := func(of geodata.Audience, z int, tile func(context.Context, tiles.Request) (tiles.Tile, error)) func(*testing.B) {
		return func(b *testing.B) {
			bytes, n := 0, 0
			for b.Loop() {
				x, y := int64(z15x)<<z>>15, int64(z15y)<<z>>15
				t, err := tile(b.Context(), ask(b, of, int64(z), x+int64(n%2), y+int64(n/2%2), "parcels"))
				if err != nil {
					b.Fatal(err)
				}
				bytes += len(t.Data)
				n++
			}
			b.ReportMetric(float64(bytes)/float64(n), "tile-bytes")
		}
	}
	asOf := func(at time.Time) func(context.Context, tiles.Request) (tiles.Tile, error) {
		return func(ctx context.Context, r tiles.Request) (tiles.Tile, error) { return old.Tile(ctx, r, at) }
	}
	lately := newest(b, p)
	for _, z := range []int{14, 15, 16, 17} {
		for _, audience := range geodata.Audiences {
			name := fmt.Sprintf("zoom=%d/%s/", z, audience)
			b.Run(name+"now", draw(audience, z, now.Tile))
			b.Run(name+"lately", draw(audience, z, asOf(lately))) // nothing came after
			b.Run(name+"then", draw(audience, z, asOf(between)))
		}
	}
}
