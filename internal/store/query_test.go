package store_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/cql2"
	"bando/internal/fault"
	"bando/internal/store"
)

// tests are facilities and signal tests with every kind of value, nulls, and many that are equal.
func (b *bench) tests(n int) {
	b.exec(`INSERT INTO layer.signal_tests (name, time, operator, technology, indoor, ss_rsrp_dbm, note, geom)
		SELECT CASE WHEN i % 7 > 0 THEN (ARRAY['Đo', 'do', 'Dò', 'é', 'Ă"\', 'zz', E'a\tb'])[i % 7] END,
			'2026-03-01T01:00:00Z'::timestamptz + (i % 5) * interval '1.000001 s', CASE i % 2 WHEN 0 THEN 'viettel' ELSE 'vinaphone' END, '5G',
			(ARRAY[true, false, NULL])[i % 3 + 1], CASE WHEN i % 4 > 0 THEN -80 - i % 9 / 10.0 END, CASE WHEN i % 6 = 0 THEN 'x' || i END,
			ST_Point(103.5 + 0.001 * i, 22.3 + 0.0005 * (i % 20), 4326)
		FROM generate_series(1, $1) i`, n)
}

func filter(t testing.TB, text string) *store.Filter {
	t.Helper()
	if text == "" {
		return nil
	}
	e, err := cql2.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return &store.Filter{Expr: e}
}

// filters are CQL2 and the SQL that a person would write instead.
func filters() [][2]string {
	return [][2]string{
		{"", "true"},
		{"indoor", "indoor"},
		{"NOT indoor", "NOT indoor"},
		{"ss_rsrp_dbm > -80.4 OR ss_rsrp_dbm IS NULL", "ss_rsrp_dbm > -80.4 OR ss_rsrp_dbm IS NULL"},
		{"CASEI(ACCENTI(name)) = 'do'", "name IN ('Đo', 'do', 'Dò')"},
		{"name LIKE 'D%' AND id < 50", "name LIKE 'D%' AND id < 50"},
		{"time = TIMESTAMP('2026-03-01T01:00:01.000001Z')", "time = '2026-03-01T01:00:01.000001Z'"},
		{"S_INTERSECTS(geometry, BBOX(103.5, 22.3, 103.53, 22.305))", "ST_Intersects(geom, ST_MakeEnvelope(103.5, 22.3, 103.53, 22.305, 4326))"},
		{"operator IN ('viettel') AND revision > 0 AND note IS NOT NULL", "operator = 'viettel' AND note IS NOT NULL"},
	}
}

