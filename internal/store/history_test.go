package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

func TestHistoryTellsWhatChangedFromWhatToWhat(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.hamlets (code, name, households, geom) VALUES ('B1', 'Bản', 100, ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4326))`)
	b.exec(`UPDATE layer.hamlets SET households = 120, population = 500, source_ref = 'r' WHERE id = 1`)
	b.exec(`UPDATE layer.hamlets SET geom = ST_Translate(geom, 1, 0), population = NULL WHERE id = 1`)
	h, err := b.store.History(t.Context(), "hamlets", 1, officer, 0, 10)
	if err != nil || len(h) != 3 {
		t.Fatalf("%v, %v", h, err)
	}
	if c := h[1].Changed; len(c) != 3 || c["households"] != (store.FromTo{From: int64(100), To: int64(120)}) || c["population"] != (store.FromTo{From: nil, To: int64(500)}) {
		t.Errorf("%v", c)
	}
	if !h[0].GeometryChanged || h[1].GeometryChanged || h[0].Changed["population"] != (store.FromTo{From: int64(500), To: nil}) || h[2].Op != geodata.Create {
		t.Errorf("%+v", h)
	}
	if !strings.HasPrefix(h[0].Who, "db:") {
		t.Errorf("who %q", h[0].Who)
	}
	public, err := b.store.History(t.Context(), "hamlets", 1, anyone, 0, 10)
	if err != nil || len(public) != 3 || public[1].Who != "" || len(public[1].Changed) != 2 {
		t.Errorf("the public reads %+v, %v", public, err)
	}
	if page, err := b.store.History(t.Context(), "hamlets", 1, officer, 3, 1); err != nil || len(page) != 1 || page[0].Revision != 2 {
		t.Errorf("the next page: %v, %v", page, err)
	}
	b.exec(`DELETE FROM layer.hamlets WHERE id = 1`)
	if h, err = b.store.History(t.Context(), "hamlets", 1, officer, 0, 10); err != nil || h[0].Op != geodata.Delete {
		t.Errorf("after the deletion: %v, %v", h, err)
	}
	if _, err := b.store.History(t.Context(), "hamlets", 1, anyone, 0, 10); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the public reads a deleted feature's history: %v", err)
	}
	if _, err := b.store.History(t.Context(), "hamlets", 99, officer, 0, 10); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a feature that never was: %v", err)
	}
}

func TestThePublicDoesNotReadWhatWasNotPublicThen(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.tourism_sites (name, published, geom) VALUES ('Tên nháp', false, ST_Point(103.6, 22.3, 4326))`)
	b.exec(`UPDATE layer.tourism_sites SET name = 'Tên nháp hai'`)
	b.exec(`UPDATE layer.tourism_sites SET name = 'Tên thật', published = true`)
	b.exec(`UPDATE layer.tourism_sites SET hours = '7h–17h'`)
	h, err := b.store.History(t.Context(), "tourism_sites", 1, anyone, 0, 10)
	if err != nil || len(h) != 2 {
		t.Fatalf("%+v, %v", h, err)
	}
	if h[0].Changed["hours"].To != "7h–17h" || h[1].Changed["name"] != (store.FromTo{From: nil, To: "Tên thật"}) {
		t.Errorf("%+v", h)
	}
}

func TestAFeatureIsReadAsItWas(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.hamlets (code, name, centre, geom) VALUES ('B1', 'Một', ST_Point(1, 2, 4326), ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4326))`)
	b.exec(`UPDATE layer.hamlets SET name = 'Hai', centre = ST_Point(3, 4, 4326)`)
	b.exec(`UPDATE layer.hamlets SET name = 'Ba', geom = NULL, population = 3`)
	for revision, want := range map[geodata.Revision]struct{ name, centre string }{1: {"Một", "[1 2]"}, 2: {"Hai", "[3 4]"}, 3: {"Ba", "[3 4]"}} {
		text, err := asOf(b, "hamlets", revision, officer)
		if err != nil {
			t.Fatal(err)
		}
		var d document
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if d.Properties["name"] != want.name || fmt.Sprint(d.Properties["centre"]) != want.centre || (d.Geometry == nil) != (revision == 3) || (d.Properties["population"] != nil) != (revision == 3) {
			t.Errorf("at %d: %s", revision, text)
		}
	}
	if _, err := asOf(b, "tourism_sites", 1, officer); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before its creation: %v", err)
	}
}

// asOf is the text of the layer's first feature as it was after a revision.
func asOf(b *bench, layer string, revision geodata.Revision, who auth.Person) (json.RawMessage, error) {
	item, err := b.store.ItemOf(b.Context(), b.pool, store.Query{Layer: layer, Who: who, Revision: revision}, 1)
	return item.JSON, err
}

func TestWhatWasReadRoundedIsReadRoundedAsItWas(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.masts (code, operator, height_m, geom) VALUES ('M1', 'viettel', 40, ST_Point(103.6212, 22.3413, 4326))`)
	seen, err := b.store.Item(t.Context(), "masts", 1, anyone)
	if err != nil {
		t.Fatal(err)
	}
	b.exec(`UPDATE layer.masts SET geom = ST_Point(103.66, 22.38, 4326)`)
	if text, err := asOf(b, "masts", 1, anyone); err != nil || string(text) != string(seen.JSON) {
		t.Errorf("%s\nwas %s, %v", text, seen.JSON, err)
	}
	if text, err := asOf(b, "masts", 1, officer); err != nil || !strings.Contains(string(text), "103.6212,22.3413") {
		t.Errorf("an officer reads %s, %v", text, err)
	}
	b.exec(`DELETE FROM layer.masts`)
	if text, err := asOf(b, "masts", 1, anyone); err != nil || string(text) != string(seen.JSON) {
		t.Errorf("after the deletion %s, %v", text, err)
	}
}
