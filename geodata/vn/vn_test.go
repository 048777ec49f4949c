package vn_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

const shared = "../../../shared/data/"

// facts opens a file of the real data beside the checkout, or skips where it is absent.
func facts(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(shared + name)
	if errors.Is(err, os.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not beside this checkout", name)
		}
		t.Skipf("%s is not beside this checkout", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFoldMakesTheKeyThatPeopleType(t *testing.T) {
	for text, want := range map[string]string{
		"Sì Thâu Chải":        "si thau chai",
		"ĐẤT Ở TẠI ĐÔ":        "dat o tai do",
		"Bi\u0300nh Lu\u031b": "binh lu", // decomposed
		"thửa 12/3 m²":        "thua 12/3 m²",
		"":                    "",
	} {
		if got := vn.Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
	if got := vn.NFC("Bi\u0300nh Lu\u031b"); got != "Bình Lư" {
		t.Errorf("NFC left %q", got)
	}
}

func TestTCVN3DecodesAsTheStandardsTable(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(facts(t, "charsets/tcvn3_abc_to_unicode.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		code, err := strconv.ParseUint(row[0], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		if got := vn.FromTCVN3([]byte{byte(code)}); got != row[2] {
			t.Errorf("byte %s is %q, want %q", row[0], got, row[2])
		}
	}
	if len(rows) != 75 {
		t.Errorf("the table has %d rows", len(rows))
	}
}

func TestTCVN3DecodesARealSentence(t *testing.T) {
	got := vn.FromTCVN3(facts(t, "charsets/sample_tcvn3.txt"))
	if want := string(facts(t, "charsets/sample_utf8.txt")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := vn.FromTCVN3([]byte("\x93Rõng\x94 12 m\xb2")); got == "" || []rune(got)[0] != '“' {
		t.Errorf("curly quotes and signs became %q", got)
	}
}

func TestUndecodedTCVN3IsSeen(t *testing.T) {
	latin1 := func(bytes []byte) string {
		var runes []rune
		for _, b := range bytes {
			runes = append(runes, rune(b))
		}
		return string(runes)
	}
	for _, text := range []string{"X· B×nh L\u00ad", "®Êt", "Rõng phßng hé", "thöa sè 29"} {
		if !vn.LooksLikeTCVN3(text) {
			t.Errorf("%q was not seen as TCVN3", text)
		}
	}
	if !vn.LooksLikeTCVN3(latin1(facts(t, "charsets/sample_tcvn3.txt"))) {
		t.Error("the sample sentence was not seen as TCVN3")
	}
	for _, text := range []string{
		"", "Xã Bình Lư", "Bản Hon", "nói là", "xà", "Café Müller", "3×4 m", "12,5 m²", "§ 3", "Sa Pa · Lào Cai", "22°20′", "Ô Quý Hồ", "© bando",
	} {
		if vn.LooksLikeTCVN3(text) {
			t.Errorf("%q was taken for TCVN3", text)
		}
	}
}

func TestGeoHashIsTheParcelCode(t *testing.T) {
	if got := vn.GeoHash(103.62, 22.34, 12); got != "w7cxjfvgcjb4" {
		t.Errorf("got %s", got)
	}
	if got := vn.GeoHash(-5.6, 42.6, 5); got != "ezs42" {
		t.Errorf("got %s", got)
	}
	if got := vn.GeoHash(180, 90, 3); got != "zzz" {
		t.Errorf("the far corner is %s", got)
	}
}

func TestVN2000AgreesWithTheCheckPoints(t *testing.T) {
	for _, c := range []struct {
		epsg           int
		lon, lat, e, n float64
		toleranceM     float64
	}{
		{9205, 103.67273, 22.3442, 569096.2801, 2471926.9020, 0.001},
		{9208, 103.67273, 22.3442, 388840.2682, 2472171.1455, 0.001},
		{9205, 103.62, 22.34, 563666.75, 2471438.55, 0.01},
		{9217, 108.877201144, 11.349358047, 568262.924, 1255172.51, 0.01},
	} {
		e, n, err := vn.FromWGS84(c.epsg, c.lon, c.lat)
		if err != nil {
			t.Fatal(err)
		}
		if d := math.Hypot(e-c.e, n-c.n); d > c.toleranceM {
			t.Errorf("EPSG:%d of %v %v is %.4f %.4f, %.4f m off", c.epsg, c.lon, c.lat, e, n, d)
		}
		lon, lat, err := vn.ToWGS84(c.epsg, e, n)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(lon-c.lon)+math.Abs(lat-c.lat) > 2e-8 {
			t.Errorf("there and back from %v %v is %v %v", c.lon, c.lat, lon, lat)
		}
	}
	if _, _, err := vn.FromWGS84(9201, 103, 22); !errors.Is(err, vn.ErrNoPlane) {
		t.Errorf("EPSG:9201 is none of them, but the error is %v", err)
	}
}

func TestAreaIsMeasuredInThePlaneOfTheCadastre(t *testing.T) {
	at := func(e, n float64) orb.Point {
		lon, lat, err := vn.ToWGS84(9205, e, n)
		if err != nil {
			t.Fatal(err)
		}
		return orb.Point{lon, lat}
	}
	square := func(e, n, side float64) orb.Ring {
		return orb.Ring{at(e, n), at(e+side, n), at(e+side, n+side), at(e, n+side), at(e, n)}
	}
	field := orb.Polygon{square(563000, 2471000, 100), square(563020, 2471020, 10)}
	if got := vn.AreaM2(field); math.Abs(got-9900) > 0.01 {
		t.Errorf("a 100 m square with a 10 m hole has %.4f m²", got)
	}
	if got := vn.AreaM2(orb.MultiPolygon{field, {square(563200, 2471000, 10)}}); math.Abs(got-10000) > 0.01 {
		t.Errorf("both parts have %.4f m²", got)
	}
	if got := vn.AreaM2(orb.LineString{at(1, 1), at(2, 2)}); got != 0 {
		t.Errorf("a line has %v m²", got)
	}
}

func TestNumbersAreWrittenTheVietnameseWay(t *testing.T) {
	for got, want := range map[string]string{
		vn.Number(2159.6, 1):   "2.159,6",
		vn.Number(-1234567, 0): "-1.234.567",
		vn.Number(0.05, 2):     "0,05",
		vn.Number(999, 0):      "999",
		vn.Area(2159.6):        "2.159,6 m²",
		vn.Area(123456):        "12,35 ha",
		vn.DateIn(time.Date(2026, 9, 1, 20, 0, 0, 0, time.UTC)): "02/09/2026",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func BenchmarkFromWGS84(b *testing.B) {
	for b.Loop() {
		if _, _, err := vn.FromWGS84(9205, 103.62, 22.34); err != nil {
			b.Fatal(err)
		}
	}
}