func TestEveryFilterFindsWhatSQLFinds(t *testing.T) {
	b := newBench(t)
	b.tests(150)
	for _, f := range filters() {
		var want []int64
		if err := b.pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM layer.signal_tests WHERE `+f[1]).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(store.Query{Layer: "signal_tests", Who: officer, Filter: filter(t, f[0])}); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", f[0], got, want)
		}
	}
}

func TestEveryOrderVisitsEveryRowOnceForwardsAndBackwards(t *testing.T) {
	b := newBench(t)
	b.tests(90)
	rng := rand.New(rand.NewPCG(1, 2))
	fields := []string{"name", "time", "operator", "indoor", "ss_rsrp_dbm", "note", "revision", "id", "hamlet_id"}
	for range 40 {
		f := filters()[rng.IntN(len(filters()))]
		q := store.Query{Layer: "signal_tests", Who: officer, Filter: filter(t, f[0])}
		for _, i := range rng.Perm(len(fields))[:rng.IntN(4)] {
			q.Sort = append(q.Sort, store.Sort{Field: fields[i], Descending: rng.IntN(2) == 0})
		}
		name := fmt.Sprintf("%v where %s", q.Sort, f[0])
		whole := b.ids(q)
		if sorted := slices.Compact(slices.Sorted(slices.Values(whole))); len(sorted) != len(whole) {
			t.Errorf("%s: %v has a row twice", name, whole)
		}
		q.Limit = 1 + rng.IntN(20)
		var forwards []int64
		cursor := ""
		for {
			q.After = cursor
			ids, last := b.page(q)
			if len(ids) == 0 {
				break
			}
			forwards, cursor = append(forwards, ids...), last
		}
		if !slices.Equal(forwards, whole) {
			t.Errorf("%s: pages of %d: %v, want %v", name, q.Limit, forwards, whole)
		}
		if len(whole) == 0 {
			continue
		}
		backwards := whole[len(whole)-1:]
		q.After, q.Before = "", cursor
		for {
			ids, first := b.pageFirst(q)
			if len(ids) == 0 {
				break
			}
			backwards, q.Before = append(ids, backwards...), first
		}
		if !slices.Equal(backwards, whole) {
			t.Errorf("%s: pages of %d backwards: %v, want %v", name, q.Limit, backwards, whole)
		}
	}
}

// pageFirst reads the ids of a page and the cursor of its first feature.
func (b *bench) pageFirst(q store.Query) (ids []int64, first string) {
	b.Helper()
	for item, err := range b.store.Items(b.Context(), q) {
		if err != nil {
			b.Fatal(err)
		}
		if ids = append(ids, item.ID); len(ids) == 1 {
			first = item.Cursor()
		}
	}
	return ids, first
}

func TestNullsComeLastAndNamesAsInADictionary(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.hamlets (name, households) VALUES ('Đông Pao', 5), ('Êm', NULL), ('Dền', 7), ('Em', 1), ('Zin', NULL)`)
	for sort, want := range map[store.Sort][]int64{
		{Field: "name"}:                         {3, 1, 4, 2, 5},
		{Field: "name", Descending: true}:       {5, 2, 4, 1, 3},
		{Field: "households"}:                   {4, 1, 3, 2, 5},
		{Field: "households", Descending: true}: {3, 1, 4, 2, 5},
		{Field: "id", Descending: true}:         {5, 4, 3, 2, 1},
	} {
		if got := b.ids(store.Query{Layer: "hamlets", Who: officer, Sort: []store.Sort{sort}}); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", sort, got, want)
		}
	}
}

func TestACursorThatWasTamperedWithIsRefused(t *testing.T) {
	b := newBench(t)
	b.tests(10)
	q := store.Query{Layer: "signal_tests", Who: officer, Limit: 3, Sort: []store.Sort{{Field: "time"}}}
	_, cursor := b.page(q)
	other := q
	other.Sort = []store.Sort{{Field: "time", Descending: true}}
	for i := range len(cursor) {
		bad := []byte(cursor)
		bad[i] ^= 1
		q.After = string(bad)
		if _, err := b.tryItems(q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s is taken: %v", bad, err)
		}
	}
	other.Before = cursor
	for _, after := range []string{"1", "x", cursor + "A", "====", cursor[:8]} {
		q.After = after
		if _, err := b.tryItems(q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s is taken: %v", after, err)
		}
	}
	if _, err := b.tryItems(other); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the cursor of another order is taken: %v", err)
	}
}

