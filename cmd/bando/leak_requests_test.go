package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"bando/geodata"
	"bando/geodata/layers"
)

// The grammar of requests that try to find out what is hidden.

// hiding are the layers that hide something, and one that refers to others.
func hiding() []string {
	return []string{"parcels", "masts", "tourism_sites", "planning", "land_use", "hazards", "forest_alerts", "coverage_submissions", "signal_tests", "coverage", "internet_points"}
}

// words are values that the hidden things have in one of the worlds.
func words() []string {
	return []string{
		"BIMAT-1", "KINCAP-1", "Thác Bí Mật 1", "Hang Kín 1", "hang kin", "bi mat", "CQP", "CAN", "TMD", "landslide", "flash_flood", "HS-A-1", "HS-B-1", "mobifone", "viettel",
		"ranh giới đang tranh chấp", "tk-11", "xx-99", "issued", "pending", "Tên nháp một", "Tên nháp hai", "Điểm ngắm mây", "đã rút A", "reported", "draft", "Khu nghỉ dưỡng",
	}
}

func pick[T any](chance *rand.Rand, list []T) T { return list[chance.IntN(len(list))] }

// literal is a value in CQL2: one of a hidden thing, or any.
func literal(chance *rand.Rand, f geodata.Field) string {
	switch f.Type {
	case geodata.Integer, geodata.Number:
		return fmt.Sprint(pick(chance, []float64{0, 1, 777.25, 1234.5, 1000, 9001, 2025, -100, 4}))
	case geodata.Boolean:
		return pick(chance, []string{"true", "false"})
	case geodata.Date:
		return "DATE('2026-06-01')"
	case geodata.DateTime:
		return "TIMESTAMP('2026-05-01T00:00:01Z')"
	default:
		return "'" + pick(chance, words()) + "'"
	}
}

// place is a box near where hidden things are.
func place(chance *rand.Rand) string {
	x, y, side := 103.60+chance.Float64()*0.11, 22.30+chance.Float64()*0.07, pick(chance, []float64{0.0005, 0.002, 0.01, 0.05})
	return fmt.Sprintf("%.5f,%.5f,%.5f,%.5f", x, y, x+side, y+side)
}

func fieldsOf(id string) []geodata.Field {
	c, err := layers.Builtin()
	if err != nil {
		panic(err)
	}
	l, err := c.Layer(id)
	if err != nil {
		panic(err)
	}
	return l.AllFields()
}

// predicate is a CQL2 filter.
func predicate(chance *rand.Rand, fields []geodata.Field, depth int) string {
	f, g := pick(chance, fields), pick(chance, fields)
	v := literal(chance, f)
	switch n := chance.IntN(16); {
	case n == 0 && depth > 0:
		return "(" + predicate(chance, fields, depth-1) + pick(chance, []string{" AND ", " OR "}) + predicate(chance, fields, depth-1) + ")"
	case n == 1 && depth > 0:
		return "NOT (" + predicate(chance, fields, depth-1) + ")"
	case n == 2:
		return f.Name + " IS NULL"
	case n == 3:
		return f.Name + " IS NOT NULL"
	case n == 4:
		return "CASEI(" + f.Name + ") LIKE CASEI('" + string([]rune(pick(chance, words()))[:2]) + "%')"
	case n == 5:
		return "ACCENTI(CASEI(" + f.Name + ")) = ACCENTI(CASEI('" + pick(chance, words()) + "'))"
	case n == 6:
		return f.Name + " BETWEEN " + v + " AND " + literal(chance, f)
	case n == 7:
		return f.Name + " IN (" + v + ", " + literal(chance, f) + ")"
	case n == 8:
		return f.Name + pick(chance, []string{" = ", " < ", " <> "}) + g.Name
	case n == 9:
		return f.Name + " * 2 - 1 > " + v
	case n == 10:
		return f.Name + " / 0 = " + v
	case n <= 12:
		return pick(chance, []string{"S_INTERSECTS", "S_WITHIN", "S_DISJOINT"}) + "(geometry, BBOX(" + place(chance) + "))"
	case n == 13:
		return "S_EQUALS(geometry, POINT(103.611 22.31))"
	case n == 14:
		return "id " + pick(chance, []string{"=", ">", "<="}) + " " + pick(chance, []string{"9001", "9100", "40"})
	default:
		return f.Name + pick(chance, []string{" = ", " <> ", " < ", " >= "}) + v
	}
}

