package board

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/pgtest"
)

func catalogue(t *testing.T) *geodata.Catalogue {
	t.Helper()
	c, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func database(t *testing.T) *pgxpool.Pool {
	t.Helper()
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue(t), slog.New(slog.DiscardHandler))
	})
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, b *Board, a geodata.Audience) (Snapshot, map[string]Target) {
	t.Helper()
	s, err := b.Read(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	targets := make(map[string]Target)
	for _, target := range s.Targets {
		targets[target.Code] = target
	}
	return s, targets
}

const square = `ST_Multi(ST_MakeEnvelope(103.6, 22.3, 103.61, 22.31, 4326))`

func addHamlet(t *testing.T, pool *pgxpool.Pool, name, state string, result any) {
	t.Helper()
	exec(t, pool, `INSERT INTO layer.hamlets (code, name, kind, coverage_5g, coverage_5g_result, coverage_5g_households_pct, geom)
		VALUES ($1, $1, 'ban', $2, $3, CASE WHEN $3 = 'partial' THEN 40 END, `+square+`)`, name, state, result)
}

func TestNothingToCountHasNoValue(t *testing.T) {
	_, targets := read(t, New(database(t), catalogue(t), time.Now), geodata.Public)
	for _, code := range []string{"BL-5G-01", "BL-3D-01"} {
		if got := targets[code]; got.Value != nil || got.Total != 0 {
			t.Errorf("%s of an empty commune is %v of %d, want no value of 0", code, got.Value, got.Total)
		}
	}
}

func TestHamletsCountAsCoveredWhenVerifiedAndCovered(t *testing.T) {
	pool := database(t)
	addHamlet(t, pool, "Bản A", "verified", "covered")
	addHamlet(t, pool, "Bản B", "verified", "partial")
	addHamlet(t, pool, "Bản C", "verified", "not_covered")
	addHamlet(t, pool, "Bản D", "reported", "covered")
	addHamlet(t, pool, "Bản Đ", "unknown", nil)
	addHamlet(t, pool, "Bản E", "disputed", "covered")

	_, targets := read(t, New(pool, catalogue(t), time.Now), geodata.Public)
	got := targets["BL-5G-01"]
	if got.Done != 1 || got.Total != 6 || got.Unknown != 1 || got.Value == nil || *got.Value != 16.6 {
		t.Errorf("done %d of %d, unknown %d, value %v; want 1 of 6, 1, 16.6", got.Done, got.Total, got.Unknown, got.Value)
	}
	if len(got.Rows) != 6 || got.Rows[1].State != "partial" || got.Rows[1].StateTitle.VI != "Phủ sóng một phần" || got.Rows[1].Standing != Open {
		t.Errorf("the rows are %+v", got.Rows)
	}
	if got.Definition.Version != 1 || got.Definition.VI == "" || got.Definition.EN == "" {
		t.Errorf("the definition is %+v", got.Definition)
	}
	counted := 0
	for _, s := range got.States {
		counted += s.Count
	}
	if counted != 6 {
		t.Errorf("the states %+v do not add up to the 6 hamlets", got.States)
	}
}

func TestAHundredPercentOnlyWhenAllIsDoneAndKnown(t *testing.T) {
	for _, c := range []struct {
		done, unknown, total int
		want                 float64
	}{{10, 0, 10, 100}, {1999, 0, 2000, 99.9}, {1999, 1, 2000, 99.9}, {10, 1, 10, 99.9}, {0, 0, 3, 0}, {1, 0, 3, 33.3}} {
		if got := percent(c.done, c.unknown, c.total); *got != c.want {
			t.Errorf("%d of %d with %d unknown is %v, want %v", c.done, c.total, c.unknown, *got, c.want)
		}
	}
}

func TestPointsThatFellSilentAreUnknown(t *testing.T) {
	pool := database(t)
	add := func(name, state string, lastSeen any) {
		exec(t, pool, `INSERT INTO layer.internet_points (code, name, kind, state, installed_on, last_seen, geom)
			VALUES ($1, $1, 'wifi', $2, '2026-01-01', $3, ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`, name, state, lastSeen)
	}
	later := time.Now().Add(60 * 24 * time.Hour)
	add("seen lately", "operating", later.Add(-24*time.Hour))
	add("seen long ago", "operating", later.Add(-40*24*time.Hour))
	add("never seen", "operating", nil)
	add("proposed", "proposed", nil)
	add("retired", "retired", nil)

	b := New(pool, catalogue(t), time.Now)
	_, targets := read(t, b, geodata.Public)
	if got := targets["BL-NET-01"]; got.Done != 3 || got.Unknown != 0 || got.Total != 4 || got.Value != nil {
		t.Errorf("today %d of %d work, %d unknown, value %v; want 3 of 4: the log saw them start", got.Done, got.Total, got.Unknown, got.Value)
	}
	b.now = func() time.Time { return later }
	_, targets = read(t, b, geodata.Public)
	if got := targets["BL-NET-01"]; got.Done != 1 || got.Unknown != 2 || got.Total != 4 {
		t.Errorf("two months on %d of %d work, %d unknown; want 1 of 4, 2 unknown", got.Done, got.Total, got.Unknown)
	}
}

func TestThePublicListLeavesOutUnpublishedSites(t *testing.T) {
	pool := database(t)
	add := func(name, recognition, model string, published bool) {
		exec(t, pool, `INSERT INTO layer.tourism_sites
			(code, name, kind, recognition, decision_no, decision_date, issuing_body, model_state, model_id, model_lon, model_lat, published, geom)
			VALUES ($1, $1, 'community_hamlet', $2, '1/QĐ', '2025-01-01', 'UBND', $3, '7', 103.6, 22.3, $4, ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`,
			name, recognition, model, published)
	}
	add("shown in 3D", "recognised", "published", true)
	add("draft", "recognised", "draft", false)
	add("not recognised", "pending", "published", true)

	b := New(pool, catalogue(t), time.Now)
	for audience, rows := range map[geodata.Audience]int{geodata.Public: 1, geodata.Staff: 2} {
		_, targets := read(t, b, audience)
		got := targets["BL-3D-01"]
		if got.Done != 1 || got.Total != 2 || *got.Value != 50 || len(got.Rows) != rows {
			t.Errorf("%s sees %d of %d (%v) in %d rows, want 1 of 2 (50) in %d", audience, got.Done, got.Total, *got.Value, len(got.Rows), rows)
		}
	}
}

func TestTheBoardIsComputedOncePerRevision(t *testing.T) {
	pool := database(t)
	addHamlet(t, pool, "Bản A", "unknown", nil)
	b := New(pool, catalogue(t), time.Now)
	first, _ := read(t, b, geodata.Public)

	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			s, err := b.Read(t.Context(), geodata.Public)
			if err != nil || !s.ComputedAt.Equal(first.ComputedAt) {
				t.Errorf("computed anew at %v (%v) though nothing changed", s.ComputedAt, err)
			}
		})
	}
	wg.Wait()

	addHamlet(t, pool, "Bản B", "verified", "covered")
	second, targets := read(t, b, geodata.Public)
	if second.Revision <= first.Revision || targets["BL-5G-01"].Total != 2 {
		t.Errorf("after a change: revision %d of %d hamlets, want more than %d of 2", second.Revision, targets["BL-5G-01"].Total, first.Revision)
	}
}

func TestWhoGivesUpWaitingLeaves(t *testing.T) {
	b := New(database(t), catalogue(t), time.Now)
	b.turn <- struct{}{} // somebody computes
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := b.Read(ctx, geodata.Public); ctx.Err() == nil || err == nil {
		t.Errorf("Read gave %v while another computes", err)
	}
}
