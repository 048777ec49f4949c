package store_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/store"
)

func TestValuesOfFilesAndJSONTakeOneForm(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 7*3600))
	for _, c := range []struct {
		t        geodata.FieldType
		in, want any
	}{
		{geodata.String, " Bi\u0300nh Lư\n", "Bình Lư"},
		{geodata.String, "  ", nil},
		{geodata.String, 3390.0, "3390"},
		{geodata.String, json.Number("12"), "12"},
		{geodata.Integer, 12.0, int64(12)},
		{geodata.Integer, "12", int64(12)},
		{geodata.Integer, "12.0", int64(12)},
		{geodata.Integer, json.Number("9007199254740993"), int64(9007199254740993)},
		{geodata.Number, 3, 3.0},
		{geodata.Number, "-95.5", -95.5},
		{geodata.Boolean, "True", true},
		{geodata.Boolean, int64(0), false},
		{geodata.Date, "2026/03/01", "2026-03-01"},
		{geodata.Date, "1/3/2026", "2026-03-01"},
		{geodata.Date, noon, "2026-03-01"},
		{geodata.DateTime, noon, "2026-03-01T05:00:00.123457Z"},
		{geodata.DateTime, "2026-03-01T12:00:00+07:00", "2026-03-01T05:00:00Z"},
		{geodata.DateTime, "2026/03/01 12:00:00+07", "2026-03-01T05:00:00Z"},
		{geodata.Strings, "a, b;c", []string{"a", "b", "c"}},
		{geodata.Strings, `["a","b"]`, []string{"a", "b"}},
		{geodata.Strings, []any{"a"}, []string{"a"}},
		{geodata.Object, `{"a":1}`, map[string]any{"a": 1.0}},
		{geodata.Object, []int{1}, []any{1.0}},
		{geodata.Place, []any{103.5, 22.5}, orb.Point{103.5, 22.5}},
		{geodata.Place, map[string]any{"type": "Point", "coordinates": []any{1.0, 2.0}}, orb.Point{1, 2}},
	} {
		got, err := store.Coerce(geodata.Field{Name: "f", Type: c.t}, c.in)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s of %#v is %#v, %v", c.t, c.in, got, err)
		}
	}
}

func TestValuesOfAnotherTypeAreRefusedWithTheWayToWriteThem(t *testing.T) {
	for _, c := range []struct {
		t  geodata.FieldType
		in any
	}{
		{geodata.String, "a\x00b"},
		{geodata.String, "a\xffb"},
		{geodata.String, true},
		{geodata.Integer, 1.5},
		{geodata.Integer, "1e400"},
		{geodata.Integer, 1e300},
		{geodata.Number, math.NaN()},
		{geodata.Number, "Infinity"},
		{geodata.Boolean, 2.0},
		{geodata.Date, "31/02/2026"},
		{geodata.Date, "hôm qua"},
		{geodata.DateTime, "2026-03-01T12:00:00"},
		{geodata.Strings, []any{1}},
		{geodata.Object, "chữ"},
		{geodata.Object, 5.0},
		{geodata.Object, map[string]any{"a": "\x00"}},
		{geodata.Place, []any{1.0}},
		{geodata.Place, "ở kia"},
	} {
		got, err := store.Coerce(geodata.Field{Name: "f", Type: c.t, Title: geodata.Text{VI: "Trường", EN: "Field"}}, c.in)
		if f, ok := fault.As(err); !ok || f.Code() != "field_type" || f.Field() != "f" {
			t.Errorf("%s of %#v is %#v, %v", c.t, c.in, got, err)
		}
	}
}
