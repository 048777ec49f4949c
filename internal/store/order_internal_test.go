package store

import (
	"encoding/hex"
	"errors"
	"math"
	"testing"
)

func FuzzCursor(f *testing.F) {
	o := order{layer: "hamlets", keys: []orderKey{{field: "name", column: `f."name"`, cast: "::text"}}}
	f.Add(Item{ID: 7, order: &o, keys: [][]byte{[]byte("Nà Đon")}}.Cursor())
	f.Add(Item{ID: -1, order: &o, keys: [][]byte{nil}}.Cursor())
	f.Add("bm8gY3Vyc29yIGF0IGFsbA")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := o.read(text)
		if err != nil {
			if !errors.Is(err, errCursor) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		item := Item{ID: at.ID, order: &o, keys: make([][]byte, len(at.Keys))}
		for i, key := range at.Keys {
			if key != nil {
				item.keys[i] = []byte(*key)
			}
		}
		if again, err := o.read(item.Cursor()); err != nil || again.ID != at.ID {
			t.Errorf("%q reads as %+v, which is written as %s, %v", text, at, item.Cursor(), err)
		}
	})
}

func FuzzPlot(f *testing.F) {
	for _, seed := range []string{
		"0101000020e61000000000000000e059400000000000403640", "0107000020e610000001000000" + "0101000000" + "0000000000000000000000000000f03f",
		"0102000000ffffffff", "01030000000100000004000000", "010c000000", "0001", "",
	} {
		b, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, ewkb []byte) {
		text, err := newPlotter(9, false).append(nil, ewkb)
		if err == nil && len(text) == 0 {
			t.Errorf("%x is written as nothing", ewkb)
		}
	})
}

func TestANumberIsRoundedAndHasNoZerosAtItsEnd(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{103.123456789, 9, "103.123456789"},
		{-0.5, 9, "-0.5"},
		{0, 9, "0"},
		{math.Copysign(0, -1), 9, "0"},
		{-1e-12, 9, "0"},
		{1e-9, 9, "0.000000001"},
		{179.9999999999, 9, "180"},
		{2468000.00004, 4, "2468000"},
		{2468000.00006, 4, "2468000.0001"},
		{1e16, 4, "10000000000000000"},
	} {
		if got := string(newPlotter(c.digits, false).number(nil, c.x)); got != c.want {
			t.Errorf("%v to %d digits: %s, want %s", c.x, c.digits, got, c.want)
		}
	}
}
