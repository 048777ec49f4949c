package store_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

func TestThePublicSeesWhatTheDeclarationShows(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.tourism_sites (name, published, phone_consent, source_ref, geom) VALUES ('Hiện', true, true, 'x', ST_Point(103.6, 22.3, 4326)), ('Ẩn', false, false, 'y', ST_Point(103.6, 22.3, 4326))`)
	b.exec(`INSERT INTO layer.land_use (code, year, geom) VALUES ('CQP', 2025, ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4326)), ('LUC', 2025, ST_GeomFromText('MULTIPOLYGON(((5 0,6 0,6 1,5 0)))', 4326))`)
	if got := b.ids(store.Query{Layer: "tourism_sites"}); !slices.Equal(got, []int64{1}) {
		t.Errorf("the public sees sites %v", got)
	}
	if got := b.ids(store.Query{Layer: "tourism_sites", Who: officer}); len(got) != 2 {
		t.Errorf("an officer sees sites %v", got)
	}
	d := b.items(store.Query{Layer: "tourism_sites"})[0]
	for _, hidden := range []string{"phone_consent", "source_ref"} {
		if _, there := d.Properties[hidden]; there {
			t.Errorf("the public sees %s", hidden)
		}
		_, err := b.tryItems(store.Query{Layer: "tourism_sites", Equal: []store.Equal{{Field: hidden, Value: "x"}}})
		if f, ok := fault.As(err); !ok || f.Code() != "unknown_field" {
			t.Errorf("the public filters by %s: %v", hidden, err)
		}
	}
	if _, err := b.store.Item(t.Context(), "tourism_sites", 2, anyone); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a hidden site is %v", err)
	}
	sum, err := b.store.Summary(t.Context(), "land_use", anyone)
	if err != nil || sum.Count != 1 || sum.Extent == nil || *sum.Extent != (geodata.Extent{5, 0, 6, 1}) {
		t.Errorf("the public's summary is %+v, %v", sum, err)
	}
	hits, err := b.store.Search(t.Context(), "Ẩn", anyone, 10)
	if err != nil || len(hits) != 0 {
		t.Errorf("the public finds %v, %v", hits, err)
	}
}

func TestAMastIsShownInTheMiddleOfItsSquareAndFoundNowhereElse(t *testing.T) {
	b := newBench(t)
	const lon, lat = 103.6213, 22.3407
	b.exec(`INSERT INTO layer.masts (code, operator, geom) VALUES ('M', 'viettel', ST_Point($1, $2, 4326))`, lon, lat)
	at := func(who auth.Person) (p [2]float64) {
		d := b.items(store.Query{Layer: "masts", Who: who})[0]
		if err := json.Unmarshal(d.Geometry.Coordinates, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	shown := at(anyone)
	e, n, err := vn.FromWGS84(9205, shown[0], shown[1])
	if err != nil || math.Abs(math.Mod(e, 500)-250) > 0.01 || math.Abs(math.Mod(n, 500)-250) > 0.01 {
		t.Errorf("shown at %.3f, %.3f", e, n)
	}
	trueE, trueN, err := vn.FromWGS84(9205, lon, lat)
	if err != nil || math.Abs(trueE-e) > 250 || math.Abs(trueN-n) > 250 {
		t.Errorf("shown %.0f, %.0f m away", trueE-e, trueN-n)
	}
	if at(officer) != [2]float64{lon, lat} || at(viettel) != [2]float64{lon, lat} {
		t.Error("staff or the mast's operator do not see the true place")
	}
	rival := viettel
	rival.Operator = "mobifone"
	if at(rival) != shown {
		t.Error("a rival sees the true place")
	}
	const room = 0.0001
	for _, c := range []struct {
		who  auth.Person
		x, y float64
		n    int
	}{{anyone, lon, lat, 0}, {anyone, shown[0], shown[1], 1}, {officer, lon, lat, 1}, {officer, shown[0], shown[1], 0}, {viettel, lon, lat, 1}} {
		box := geodata.Extent{c.x - room, c.y - room, c.x + room, c.y + room}
		if got := b.ids(store.Query{Layer: "masts", Who: c.who, Box: &store.Box{Extent: box}}); len(got) != c.n {
			t.Errorf("%q finds %v at %v, %v", c.who.Role, got, c.x, c.y)
		}
	}
	sum, err := b.store.Summary(t.Context(), "masts", anyone)
	if err != nil || math.Abs(sum.Extent[0]-shown[0]) > 1e-9 {
		t.Errorf("the extent tells the true place: %v, %v", sum.Extent, err)
	}
	hits, err := b.store.Search(t.Context(), "M", anyone, 5)
	if err != nil || len(hits) != 1 || math.Abs(hits[0].Center[0]-shown[0]) > 1e-9 {
		t.Errorf("search tells the true place: %v, %v", hits, err)
	}
}

func TestAPartnerSeesItsOwnSubmissionsAndNobodyElses(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.coverage_submissions (code, operator, technology, environment, note) VALUES ('S1', 'viettel', '5G', 'outdoor', 'nháp'), ('S2', 'mobifone', '5G', 'outdoor', 'nháp')`)
	if got := b.ids(store.Query{Layer: "coverage_submissions", Who: viettel}); !slices.Equal(got, []int64{1}) {
		t.Errorf("%v", got)
	}
	if _, err := b.store.Item(t.Context(), "coverage_submissions", 2, viettel); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a rival's draft is %v", err)
	}
	if hits, err := b.store.Search(t.Context(), "S", viettel, 5); err != nil || len(hits) != 1 {
		t.Errorf("%v, %v", hits, err)
	}
}