func TestWhatIsHiddenIsUnknownToFiltersOrdersAndChoices(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.tourism_sites (name, published, phone_consent, source_ref, geom) VALUES ('Hiện', true, true, 'x', ST_Point(103.6, 22.3, 4326))`)
	for _, hidden := range []string{"phone_consent", "source_ref"} {
		for what, q := range map[string]store.Query{
			"filter": {Filter: filter(t, hidden+" IS NULL")},
			"sort":   {Sort: []store.Sort{{Field: hidden}}},
			"choice": {Properties: []string{hidden}},
		} {
			q.Layer = "tourism_sites"
			_, err := b.tryItems(q)
			_, errUnknown := b.tryItems(store.Query{Layer: q.Layer, Filter: filter(t, "qqqqqqqqqq IS NULL")})
			if fault.KindOf(err) != fault.Invalid || fault.KindOf(errUnknown) != fault.Invalid {
				t.Errorf("%s by %s: %v", what, hidden, err)
			}
			f, _ := fault.As(err)
			if strings.Count(f.Text().EN, hidden) > 1 {
				t.Errorf("%s by %s: the error knows it: %v", what, hidden, err)
			}
		}
		if _, err := b.store.Matched(t.Context(), store.Query{Layer: "tourism_sites", Filter: filter(t, hidden+" IS NULL")}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the count tells of %s: %v", hidden, err)
		}
	}
}

func TestASpatialFilterFindsAMastWhereItIsShown(t *testing.T) {
	b := newBench(t)
	const lon, lat = 103.6213, 22.3407
	b.exec(`INSERT INTO layer.masts (code, operator, geom) VALUES ('M', 'viettel', ST_Point($1, $2, 4326))`, lon, lat)
	var shown [2]float64
	if err := json.Unmarshal(b.items(store.Query{Layer: "masts"})[0].Geometry.Coordinates, &shown); err != nil {
		t.Fatal(err)
	}
	around := func(x, y float64) *store.Filter {
		return filter(t, fmt.Sprintf("S_INTERSECTS(geometry, BBOX(%f, %f, %f, %f))", x-1e-4, y-1e-4, x+1e-4, y+1e-4))
	}
	if got := b.ids(store.Query{Layer: "masts", Filter: around(lon, lat)}); len(got) != 0 {
		t.Error("the public finds the true place")
	}
	if got := b.ids(store.Query{Layer: "masts", Filter: around(shown[0], shown[1])}); len(got) != 1 {
		t.Error("the public does not find the place that is shown")
	}
	if got := b.ids(store.Query{Layer: "masts", Who: viettel, Filter: around(lon, lat)}); len(got) != 1 {
		t.Error("the operator does not find its mast")
	}
}

func TestCoordinatesAreThoseOfPostGISInEverySystem(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for _, srid := range []int{0, 4326, 3857, 4756, 3405, 9205, 9208} {
		for _, latLon := range []bool{false, true} {
			for _, d := range b.items(store.Query{Layer: "facilities", SRID: srid, LatLon: latLon, Limit: 3}) {
				var got [2]float64
				if err := json.Unmarshal(d.Geometry.Coordinates, &got); err != nil {
					t.Fatal(err)
				}
				var x, y float64
				if err := b.pool.QueryRow(t.Context(), `SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(geom, $2::int) g FROM layer.facilities WHERE id = $1) f`,
					d.ID, cmp.Or(srid, 4326)).Scan(&x, &y); err != nil {
					t.Fatal(err)
				}
				if latLon {
					x, y = y, x
				}
				precision := 6e-5
				if math.Abs(x) < 200 {
					precision = 6e-10
				}
				if math.Abs(got[0]-x) > precision || math.Abs(got[1]-y) > precision {
					t.Errorf("EPSG:%d: %v, PostGIS has %v %v", srid, got, x, y)
				}
			}
		}
	}
	if d := b.items(store.Query{Layer: "facilities", SRID: 9205})[3]; d.Geometry != nil {
		t.Errorf("an island at 179.9° E has a place in zone 103°: %s", d.Geometry.Coordinates)
	}
	if _, err := b.tryItems(store.Query{Layer: "facilities", SRID: 2}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("EPSG:2: %v", err)
	}
}

func TestABoxMayBeInAnySystem(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for _, srid := range []int{3857, 4756, 3405, 9205, 9208} {
		var e geodata.Extent
		if err := b.pool.QueryRow(t.Context(), `SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (
			SELECT ST_Transform(ST_MakeEnvelope(103.61, 22.31, 103.65, 22.35, 4326), $1::int) g) f`, srid).Scan(&e[0], &e[1], &e[2], &e[3]); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(store.Query{Layer: "facilities", Box: &store.Box{Extent: e, SRID: srid}}); !slices.Equal(got, []int64{2, 3}) {
			t.Errorf("EPSG:%d: %v", srid, got)
		}
		for _, bad := range []geodata.Extent{{e[0], e[3], e[2], e[1]}, {1e9, 0, 2e9, 1}, {math.NaN(), 0, 1, 1}} {
			if _, err := b.tryItems(store.Query{Layer: "facilities", Box: &store.Box{Extent: bad, SRID: srid}}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("EPSG:%d %v: %v", srid, bad, err)
			}
		}
	}
	// The corners of what may be asked for do not break PROJ.
	for srid, e := range map[int]geodata.Extent{3857: {-20037508.34, -20037508.34, 20037508.34, 20037508.34}, 9205: {-4e6, -8e6, 5e6, 8e6}, 3405: {-4e6, -8e6, 5e6, 8e6}, 9208: {-4e6, -8e6, 5e6, 8e6}} {
		if got := b.ids(store.Query{Layer: "facilities", Box: &store.Box{Extent: e, SRID: srid}}); len(got) < 3 {
			t.Errorf("all of EPSG:%d: %v", srid, got)
		}
	}
}

func TestChosenAttributesComeAlone(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for _, c := range []struct {
		q    store.Query
		want string
	}{
		{store.Query{Properties: []string{"kind", "name"}}, `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[103.6,22.3]},"properties":{"name":"Trường Sì Thâu Chải","kind":"school"}}`},
		{store.Query{Properties: []string{}, SkipGeometry: true}, `{"type":"Feature","id":1,"geometry":null,"properties":{}}`},
		{store.Query{Properties: []string{"id", "revision"}, SkipGeometry: true}, `{"type":"Feature","id":1,"geometry":null,"properties":{"revision":1}}`},
		{store.Query{Properties: []string{"code"}, LatLon: true}, `{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[22.3,103.6]},"properties":{"code":"F1"}}`},
	} {
		c.q.Layer, c.q.Limit = "facilities", 1
		for item, err := range b.store.Items(t.Context(), c.q) {
			if err != nil || string(item.JSON) != c.want {
				t.Errorf("%s, %v", item.JSON, err)
			}
		}
	}
}

func TestTheTextIsWhatPostGISWouldWrite(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.hazards (name, kind, severity, date, note, geom) SELECT E'tên "\\\t\u0001 '|| n, 'landslide', 2, '2026-02-28', '😀 ơ', ST_GeomFromText(wkt, 4326)
		FROM unnest($1::text[]) WITH ORDINALITY AS g (wkt, n)`, []string{
		"POINT(103.123456789012 -22.1)", "LINESTRING(0 1,-2.5 3,1e-7 179.999999999)", "POLYGON((0 0,0 9,9 9,9 0,0 0),(1 1,2 1,2 2,1 1))",
		"MULTIPOINT(0 1,2 3)", "MULTILINESTRING((0 1,2 3),(4 5,6 7))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,5 6,6 6,5 5)))",
		"GEOMETRYCOLLECTION(POINT(0 1),POLYGON((0 0,9 9,0 9,0 0)),LINESTRING(0 1,2 3))",
	})
	got := b.items(store.Query{Layer: "hazards", Who: officer})
	if len(got) != 7 {
		t.Fatalf("%d came", len(got))
	}
	rows, err := b.pool.Query(t.Context(), `SELECT ST_AsGeoJSON(CASE WHEN GeometryType(geom) LIKE '%POLYGON' THEN ST_ForcePolygonCCW(geom) ELSE geom END, 9), to_jsonb(f) - '{id,geom}'::text[] FROM layer.hazards f ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for item, err := range b.store.Items(t.Context(), store.Query{Layer: "hazards", Who: officer}) {
		if err != nil || !rows.Next() {
			t.Fatal(err, rows.Err())
		}
		var geometry string
		var properties map[string]any
		if err := rows.Scan(&geometry, &properties); err != nil {
			t.Fatal(err)
		}
		var mine struct {
			Geometry, Properties any
		}
		var theirs any
		if err := json.Unmarshal(item.JSON, &mine); err != nil {
			t.Fatalf("%s: %v", item.JSON, err)
		}
		if err := json.Unmarshal([]byte(geometry), &theirs); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(mine.Geometry, theirs) {
			t.Errorf("%v, PostGIS has %v", mine.Geometry, theirs)
		}
		if fmt.Sprint(mine.Properties) != fmt.Sprint(properties) {
			t.Errorf("%v, PostgreSQL has %v", mine.Properties, properties)
		}
		n++
	}
	if n != 7 {
		t.Errorf("%d came", n)
	}
}