// randomAsk makes a request.
func randomAsk(chance *rand.Rand) ask {
	id := pick(chance, hiding())
	if chance.IntN(4) == 0 {
		return randomOther(chance, id)
	}
	fields := fieldsOf(id)
	q := url.Values{}
	q.Set("limit", pick(chance, []string{"1", "3", "20", "200"}))
	// Mostly what the reader knows, so that most requests are answered: a refusal tells least.
	seen := fields
	if chance.IntN(5) > 0 {
		seen = nil
		for _, f := range fields {
			if !f.Hidden && f.Type != geodata.Object && f.Type != geodata.Strings && f.Type != geodata.Place {
				seen = append(seen, f)
			}
		}
	}
	if chance.IntN(3) > 0 {
		q.Set("filter", predicate(chance, seen, 2))
	}
	if chance.IntN(4) == 0 {
		q.Set("bbox", place(chance))
	}
	if chance.IntN(4) == 0 {
		f := pick(chance, seen)
		q.Set(f.Name, strings.Trim(literal(chance, f), "'"))
	}
	if chance.IntN(3) == 0 {
		q.Set("sortby", pick(chance, []string{"", "-"})+pick(chance, seen).Name)
	}
	if chance.IntN(4) == 0 {
		q.Set("properties", pick(chance, seen).Name+","+pick(chance, seen).Name)
	}
	if chance.IntN(5) == 0 {
		q.Set("crs", "http://www.opengis.net/def/crs/EPSG/0/9205")
	}
	if chance.IntN(6) == 0 {
		q.Set("f", pick(chance, []string{"html", "json"}))
	}
	path := "/collections/" + id + "/items?" + q.Encode()
	if chance.IntN(4) == 0 {
		path += fmt.Sprintf("&datetime={moment %d}", chance.IntN(len(secrets())))
	}
	return ask{method: "GET", path: path}
}

// feature is an id that a hidden thing has in one world, in both, or in none.
func feature(chance *rand.Rand) string {
	return pick(chance, []string{"1", "2", "3", "5", "9001", "9002", "9004", "9100", "9999"})
}

// randomOther makes a request by another way than a filter.
func randomOther(chance *rand.Rand, id string) ask {
	item := "/collections/" + id + "/items/" + feature(chance)
	body := object{"type": "Feature", "properties": object{"code": pick(chance, words()), "note": "x"}}
	headers := []string{"If-Match", `"1"`, "Content-Type", "application/merge-patch+json"}
	switch chance.IntN(14) {
	case 12, 13:
		return randomHistory(chance, id)
	case 0:
		return ask{method: "GET", path: item + pick(chance, []string{"", "?f=html", "?f=jsonld", fmt.Sprintf("?datetime={moment %d}", chance.IntN(len(secrets())))})}
	case 1:
		return ask{method: "GET", path: item + "/history" + pick(chance, []string{"?limit=1", "?limit=5", "?limit=100&f=html", fmt.Sprintf("/%d", 1+chance.IntN(60)), fmt.Sprintf("/%d?f=html", 1+chance.IntN(60))})}
	case 2:
		return ask{method: "GET", path: item + "/moves"}
	case 3:
		return ask{method: "PATCH", path: item, body: body, headers: headers}
	case 4:
		return ask{method: "DELETE", path: item, headers: headers}
	case 5:
		return ask{method: "POST", path: item + "/moves", body: object{"move": pick(chance, []string{"submit", "withdraw", "accept"}), "reason": "x"}, headers: headers[:2]}
	case 6:
		return ask{method: "GET", path: "/search?limit=50&q=" + url.QueryEscape(pick(chance, words()))}
	case 7:
		z := 10 + chance.IntN(6)
		at := tileOf(pick(chance, hiding()), []any{103.60 + chance.Float64()*0.11, 22.30 + chance.Float64()*0.07}, z)
		if chance.IntN(2) == 0 {
			at += fmt.Sprintf("?datetime={moment %d}", chance.IntN(len(secrets())))
		}
		return ask{method: "GET", path: at}
	case 8:
		return ask{method: "GET", path: "/collections/" + id + pick(chance, []string{"", "/schema", "/queryables", "/sortables", "?f=html"})}
	case 9:
		return ask{method: "GET", path: "/media/" + pick(chance, []string{"1", "2", "3", "4", "99"})}
	case 10:
		return ask{method: "GET", path: "/tiles/" + id + ".json" + pick(chance, []string{"", fmt.Sprintf("?datetime={moment %d}", chance.IntN(len(secrets())))})}
	default:
		return ask{method: "GET", path: pick(chance, []string{"/board", "/api/layers", "/collections", "/styles/commune.json", "/api/session"})}
	}
}

