package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"testing"

	"bando/geodata"
	"bando/internal/feed"
	"bando/tiles"
)

func newTestHub() *Hub {
	see := geodata.Visibility{Visible: true}
	return NewHub(geodata.NewCatalogue([]geodata.Layer{
		{ID: "hamlets", Public: see},
		{ID: "hidden"},
		{ID: "sites", Public: geodata.Visibility{Visible: true, When: []geodata.Condition{{Field: "published", Is: "set"}}}},
		{ID: "masts", Public: geodata.Visibility{Visible: true, RoundM: 500}},
	}))
}

func logged(revision geodata.Revision, layer string, id int64) feed.Entry {
	// A square of zoom 24 near Bình Lư.
	return feed.Entry{Revision: revision, Layer: layer, Feature: id, Op: geodata.Update, Rects: []tiles.Rect{{X0: 13220000, Y0: 7340000, X1: 13220003, Y1: 7340002}}}
}

func changes(t *testing.T, text []byte) (revision geodata.Revision, list []change) {
	t.Helper()
	_, data, ok := bytes.Cut(text, []byte("data: "))
	var told struct {
		Revision geodata.Revision
		Changes  []change
	}
	if !ok || json.Unmarshal(data, &told) != nil {
		t.Fatalf("no event: %q", text)
	}
	return told.Revision, told.Changes
}

func TestEachAudienceIsToldWhatItMaySee(t *testing.T) {
	h := newTestHub()
	staff, _, _, _, err := h.open(geodata.Staff, "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	public, _, _, _, err := h.open(geodata.Public, "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	h.Tell(1, []feed.Entry{logged(1, "hamlets", 5), logged(1, "hidden", 6), logged(1, "sites", 7), logged(1, "masts", 8)})
	h.Tell(2, []feed.Entry{logged(2, "hidden", 6)})

	if _, all := changes(t, <-staff.queue); len(all) != 4 || all[2].ID != 7 || all[3].Squares[0] != [4]int32{13220000, 7340000, 13220003, 7340002} {
		t.Errorf("staff were told %+v", all)
	}
	_, seen := changes(t, <-public.queue)
	if len(seen) != 3 || seen[0].ID != 5 || seen[1].ID != 0 || seen[2].ID != 0 {
		t.Fatalf("the public was told %+v", seen)
	}
	for _, coarse := range seen[1:] {
		if !reflect.DeepEqual(coarse.Squares, [][4]int32{everywhere()}) {
			t.Errorf("%s is told as exactly as %v", coarse.Layer, coarse.Squares)
		}
	}
	if len(public.queue) != 0 || len(staff.queue) != 1 {
		t.Error("a change of a hidden layer reached the public, or did not reach staff")
	}
}

func TestManyChangesAreToldAsOne(t *testing.T) {
	h := newTestHub()
	l, _, _, _, err := h.open(geodata.Public, "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	var entries []feed.Entry
	for i := range int32(manyChanges + 1) {
		e := logged(1, "hamlets", int64(i))
		e.Rects[0].X1 += i
		entries = append(entries, e)
	}
	h.Tell(1, entries)
	if _, all := changes(t, <-l.queue); len(all) != 1 || all[0].ID != 0 || all[0].Op != "many" || all[0].Squares[0][2] != 13220003+manyChanges {
		t.Errorf("told %+v", all)
	}
}

func TestASlowPageIsLetGoAndToldTheRestWhenItComesBack(t *testing.T) {
	h := newTestHub()
	h.Begin(10)
	slow, head, _, _, err := h.open(geodata.Public, "a", 0)
	if err != nil || head != 10 {
		t.Fatalf("head %d, %v", head, err)
	}
	for i := range geodata.Revision(queueLength + 5) {
		h.Tell(11+i, []feed.Entry{logged(11+i, "hamlets", 1)})
	}
	var last geodata.Revision
	for text := range slow.queue {
		last, _ = changes(t, text)
	}
	if last != 10+queueLength {
		t.Errorf("the last event before the end was of revision %d", last)
	}
	_, head, missed, reset, err := h.open(geodata.Public, "a", last)
	if err != nil || reset || len(missed) != 5 || head != last+5 {
		t.Errorf("coming back: head %d, %d missed, reset %v, %v", head, len(missed), reset, err)
	}
	if _, _, _, reset, _ := h.open(geodata.Public, "a", 3); !reset {
		t.Error("a page from before this server's memory was told that nothing is missing")
	}
	h.Close()
	if _, _, _, _, err := h.open(geodata.Public, "a", 0); err == nil {
		t.Error("a closed hub takes listeners")
	}
}

func TestPagesBeyondTheBoundAreRefused(t *testing.T) {
	h := newTestHub()
	open := func(from string) error {
		_, _, _, _, err := h.open(geodata.Public, from, 0)
		return err
	}
	for i := range maxListeners {
		if err := open(strconv.Itoa(i / maxListenersFrom)); err != nil {
			t.Fatal(err)
		}
	}
	if open("another") == nil {
		t.Error("there is no bound")
	}
}

// One address cannot take the streams of everybody.
func TestPagesOfOneAddressAreBounded(t *testing.T) {
	h := newTestHub()
	var first *listener
	for range maxListenersFrom {
		l, _, _, _, err := h.open(geodata.Public, "a", 0)
		if err != nil {
			t.Fatal(err)
		}
		first = l
	}
	if _, _, _, _, err := h.open(geodata.Public, "a", 0); err == nil {
		t.Error("one address has no bound")
	}
	if _, _, _, _, err := h.open(geodata.Public, "b", 0); err != nil {
		t.Errorf("another address is refused: %v", err)
	}
	h.leave(first)
	if _, _, _, _, err := h.open(geodata.Public, "a", 0); err != nil {
		t.Errorf("a page that has left still counts: %v", err)
	}
}
