package store_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

// state is every feature's text that a person reads, by its id.
func (b *bench) state(q store.Query) map[int64]string {
	b.Helper()
	all := map[int64]string{}
	for item, err := range b.store.Items(b.Context(), q) {
		if err != nil {
			b.Fatal(err)
		}
		all[item.ID] = string(item.JSON)
	}
	if n, err := b.store.Matched(b.Context(), q); err != nil || n != (store.Count{N: int64(len(all))}) {
		b.Errorf("%v matched of %d, %v", n, len(all), err)
	}
	return all
}

// newest is when the log's newest revision was made.
func (b *bench) newest() (at time.Time) {
	b.Helper()
	if err := b.pool.QueryRow(b.Context(), `SELECT at FROM bando.head`).Scan(&at); err != nil {
		b.Fatal(err)
	}
	return at
}

// histories are edits of hamlets, among them features that go and come back, and several edits in one transaction.
func histories() []string {
	const square = `ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4326)`
	return []string{
		`INSERT INTO layer.hamlets (id, name, centre, priority) VALUES (1, 'Một', ST_Point(103.123456789, 22.3, 4326), '{centre}') ON CONFLICT DO NOTHING`,
		`INSERT INTO layer.hamlets (id, name, households, geom) VALUES (2, 'Hai', 2, ` + square + `), (3, 'Ba', 3, NULL) ON CONFLICT DO NOTHING`,
		`UPDATE layer.hamlets SET name = name || '!' WHERE id < 3`,
		`UPDATE layer.hamlets SET households = coalesce(households, 0) + 1, geom = ` + square,
		`UPDATE layer.hamlets SET geom = ST_Translate(geom, CASE WHEN ST_XMin(geom) > 5 THEN -9 ELSE 9 END, 0)`,
		`UPDATE layer.hamlets SET geom = NULL, centre = ST_Point(1, 2, 4326), priority = '{dense,trade}' WHERE id = 2`,
		`UPDATE layer.hamlets SET centre = NULL, name = 'Tên', note = 'ghi "chú"' WHERE id = 1`,
		`DELETE FROM layer.hamlets WHERE id = 1`,
		`DELETE FROM layer.hamlets WHERE id > 1`,
		`DO $$ BEGIN DELETE FROM layer.hamlets WHERE id = 2; INSERT INTO layer.hamlets (id, name) VALUES (2, 'Mới'); UPDATE layer.hamlets SET note = 'x' WHERE id = 2; END $$`,
	}
}

func TestTheStateOfAnyMomentIsReadOutOfTheLog(t *testing.T) {
	b := newBench(t)
	rng := rand.New(rand.NewPCG(7, 1))
	q := store.Query{Layer: "hamlets", Who: officer}
	before := b.newest()
	var moments []time.Time
	var states, boxed []map[int64]string
	within := q
	within.Box = &store.Box{Extent: geodata.Extent{0.1, 0, 0.6, 0.5}}
	for range 40 {
		b.exec(histories()[rng.IntN(len(histories()))])
		moments, states, boxed = append(moments, b.newest()), append(states, b.state(q)), append(boxed, b.state(within))
	}
	for i, at := range moments {
		q.AsOf, within.AsOf = at, at
		if got := b.state(within); !maps.Equal(got, boxed[i]) {
			t.Errorf("moment %d in a box: %v, was %v", i, got, boxed[i])
		}
		got := b.state(q)
		if !maps.Equal(got, states[i]) {
			t.Errorf("moment %d: %v, was %v", i, got, states[i])
		}
		for id, want := range states[i] {
			if item, err := b.store.ItemOf(t.Context(), b.pool, q, id); err != nil || string(item.JSON) != want {
				t.Errorf("moment %d, feature %d: %s, %v", i, id, item.JSON, err)
			}
		}
	}
	q.AsOf = before.Add(-time.Second)
	if got := b.state(q); len(got) != 0 {
		t.Errorf("before everything there was %v", got)
	}
	if _, err := b.store.ItemOf(t.Context(), b.pool, q, 1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before everything there was feature 1: %v", err)
	}
	q.AsOf = moments[len(moments)-1].Add(time.Hour)
	if got := b.state(q); !maps.Equal(got, states[len(states)-1]) {
		t.Errorf("the future is %v", got)
	}
}

func TestThePastIsFilteredAndPagedLikeThePresent(t *testing.T) {
	b := newBench(t)
	b.tests(30)
	at := b.newest()
	q := store.Query{Layer: "signal_tests", Who: officer, Filter: filter(t, "indoor AND ss_rsrp_dbm < -80"), Box: &store.Box{Extent: [4]float64{103.5, 22.3, 103.52, 22.31}}}
	want := b.ids(q)
	b.exec(`DELETE FROM layer.signal_tests WHERE id % 3 = 0`)
	b.exec(`UPDATE layer.signal_tests SET indoor = NOT indoor, geom = ST_Point(0, 0, 4326)`)
	q.AsOf, q.Limit, q.Sort = at, 2, []store.Sort{{Field: "name"}}
	var got []int64
	for {
		ids, last := b.page(q)
		if len(ids) == 0 {
			break
		}
		got, q.After = append(got, ids...), last
	}
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%v, was %v", got, want)
	}
}

func TestThePublicSeesOfThePastWhatWasPublicAndWasNotTakenBack(t *testing.T) {
	b := newBench(t)
	at := map[string]time.Time{}
	for _, step := range [][2]string{
		{"draft", `INSERT INTO layer.tourism_sites (id, name, published, geom) SELECT i, 'Điểm ' || i, i = 4, ST_Point(103.6, 22.3, 4326) FROM generate_series(1, 4) i`},
		{"published", `UPDATE layer.tourism_sites SET published = true`},
		{"withdrawn", `UPDATE layer.tourism_sites SET published = false WHERE id IN (1, 2)`},
		{"deleted", `DELETE FROM layer.tourism_sites WHERE id IN (2, 3)`},
	} {
		b.exec(step[1])
		at[step[0]] = b.newest()
	}
	for _, c := range []struct {
		who    auth.Person
		moment string
		want   []int64
	}{
		{anyone, "draft", []int64{4}},
		{anyone, "published", []int64{3, 4}},
		{anyone, "withdrawn", []int64{3, 4}},
		{anyone, "deleted", []int64{4}},
		{officer, "draft", []int64{1, 2, 3, 4}},
		{officer, "withdrawn", []int64{1, 2, 3, 4}},
		{officer, "deleted", []int64{1, 4}},
	} {
		got := slices.Sorted(maps.Keys(b.state(store.Query{Layer: "tourism_sites", Who: c.who, AsOf: at[c.moment]})))
		if !slices.Equal(got, c.want) {
			t.Errorf("%q reads of %s %v, want %v", c.who.Role, c.moment, got, c.want)
		}
	}
}
