package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/pgtest"
)

// loaded is a database with bando's own tables and their constraints, holding a demo commune and some of the valleys beyond.
func loaded(t *testing.T, o demo.Options) *pgx.Conn {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	batch := &pgx.Batch{}
	for c, err := range demo.Commune(o) {
		if err != nil {
			t.Fatal(err)
		}
		queue(t, batch, catalogue, c)
		if batch.Len() == 2000 {
			send(t, tx, batch)
			batch = &pgx.Batch{}
		}
	}
	send(t, tx, batch)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, l := range catalogue.Layers() {
		if _, err := conn.Exec(t.Context(), "ANALYZE "+pgx.Identifier{"layer", l.ID}.Sanitize()); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// queue inserts a feature as the table's own row type, so that every column checks its value.
func queue(t *testing.T, batch *pgx.Batch, catalogue *geodata.Catalogue, c geodata.Change) {
	t.Helper()
	l, err := catalogue.Layer(c.Layer)
	if err != nil {
		t.Fatal(err)
	}
	row := maps.Clone(c.Properties)
	for name, value := range row {
		if place, ok := value.([]float64); ok {
			row[name] = geojson.NewGeometry(orb.Point{place[0], place[1]})
		}
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	columns, values := []string{"id"}, []string{"$1::bigint"}
	args := []any{c.ID, string(text)}
	for _, name := range slices.Sorted(maps.Keys(c.Properties)) {
		columns, values = append(columns, pgx.Identifier{name}.Sanitize()), append(values, "r."+pgx.Identifier{name}.Sanitize())
	}
	if l.Geometry != geodata.None {
		columns, values = append(columns, "geom"), append(values, "ST_GeomFromWKB($3, 4326)")
		args = append(args, wkb.MustMarshal(c.Geometry))
	}
	table := pgx.Identifier{"layer", c.Layer}.Sanitize()
	batch.Queue(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $2::jsonb) r",
		table, strings.Join(columns, ", "), strings.Join(values, ", "), table), args...)
}

func send(t *testing.T, tx pgx.Tx, batch *pgx.Batch) {
	t.Helper()
	if err := tx.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
}

// faults lists what a query finds wrong.
func faults(t *testing.T, conn *pgx.Conn, what, query string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("%s: %d, such as %s", what, len(found), strings.Join(found[:min(len(found), 5)], " · "))
	}
}

