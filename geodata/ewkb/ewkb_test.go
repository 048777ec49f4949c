package ewkb_test

import (
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/ewkb"
)

// asPostGIS is geometry as PostGIS 3.3 writes it: SELECT encode(ST_AsEWKB(ST_GeomFromText(…, 4326)), 'hex').
var asPostGIS = []struct {
	wkt, hex string
	g        orb.Geometry
}{
	{"POINT(103.5 22.25)", "0101000020e61000000000000000e059400000000000403640", orb.Point{103.5, 22.25}},
	{
		"LINESTRING(0 1,2 3)", "0102000020e610000002000000" + "0000000000000000" + "000000000000f03f" + "0000000000000040" + "0000000000000840",
		orb.LineString{{0, 1}, {2, 3}},
	},
	{
		"MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
		"0106000020e610000001000000" + "01030000000100000004000000" + "00000000000000000000000000000000" + "000000000000f03f0000000000000000" + "000000000000f03f000000000000f03f" + "00000000000000000000000000000000",
		orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}},
	},
	{
		"MULTIPOINT(0 1,2 3)", "0104000020e610000002000000" + "0101000000" + "0000000000000000000000000000f03f" + "0101000000" + "00000000000000400000000000000840",
		orb.MultiPoint{{0, 1}, {2, 3}},
	},
	{
		"GEOMETRYCOLLECTION(POINT(0 1))", "0107000020e610000001000000" + "0101000000" + "0000000000000000000000000000f03f",
		orb.Collection{orb.Point{0, 1}},
	},
}

func TestGeometryGoesToPostGISAndBackByteForByte(t *testing.T) {
	for _, c := range asPostGIS {
		want, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := ewkb.Decode(want); err != nil || !reflect.DeepEqual(g, c.g) {
			t.Errorf("%s reads as %v, %v", c.wkt, g, err)
		}
		if b, err := ewkb.Encode(c.g); err != nil || hex.EncodeToString(b) != c.hex {
			t.Errorf("%s is written as %x, %v", c.wkt, b, err)
		}
	}
}

func TestHeightsAreDropped(t *testing.T) {
	// POINT ZM (1 2 3 4) and POINT Z (1 2 3) in big-endian order.
	for _, h := range []string{
		"01010000e0e6100000" + "000000000000f03f" + "0000000000000040" + "0000000000000840" + "0000000000001040",
		"0080000001" + "3ff0000000000000" + "4000000000000000" + "4008000000000000",
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := ewkb.Decode(b); err != nil || g != orb.Geometry(orb.Point{1, 2}) {
			t.Errorf("%s reads as %v, %v", h, g, err)
		}
	}
}

func TestWhatIsNotOneSoundGeometryIsRefused(t *testing.T) {
	for name, h := range map[string]string{
		"nothing":                     "",
		"cut short":                   "0101000020e61000000000000000e05940",
		"bytes left over":             "0101000020e61000000000000000e05940000000000040364000",
		"another coordinate system":   "0101000020f50d00000000000000e059400000000000403640",
		"a point that is empty (NaN)": "0101000020e6100000000000000000f87f000000000000f87f",
		"infinity":                    "0101000000000000000000f07f0000000000000000",
		"four thousand million":       "0102000000ffffffff",
		"four thousand million parts": "0104000000ffffffff",
		"an unknown kind":             "0111000000",
		"an unknown byte order":       "0201000000",
		"a point inside a polygons":   "0106000000010000000101000000000000000000000000000000000000f03f",
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := ewkb.Decode(b); err == nil {
			t.Errorf("%s reads as %v", name, g)
		}
	}
	deep := []byte{}
	for range 10_000 {
		deep = append(deep, 1, 7, 0, 0, 0, 1, 0, 0, 0)
	}
	if _, err := ewkb.Decode(deep); err == nil {
		t.Error("a collection nested ten thousand deep is read")
	}
	for _, g := range []orb.Geometry{nil, orb.Point{math.NaN(), 0}, orb.LineString{{0, 0}, {math.Inf(1), 0}}} {
		if b, err := ewkb.Encode(g); err == nil {
			t.Errorf("%v is written as %x", g, b)
		}
	}
}

func TestAGeometryTakesTheKindOfItsLayer(t *testing.T) {
	line, ring := orb.LineString{{0, 0}, {1, 1}}, orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}
	polygon := orb.Polygon{ring}
	for _, c := range []struct {
		g    orb.Geometry
		kind geodata.Geometry
		want orb.Geometry
	}{
		{orb.Point{1, 2}, geodata.Point, orb.Point{1, 2}},
		{orb.MultiPoint{{1, 2}}, geodata.Point, orb.Point{1, 2}},
		{line, geodata.MultiLineString, orb.MultiLineString{line}},
		{orb.MultiLineString{line}, geodata.LineString, line},
		{polygon, geodata.MultiPolygon, orb.MultiPolygon{polygon}},
		{ring, geodata.MultiPolygon, orb.MultiPolygon{polygon}},
		{orb.Collection{polygon}, geodata.MultiPolygon, orb.MultiPolygon{polygon}},
		{polygon, geodata.Mixed, polygon},
	} {
		if got, err := ewkb.Promote(c.g, c.kind); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v as %s is %v, %v", c.g, c.kind, got, err)
		}
	}
}

func TestWhatWouldNeedCuttingIsRefused(t *testing.T) {
	for _, c := range []struct {
		g    orb.Geometry
		kind geodata.Geometry
		want error
	}{
		{orb.MultiPoint{{1, 2}, {3, 4}}, geodata.Point, ewkb.ErrKind},
		{orb.Point{1, 2}, geodata.MultiPolygon, ewkb.ErrKind},
		{orb.Point{1, 2}, geodata.None, ewkb.ErrKind},
		{orb.Collection{orb.Point{1, 2}, orb.Point{3, 4}}, geodata.Point, ewkb.ErrKind},
		{orb.Polygon{}, geodata.MultiPolygon, ewkb.ErrEmpty},
		{orb.MultiPolygon{{}}, geodata.MultiPolygon, ewkb.ErrEmpty},
		{orb.Collection{}, geodata.Mixed, ewkb.ErrEmpty},
	} {
		if got, err := ewkb.Promote(c.g, c.kind); !errors.Is(err, c.want) {
			t.Errorf("%v as %s is %v, %v", c.g, c.kind, got, err)
		}
	}
}

// FuzzDecode: whatever the bytes, Decode answers without much memory, and what it reads it writes and reads the same.
func FuzzDecode(f *testing.F) {
	for _, c := range asPostGIS {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{1, 2, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := ewkb.Decode(b)
		if err != nil {
			return
		}
		again, err := ewkb.Encode(g)
		if err != nil {
			t.Fatalf("%v is read and not written: %v", g, err)
		}
		back, err := ewkb.Decode(again)
		if err != nil || ewkb.Vertices(back) != ewkb.Vertices(g) {
			t.Fatalf("%v comes back as %v, %v", g, back, err)
		}
	})
}

func BenchmarkEncodeAParcel(b *testing.B) {
	parcel := orb.MultiPolygon{{{{103.6, 22.3}, {103.61, 22.3}, {103.61, 22.31}, {103.6, 22.31}, {103.6, 22.3}}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ewkb.Encode(parcel); err != nil {
			b.Fatal(err)
		}
	}
}
