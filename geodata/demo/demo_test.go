package demo_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/geodata/layers"
	"bando/geodata/vn"
)

// digest hashes all that a commune tells, and counts it by layer.
func digest(t *testing.T, o demo.Options) (sum string, counts map[string]int) {
	t.Helper()
	h, counts := sha256.New(), map[string]int{}
	for c, err := range demo.Commune(o) {
		if err != nil {
			t.Fatal(err)
		}
		counts[c.Layer]++
		// JSON sorts the names of properties.
		line, err := json.Marshal(map[string]any{"layer": c.Layer, "id": c.ID, "p": c.Properties, "g": c.Geometry})
		if err != nil {
			t.Fatal(err)
		}
		h.Write(line)
	}
	return hex.EncodeToString(h.Sum(nil)), counts
}

func TestTheSameOptionsMakeTheSameBytes(t *testing.T) {
	first, counts := digest(t, demo.Options{Seed: 7, Parcels: 3000})
	if again, _ := digest(t, demo.Options{Seed: 7, Parcels: 3000}); again != first {
		t.Error("two runs with the same options differ")
	}
	if other, _ := digest(t, demo.Options{Seed: 8, Parcels: 3000}); other == first {
		t.Error("another seed made the same commune")
	}
	if counts["parcels"] != 3000 || counts["hamlets"] != 31 {
		t.Errorf("made %v", counts)
	}
}

func TestItMakesAsManyParcelsAsAsked(t *testing.T) {
	for _, n := range []int{1, 36_000} {
		if _, counts := digest(t, demo.Options{Seed: 1, Parcels: n}); counts["parcels"] != n {
			t.Errorf("asked for %d parcels, got %d", n, counts["parcels"])
		}
	}
	for _, err := range demo.Commune(demo.Options{Parcels: -1}) {
		if !errors.Is(err, demo.ErrTooMany) {
			t.Errorf("−1 parcels gave %v", err)
		}
	}
}

// TestEverythingFitsTheDeclarations checks what the demo tells against the catalogue: layers, fields, codes, references.
func TestEverythingFitsTheDeclarations(t *testing.T) {
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int64{}
	keys := map[string]bool{}
	for c, err := range demo.Commune(demo.Options{Seed: 3, Parcels: 4000}) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := catalogue.Layer(c.Layer)
		if err != nil {
			t.Fatalf("layer %s: %v", c.Layer, err)
		}
		told[l.ID]++
		if c.Op != geodata.Create || c.ID != told[l.ID] || c.Properties["source"] != demo.Source {
			t.Fatalf("%s %d: a change must create the next id and say its source: %+v", l.ID, told[l.ID], c)
		}
		checkFeature(t, l, c, told)
		key := l.ID
		for _, name := range l.Key {
			key += fmt.Sprint("|", c.Properties[name])
		}
		if len(l.Key) > 0 && keys[key] {
			t.Errorf("the key %s is told twice", key)
		}
		keys[key] = true
		if t.Failed() {
			t.Fatalf("the first fault is in %s %d: %v", l.ID, c.ID, c.Properties)
		}
	}
	for _, l := range catalogue.Layers() {
		if told[l.ID] == 0 {
			t.Errorf("nothing is told of layer %s", l.ID)
		}
	}
}

func checkFeature(t *testing.T, l geodata.Layer, c geodata.Change, told map[string]int64) {
	t.Helper()
	fields := map[string]geodata.Field{}
	for _, f := range l.AllFields() {
		fields[f.Name] = f
		if f.Required && f.Default == nil && c.Properties[f.Name] == nil {
			t.Errorf("%s is required", f.Name)
		}
	}
	for name, value := range c.Properties {
		f, ok := fields[name]
		if !ok {
			t.Errorf("%s is no field of %s", name, l.ID)
			continue
		}
		checkValue(t, f, value)
		if f.Refers != "" {
			if id := value.(int64); id < 1 || id > told[f.Refers] {
				t.Errorf("%s refers to %s %d, which is not told yet", name, f.Refers, id)
			}
		}
	}
	kind := geodata.None
	if c.Geometry != nil {
		kind = geodata.Geometry(c.Geometry.GeoJSONType())
	}
	if kind != l.Geometry && l.Geometry != geodata.Mixed {
		t.Errorf("a %s in a layer of %s", kind, l.Geometry)
	}
}

func checkValue(t *testing.T, f geodata.Field, value any) {
	t.Helper()
	texts, number, isNumber := []string(nil), 0.0, false
	ok := false
	switch v := value.(type) {
	case string:
		texts, ok = []string{v}, f.Type == geodata.String || f.Type == geodata.Date || f.Type == geodata.DateTime
		if f.Type == geodata.Date {
			_, err := time.Parse(time.DateOnly, v)
			ok = err == nil
		}
	case []string:
		texts, ok = v, f.Type == geodata.Strings
	case int64:
		number, isNumber, ok = float64(v), true, f.Type == geodata.Integer
	case float64:
		number, isNumber, ok = v, true, f.Type == geodata.Number
	case bool:
		ok = f.Type == geodata.Boolean
	case []float64:
		ok = f.Type == geodata.Place && len(v) == 2
	case []any:
		ok = f.Type == geodata.Object
	}
	if !ok {
		t.Errorf("%s is %T (%v), but the field is a %s", f.Name, value, value, f.Type)
	}
	if isNumber && (f.Min != nil && number < *f.Min || f.Max != nil && number > *f.Max) {
		t.Errorf("%s is %v, out of its range", f.Name, number)
	}
	for _, text := range texts {
		if text != vn.NFC(text) || vn.LooksLikeTCVN3(text) {
			t.Errorf("%s is not proper text: %q", f.Name, text)
		}
		known := len(f.Enum) == 0
		for _, code := range f.Enum {
			known = known || code.Value == text
		}
		if !known {
			t.Errorf("%s has the unknown code %q", f.Name, text)
		}
	}
}