func TestTheCommuneIsSoundInPostGIS(t *testing.T) {
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	conn := loaded(t, demo.Options{Seed: 1, Parcels: 36_000})
	for _, l := range catalogue.Layers() {
		if l.Geometry == geodata.None {
			continue
		}
		table := pgx.Identifier{"layer", l.ID}.Sanitize()
		faults(t, conn, "invalid geometries in "+l.ID, "SELECT id || ': ' || ST_IsValidReason(geom) FROM "+table+" WHERE NOT ST_IsValid(geom) OR ST_IsEmpty(geom)")
	}
	overlaps := func(table, same string, toleranceM2 float64) string {
		return fmt.Sprintf(`SELECT a.id || ' with ' || b.id || ': ' || ST_Area(ST_Transform(ST_Intersection(a.geom, b.geom), 9205))
			FROM layer.%[1]s a JOIN layer.%[1]s b ON a.id < b.id AND a.geom && b.geom AND %[2]s AND ST_Relate(a.geom, b.geom, 'T********')
			WHERE ST_Area(ST_Transform(ST_Intersection(a.geom, b.geom), 9205)) > %[3]v`, table, same, toleranceM2)
	}
	faults(t, conn, "overlapping parcels", overlaps("parcels", "true", 0.01))
	faults(t, conn, "overlapping hamlets", overlaps("hamlets", "true", 1))
	faults(t, conn, "overlapping land uses", overlaps("land_use", "true", 1))
	faults(t, conn, "overlapping plans", overlaps("planning", "true", 1))
	faults(t, conn, "overlapping forest lots", overlaps("forest_lots", "true", 1))
	faults(t, conn, "overlapping crops", overlaps("crop_areas", "true", 1))
	faults(t, conn, "overlapping houses", overlaps("buildings", "true", 0.01))
	faults(t, conn, "overlapping units", overlaps("admin_units", "a.level = b.level", 1))
	faults(t, conn, "overlapping coverage", overlaps("coverage", "(a.operator, a.technology, a.environment, a.min_signal_dbm) = (b.operator, b.technology, b.environment, b.min_signal_dbm)", 1))
	faults(t, conn, "stronger coverage outside the weaker", `SELECT a.name FROM layer.coverage a JOIN layer.coverage b
		ON (a.operator, a.technology, a.environment) = (b.operator, b.technology, b.environment) AND a.min_signal_dbm > b.min_signal_dbm
		WHERE ST_Area(ST_Transform(ST_Difference(a.geom, b.geom), 9205)) > 0.02 * ST_Area(ST_Transform(a.geom, 9205))`)
	faults(t, conn, "gaps between the predecessors", `SELECT 'gap of ' || round(ST_Area(ST_Transform(ST_SymDifference(c.geom, f.geom), 9205)))
		FROM layer.admin_units c, (SELECT ST_Union(geom) AS geom FROM layer.admin_units WHERE level = 'former_commune') f
		WHERE c.id = 1 AND ST_Area(ST_Transform(ST_SymDifference(c.geom, f.geom), 9205)) > 1`)
	faults(t, conn, "hamlets, parcels or lots outside the commune", `WITH commune AS (SELECT ST_Collect(geom) AS geom FROM layer.admin_units WHERE level = 'commune')
		SELECT f.id || '' FROM commune, (SELECT id, geom FROM layer.hamlets UNION ALL SELECT id, geom FROM layer.parcels UNION ALL SELECT id, geom FROM layer.forest_lots) f
		WHERE NOT ST_CoveredBy(f.geom, commune.geom)`)
	faults(t, conn, "hamlet centres outside their hamlet", `SELECT name FROM layer.hamlets WHERE NOT ST_Covers(geom, centre)`)
	faults(t, conn, "areas that PostGIS measures otherwise", `SELECT code FROM layer.parcels WHERE abs(ST_Area(ST_Transform(geom, 9205)) - measured_area_m2) > 0.06`)
	faults(t, conn, "parcel codes that point elsewhere", `SELECT code FROM layer.parcels WHERE NOT ST_Intersects(geom, ST_SetSRID(ST_PointFromGeoHash(national_id, 12), 4326))`)
	faults(t, conn, "short routes", `SELECT name FROM layer.tourism_routes WHERE ST_Length(geom::geography) < 50`)
	faults(t, conn, "internet points far from their facility", `SELECT p.code FROM layer.internet_points p JOIN layer.facilities f ON f.id = p.facility_id
		WHERE ST_Distance(p.geom::geography, f.geom::geography) > 100 OR ST_Distance(p.geom::geography, p.installed_place::geography) > 30`)
}

// The board and the officers need something to see and something to do.
func TestThereIsWorkInEveryState(t *testing.T) {
	conn := loaded(t, demo.Options{Seed: 1, Parcels: 100})
	for what, query := range map[string]string{
		"hamlets verified covered": "SELECT count(*) >= 4 FROM layer.hamlets WHERE coverage_5g = 'verified' AND coverage_5g_result = 'covered'",
		"hamlets reported":         "SELECT count(*) >= 3 FROM layer.hamlets WHERE coverage_5g = 'reported'",
		"hamlets unknown":          "SELECT count(*) >= 6 FROM layer.hamlets WHERE coverage_5g = 'unknown'",
		"internet points":          "SELECT count(DISTINCT state) = 5 FROM layer.internet_points",
		"recognised sites":         "SELECT count(*) >= 5 FROM layer.tourism_sites WHERE recognition = 'recognised'",
		"the site of the model":    fmt.Sprintf("SELECT recognition = 'recognised' AND published FROM layer.tourism_sites WHERE id = %d", demo.ModelSiteID),
		"people":                   "SELECT sum(population) = 18606 AND min(population) > 100 FROM layer.hamlets",
		"a claim to review":        "SELECT count(*) = 1 FROM layer.coverage_submissions WHERE state = 'in_review'",
	} {
		var ok bool
		if err := conn.QueryRow(t.Context(), query).Scan(&ok); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !ok {
			t.Errorf("%s are not as they should be", what)
		}
	}
}
