package edit_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"bando/geodata"
	"bando/internal/edit"
)

// told is what a stale change is told.
type told struct {
	Base, Mine, Theirs struct {
		Geometry   *json.RawMessage
		Properties map[string]any
	}
	Merge edit.Merge
}

func (b *bench) stale(c geodata.Change) (t told) {
	b.Helper()
	text, err := json.Marshal(b.refused("stale_revision", culture, edit.Batch{}, c).Details())
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		b.Fatal(err)
	}
	return t
}

func TestAStaleChangeIsToldWhatMergesAndWhatConflicts(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	seen := b.feature("hamlets", id).Revision
	theirs := merge("hamlets", id, map[string]any{"name": "Bản Mới", "population": 500, "households": 130, "centre": []any{103.62, 22.34}})
	theirs.Geometry, theirs.HasGeometry = square(50, 0, 900), true
	b.apply(admin, edit.Batch{}, theirs)

	mine := merge("hamlets", id, map[string]any{"name": "Bản Khác", "population": 500, "note": "đo lại", "households": json.Number("120")})
	mine.Expect = &seen
	got := b.stale(mine)
	if s := fmt.Sprint(got.Merge.Mine, got.Merge.Theirs, got.Merge.Both, got.Merge.Conflicts); s != "[note] [households centre geometry] [population] [name]" {
		t.Errorf("a patch merges as %s", s)
	}
	if got.Base.Geometry == nil || got.Base.Properties["name"] != "Bản B01" || got.Theirs.Properties["name"] != "Bản Mới" || got.Mine.Properties["name"] != "Bản Khác" {
		t.Errorf("base, mine, theirs: %+v", got)
	}

	whole := geodata.Change{
		Layer: "hamlets", Op: geodata.Update, ID: id, Expect: &seen, Geometry: square(0, 90, 900), HasGeometry: true,
		Properties: map[string]any{"code": "B01", "name": "Bản B01", "households": 120},
	}
	got = b.stale(whole)
	if s := fmt.Sprint(got.Merge.Mine, got.Merge.Both, got.Merge.Conflicts); s != "[] [] [geometry]" {
		t.Errorf("a replacement that changes the border alone merges as %s: %+v", s, got.Merge)
	}
}

func TestWhatMergesCleanlyCanBeSentAgain(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	seen := b.feature("hamlets", id).Revision
	b.apply(admin, edit.Batch{}, merge("hamlets", id, map[string]any{"population": 500}))
	mine := merge("hamlets", id, map[string]any{"note": "đo lại", "population": nil})
	mine.Geometry, mine.HasGeometry, mine.Expect = square(30, 0, 900), true, &seen
	got := b.stale(mine)
	if len(got.Merge.Conflicts) != 0 || fmt.Sprint(got.Merge.Mine) != "[note geometry]" {
		t.Fatalf("%+v", got.Merge)
	}
	properties, _ := got.Merge.Change["properties"].(map[string]any)
	now := b.feature("hamlets", id).Revision
	again := merge("hamlets", id, properties)
	again.Geometry, again.HasGeometry, again.Expect = mine.Geometry, got.Merge.Change["geometry"] != nil, &now
	b.apply(culture, edit.Batch{}, again)
	if f := b.feature("hamlets", id); f.Properties["note"] != "đo lại" || f.Properties["population"] != int64(500) {
		t.Errorf("%+v", f.Properties)
	}
}

func TestADeletionOfWhatWasChangedIsToldWhatItIsNow(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	seen := b.feature("hamlets", id).Revision
	b.apply(culture, edit.Batch{}, merge("hamlets", id, map[string]any{"population": 500}))
	got := b.stale(geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id, Expect: &seen})
	if got.Theirs.Properties["population"] != 500.0 || got.Base.Properties["population"] != nil || got.Mine.Properties != nil {
		t.Errorf("%+v", got)
	}
}