// randomHistory asks what happened.
func randomHistory(chance *rand.Rand, id string) ask {
	q := url.Values{}
	moment := func(name string) {
		if chance.IntN(3) == 0 {
			q.Set(name, fmt.Sprint(chance.IntN(30)))
		}
	}
	path := "/revisions"
	moment("since")
	moment("before")
	if chance.IntN(3) == 0 {
		q.Set("collections", id+pick(chance, []string{"", ",hamlets", ",masts"}))
	}
	if chance.IntN(3) == 0 {
		q.Set("bbox", place(chance))
	}
	if chance.IntN(6) == 0 {
		q.Set("who", pick(chance, []string{"nguoi_mot", "nguoi_hai", "admin"}))
	}
	switch chance.IntN(8) {
	case 0, 1:
		path, q = fmt.Sprintf("/revisions/%d", 1+chance.IntN(20)), url.Values{}
	case 2, 3, 4:
		path = "/changes"
		q.Del("before")
		q.Del("who")
		q.Set("since", fmt.Sprint(chance.IntN(20)))
		if chance.IntN(2) == 0 {
			q.Set("until", fmt.Sprint(20+chance.IntN(30)))
		}
		q.Set("include", pick(chance, []string{"before", "after", "before,after"}))
		if chance.IntN(3) == 0 {
			q.Set("after", id+","+feature(chance))
		}
	}
	q.Set("limit", pick(chance, []string{"1", "5", "200"}))
	q.Set("f", pick(chance, []string{"html", "json"}))
	return ask{method: "GET", path: path + "?" + q.Encode()}
}

// fixedAsks are the requests that no chance should leave out.
func fixedAsks() []ask {
	get := []string{"/", "/api", "/conformance", "/collections", "/collections?f=html", "/api/layers", "/api/session", "/board", "/styles/commune.json?lang=vi", "/functions", "/media/1", "/media/2"}
	for _, id := range hiding() {
		at := "/collections/" + id
		get = append(get, at, at+"/schema", at+"/queryables", at+"/sortables", at+"/items?limit=1000", at+"/items?limit=1000&f=html", at+"/items?limit=2&sortby=-id", "/tiles/"+id+".json")
		for n := range secrets() {
			get = append(get, fmt.Sprintf("%s/items?limit=1000&datetime={moment %d}", at, n))
			// The tiles that hold all of the commune, and one of its middle.
			get = append(get, fmt.Sprintf("%s?datetime={moment %d}", tileOf(id, []any{103.665, 22.335}, 10+n%5), n))
		}
		for _, f := range []string{"1", "2", "3", "9001", "9003", "9100"} {
			get = append(get, at+"/items/"+f, at+"/items/"+f+"/history", at+"/items/"+f+"/history?f=html", at+"/items/"+f+"/moves", at+"/items/"+f+"/proof")
		}
		for z := 9; z <= 14; z++ {
			get = append(get, tileOf(id, []any{103.615, 22.315}, z), tileOf(id, []any{103.665, 22.335}, z))
		}
	}
	for n := range len(secrets()) + 6 {
		get = append(get, fmt.Sprintf("/revisions/%d", n+1), fmt.Sprintf("/revisions/%d?f=html", n+1))
		get = append(get, fmt.Sprintf("/changes?since=%d&include=before,after&limit=1000", n), fmt.Sprintf("/changes?since=%d&until=%d&include=after&f=html", n, n+3))
	}
	for n := range secrets() {
		get = append(get, fmt.Sprintf("/changes?since={moment %d}&limit=1000&include=before,after", n), fmt.Sprintf("/changes?since=0&until={moment %d}&limit=1000&bbox=103.60,22.30,103.65,22.34", n))
	}
	get = append(get, "/revisions?limit=200", "/revisions?limit=200&f=html", "/revisions?who=nguoi_mot", "/revisions?bbox=103.60,22.30,103.65,22.34")
	for _, q := range words() {
		get = append(get, "/search?q="+url.QueryEscape(q))
	}
	asks := make([]ask, 0, len(get))
	for _, path := range get {
		asks = append(asks, ask{method: "GET", path: path})
	}
	square := object{"type": "MultiPolygon", "coordinates": []any{[]any{[]any{[]any{103.62, 22.32}, []any{103.63, 22.32}, []any{103.63, 22.33}, []any{103.62, 22.33}, []any{103.62, 22.32}}}}}
	for _, code := range []string{"HS-A-1", "HS-B-1", "HS-B-4"} { // codes of a rival's hidden claims
		asks = append(asks, ask{method: "POST", path: "/collections/coverage_submissions/items", body: object{
			"type": "Feature", "geometry": square, "properties": object{"code": code, "technology": "5G", "environment": "outdoor"},
		}})
	}
	for _, facility := range []int{1, 9001} {
		asks = append(asks, ask{method: "POST", path: "/collections/internet_points/items", body: object{
			"type": "Feature", "geometry": object{"type": "Point", "coordinates": []any{103.62, 22.32}}, "properties": object{"kind": "wifi", "facility_id": facility},
		}})
	}
	return asks
}

// pictureOf is a photo of one colour in each world.
func pictureOf(t testing.TB, which int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.SetGray(1, 1, color.Gray{Y: uint8(100 + which)})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