func TestParcelsAddUp(t *testing.T) {
	for c := range demo.Commune(demo.Options{Seed: 5, Parcels: 5000}) {
		if c.Layer != "parcels" {
			continue
		}
		p := c.Properties
		sum := 0.0
		for _, part := range p["purposes"].([]any) {
			sum += part.(map[string]any)["area_m2"].(float64)
		}
		if legal := p["legal_area_m2"].(float64); math.Abs(sum-legal) > 0.05 {
			t.Fatalf("parcel %v: the purposes sum to %v, not %v", p["code"], sum, legal)
		}
		shape := c.Geometry.(orb.MultiPolygon)
		if n := len(shape[0][0]) - 1; len(shape) != 1 || n < 4 || n > 30 {
			t.Fatalf("parcel %v has %d corners", p["code"], n)
		}
		if measured := vn.AreaM2(shape); math.Abs(measured-p["measured_area_m2"].(float64)) > 0.051 {
			t.Fatalf("parcel %v measures %v, not %v", p["code"], measured, p["measured_area_m2"])
		}
	}
}

// Whatever the seed, the hamlets' people are as many as the commune's, and some live in each.
func TestEverySeedSharesThePeopleOut(t *testing.T) {
	for seed := range uint64(200) {
		homes, people := demo.Peopled(seed)
		sum := 0
		for i, n := range people {
			sum += n
			if n < 2*homes[i] || n > 7*homes[i] {
				t.Fatalf("seed %d: hamlet %d has %d people in %d households", seed, i+1, n, homes[i])
			}
		}
		if sum != 18606 {
			t.Fatalf("seed %d: %d people in all", seed, sum)
		}
	}
}

func TestAccountsAreRoles(t *testing.T) {
	seen := map[geodata.Role]bool{}
	for _, a := range demo.Accounts() {
		seen[a.Role] = true
		if (a.Role == geodata.TelecomPartner) != (a.Operator != "") || (a.Role == geodata.HamletHead) != (a.HamletID > 0) {
			t.Errorf("account %s acts for nobody, or for too much", a.Name)
		}
	}
	for _, role := range geodata.Roles {
		if !seen[role] {
			t.Errorf("there is no account for %s", role)
		}
	}
}

func TestTheHouseIsAValidGLB(t *testing.T) {
	b := demo.GLB()
	if string(b) != string(demo.GLB()) {
		t.Error("the house is not the same every time")
	}
	word := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	if string(b[:4]) != "glTF" || word(4) != 2 || int(word(8)) != len(b) || string(b[16:20]) != "JSON" {
		t.Fatalf("the header is wrong: % x", b[:20])
	}
	text := b[20 : 20+word(12)]
	bin := b[20+len(text):]
	if string(bin[4:7]) != "BIN" || len(text)%4 != 0 || int(binary.LittleEndian.Uint32(bin)) != len(bin)-8 {
		t.Fatal("the binary chunk is wrong")
	}
	var doc struct {
		Accessors   []struct{ Count, BufferView int }
		BufferViews []struct{ ByteOffset, ByteLength int }
		Buffers     []struct{ ByteLength int }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	triangles := 0
	for i, a := range doc.Accessors {
		v := doc.BufferViews[a.BufferView]
		if v.ByteLength != 12*a.Count || v.ByteOffset+v.ByteLength > doc.Buffers[0].ByteLength || a.Count%3 != 0 {
			t.Errorf("accessor %d does not lie in its buffer", i)
		}
		triangles += a.Count / 3
	}
	if doc.Buffers[0].ByteLength != len(bin)-8 || triangles < 400 || len(b) > 200_000 {
		t.Errorf("%d triangles (positions and normals) in %d bytes", triangles, len(b))
	}
}

// Geometry goes through GeoJSON somewhere: nothing may be lost there. And who has seen enough may leave.
func TestCoordinatesSurviveJSON(t *testing.T) {
	told := 0
	for c := range demo.Commune(demo.Options{Seed: 1, Parcels: 1, Now: time.Date(2027, 3, 1, 13, 0, 0, 0, time.UTC)}) {
		if on, ok := c.Properties["installed_on"].(string); ok && (on < "2026" || on > "2027-03-01") {
			t.Errorf("%s was installed on %s, not before the day of the demo", c.Ref, on)
		}
		text, err := json.Marshal(geojson.NewGeometry(c.Geometry))
		if err != nil {
			t.Fatal(err)
		}
		back, err := geojson.UnmarshalGeometry(text)
		if err != nil || !orb.Equal(back.Geometry(), c.Geometry) {
			t.Fatalf("%s %d changed on its way: %v", c.Layer, c.ID, err)
		}
		if told++; c.Layer == "land_use" {
			break
		}
	}
	if told < 300 {
		t.Errorf("told only %d features before land use", told)
	}
}

func BenchmarkCommune(b *testing.B) {
	for _, parcels := range []int{1, demo.DefaultParcels, 200_000} {
		b.Run(fmt.Sprint(parcels), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range demo.Commune(demo.Options{Seed: 1, Parcels: parcels}) {
				}
			}
		})
	}
}
