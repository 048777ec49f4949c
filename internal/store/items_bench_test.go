package store_test

import (
	"fmt"
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/store"
)

// byPostGIS is the same page as PostgreSQL writes it.
const byPostGIS = `SELECT f.id, '{"type":"Feature","id":' || f.id || ',"geometry":' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW(f.geom), 9), 'null')
	|| ',"properties":' || row_to_json((SELECT p FROM (SELECT %s) p)) || '}' FROM layer.parcels f ORDER BY f.id LIMIT 1000`

// parcels are squares with the attributes of a parcel, many enough for pages of a thousand.
func (b *bench) parcels(n int) {
	b.exec(`INSERT INTO layer.parcels (former_commune, sheet, number, main_purpose, legal_area_m2, geom)
		SELECT '03163', 1 + i / 1000, 1 + i % 1000, 'ONT', 100.5 + i, ST_Multi(ST_Buffer(ST_Point(103.5 + 0.0005 * (i % 300), 22.3 + 0.0005 * (i / 300), 4326), 0.0002, 2))
		FROM generate_series(1, $1) i`, n)
	b.exec(`VACUUM ANALYZE layer.parcels`)
}

func BenchmarkItems(bb *testing.B) {
	b := newBench(bb)
	b.parcels(20_000)
	read := func(q store.Query) func(*testing.B) {
		return func(bb *testing.B) {
			bb.ReportAllocs()
			for bb.Loop() {
				n := 0
				for item, err := range b.store.Items(bb.Context(), q) {
					if err != nil {
						bb.Fatal(err)
					}
					n += len(item.JSON)
				}
				bb.SetBytes(int64(n))
			}
		}
	}
	page := store.Query{Layer: "parcels", Who: officer, Limit: 1000}
	bb.Run("from bytes", read(page))
	bb.Run("from text by PostGIS", func(bb *testing.B) {
		var columns string
		if err := b.pool.QueryRow(bb.Context(), `SELECT string_agg('f.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'layer.parcels'::regclass AND attnum > 0 AND attname NOT IN ('id', 'geom')`).Scan(&columns); err != nil {
			bb.Fatal(err)
		}
		sql := fmt.Sprintf(byPostGIS, columns)
		bb.ReportAllocs()
		for bb.Loop() {
			rows, err := b.pool.Query(bb.Context(), sql)
			if err != nil {
				bb.Fatal(err)
			}
			n := 0
			for rows.Next() {
				n += len(rows.RawValues()[1])
			}
			if err := rows.Err(); err != nil {
				bb.Fatal(err)
			}
			bb.SetBytes(int64(n))
		}
	})
	last := page
	var cursor string
	for item, err := range b.store.Items(bb.Context(), store.Query{Layer: "parcels", Limit: 19_000, SkipGeometry: true, Properties: []string{}}) {
		if err != nil {
			bb.Fatal(err)
		}
		cursor = item.Cursor()
	}
	last.After = cursor
	bb.Run("the last page", read(last))
	metres := page
	metres.SRID = 9205
	bb.Run("in EPSG:9205", read(metres))
	bb.Run("a box", read(store.Query{Layer: "parcels", Limit: 1000, Box: &store.Box{Extent: [4]float64{103.52, 22.305, 103.53, 22.32}}}))
	bb.Run("one", func(bb *testing.B) {
		bb.ReportAllocs()
		for bb.Loop() {
			if _, err := b.store.Item(bb.Context(), "parcels", 7000, anyone); err != nil {
				bb.Fatal(err)
			}
		}
	})
}

// BenchmarkItemsOfAMoment reads what is in a box of a hundred parcels, now and before each of 20,000 parcels had been moved.
func BenchmarkItemsOfAMoment(bb *testing.B) {
	b := newBench(bb)
	b.parcels(20_000)
	between := b.newest()
	b.exec(`UPDATE layer.parcels SET geom = ST_Translate(geom, 0.00001, 0)`)
	b.exec(`VACUUM ANALYZE layer.parcels, bando.log`)
	read := func(at time.Time) func(*testing.B) {
		return func(bb *testing.B) {
			for bb.Loop() {
				n := 0
				for _, err := range b.store.Items(bb.Context(), store.Query{
					Layer: "parcels", Who: officer, AsOf: at, Box: &store.Box{Extent: geodata.Extent{103.55, 22.31, 103.5549, 22.3149}},
				}) {
					if err != nil {
						bb.Fatal(err)
					}
					n++
				}
				if n < 100 {
					bb.Fatalf("%d parcels", n)
				}
			}
		}
	}
	bb.Run("now", read(time.Time{}))
	bb.Run("then", read(between))
}
