package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"testing"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

// changes reads all pages of a comparison.
func (b *bench) changes(q store.Comparison) (all []store.Change) {
	b.Helper()
	for {
		page, more, err := b.store.Changes(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, page...)
		if !more {
			return all
		}
		last := page[len(page)-1]
		q.AfterLayer, q.AfterID = last.Layer, last.Feature
	}
}

// sites are edits of tourism sites, which the public sees while they are published.
func sites() []string {
	return []string{
		`INSERT INTO layer.tourism_sites (id, name, published, geom) SELECT i, 'Điểm ' || i, i % 2 = 0, ST_Point(103.6, 22.3 + i * 0.01, 4326) FROM generate_series(1, 4) i ON CONFLICT DO NOTHING`,
		`UPDATE layer.tourism_sites SET name = name || '!' WHERE id < 3`,
		`UPDATE layer.tourism_sites SET name = 'Điểm ' || id`,
		`UPDATE layer.tourism_sites SET geom = ST_Translate(geom, CASE WHEN ST_X(geom) > 103.65 THEN -0.1 ELSE 0.1 END, 0) WHERE id > 1`,
		`UPDATE layer.tourism_sites SET published = NOT published WHERE id IN (1, 2)`,
		`UPDATE layer.tourism_sites SET published = NOT published WHERE id IN (2, 3)`,
		`UPDATE layer.tourism_sites SET source_ref = 'r' || random() WHERE id = 4`,
		`DELETE FROM layer.tourism_sites WHERE id IN (1, 3)`,
		`DELETE FROM layer.tourism_sites WHERE id > 2`,
		`DO $$ BEGIN DELETE FROM layer.tourism_sites WHERE id = 2; INSERT INTO layer.tourism_sites (id, name, published) VALUES (2, 'Mới', true); END $$`,
	}
}

var itsRevision = regexp.MustCompile(`"revision":\d+`)

// told is a state without revisions: a change that was taken back is none.
func told(state map[int64]string) map[int64]string {
	for id, text := range state {
		state[id] = itsRevision.ReplaceAllString(text, "")
	}
	return state
}

func TestWhatChangedLeadsFromOneStateToTheOther(t *testing.T) {
	b := newBench(t)
	rng := rand.New(rand.NewPCG(3, 5))
	var head geodata.Revision
	for range 45 {
		b.exec(sites()[rng.IntN(len(sites()))])
	}
	head, err := b.store.Head(t.Context())
	if err != nil || head < 20 {
		t.Fatal(head, err)
	}
	for _, who := range []auth.Person{anyone, officer} {
		at := func(n geodata.Revision) map[int64]string {
			if n == 0 {
				return map[int64]string{}
			}
			return told(b.state(store.Query{Layer: "tourism_sites", Who: who, Revision: n}))
		}
		for range 60 {
			since := geodata.Revision(rng.Int64N(int64(head) + 1))
			until := since + geodata.Revision(rng.Int64N(int64(head-since)+1))
			got, want := at(since), at(until)
			for _, c := range b.changes(store.Comparison{Who: who, Since: since, Until: until, Limit: 1 + rng.IntN(3)}) {
				text := map[int64]string{c.Feature: string(c.After)}
				_, had := got[c.Feature]
				switch before := told(map[int64]string{1: string(c.Before)})[1]; {
				case had == (c.Op == geodata.Create) && (had || c.Op == geodata.Update), before != "" && before != got[c.Feature]:
					t.Errorf("%q, %d to %d: %s of %d, which was %s, not %s", who.Role, since, until, c.Op, c.Feature, got[c.Feature], before)
				case c.Op == geodata.Delete:
					delete(got, c.Feature)
				case told(text)[c.Feature] == got[c.Feature]:
					t.Errorf("%q, %d to %d: nothing changed of %d", who.Role, since, until, c.Feature)
				default:
					got[c.Feature] = text[c.Feature]
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%q, %d to %d: %v, is %v", who.Role, since, until, got, want)
			}
		}
	}
}

func TestWhatWasTakenBackIsADeletionThatTellsNothingElse(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.tourism_sites (name, published, geom) SELECT 'Tên ' || i, i = 1, ST_Point(103.6, 22.3, 4326) FROM generate_series(1, 2) i`)
	b.exec(`UPDATE layer.tourism_sites SET hours = '7h–17h', published = false`)
	away := b.changes(store.Comparison{Who: anyone, Since: 1, Until: 2, Box: &geodata.Extent{0, 0, 1, 1}, Limit: 10})
	if len(away) != 1 {
		t.Fatalf("%+v", away)
	}
	if c := away[0]; c.Feature != 1 || c.Op != geodata.Delete || c.Name != "" || c.Before != nil || c.After != nil || len(c.Changed) > 0 || c.GeometryChanged || !c.At.IsZero() || c.Revision != 2 {
		t.Errorf("%+v", c)
	}
	if all := b.changes(store.Comparison{Who: anyone, Since: 0, Until: 2, Limit: 10}); len(all) != 0 {
		t.Errorf("who never had it learns of it: %+v", all)
	}
	b.exec(`UPDATE layer.tourism_sites SET published = true WHERE id = 2`)
	if all := b.changes(store.Comparison{Who: anyone, Since: 2, Until: 3, Limit: 10}); len(all) != 1 || all[0].Op != geodata.Create || all[0].Name != "Tên 2" || all[0].Edits != 1 {
		t.Errorf("what became visible: %+v", all)
	}
}

func TestRoundedPlacesChangeFromSquareToSquare(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.masts (code, operator, height_m, geom) VALUES ('M1', 'viettel', 40, ST_Point(103.6212, 22.3413, 4326))`)
	b.exec(`UPDATE layer.masts SET geom = ST_Point(103.62121, 22.34131, 4326)`)
	b.exec(`UPDATE layer.masts SET geom = ST_Point(103.66, 22.38, 4326)`)
	between := func(who auth.Person, since, until geodata.Revision, box *geodata.Extent) string {
		text := ""
		for _, c := range b.changes(store.Comparison{Who: who, Since: since, Until: until, Box: box, Limit: 1}) {
			text += fmt.Sprint(c.Op, " ", c.GeometryChanged, " ", c.Edits)
		}
		return text
	}
	here, there := &geodata.Extent{103.6, 22.33, 103.63, 22.35}, &geodata.Extent{103.65, 22.37, 103.67, 22.39}
	for _, c := range []struct {
		who          auth.Person
		since, until geodata.Revision
		box          *geodata.Extent
		want         string
	}{
		{anyone, 1, 2, nil, ""},
		{viettel, 1, 2, nil, "update true 1"},
		{officer, 1, 2, nil, "update true 1"},
		{anyone, 1, 3, nil, "update true 0"},
		{viettel, 1, 3, nil, "update true 2"},
		{anyone, 1, 3, here, "update true 0"},
		{anyone, 1, 3, there, "update true 0"},
		{officer, 1, 2, there, ""},
		{anyone, 0, 1, nil, "create true 1"},
		{anyone, 0, 1, there, ""},
	} {
		if got := between(c.who, c.since, c.until, c.box); got != c.want {
			t.Errorf("%q from %d to %d: %q, want %q", c.who.Role, c.since, c.until, got, c.want)
		}
	}
	if _, _, err := b.store.Changes(t.Context(), store.Comparison{Layers: []string{"signal_tests"}, Until: 1, Limit: 1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a layer that is not for the public: %v", err)
	}
}
