package difference_test

import (
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/difference"
	"bando/internal/store"
)

func TestChangesAreToldInWordsAndVietnameseNumbers(t *testing.T) {
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	hamlets, err := catalogue.Layer("hamlets")
	if err != nil {
		t.Fatal(err)
	}
	x := func(v float64) *float64 { return &v }
	e := store.Entry{
		Layer: "hamlets", Op: geodata.Update, GeometryChanged: true,
		Changed: map[string]store.FromTo{
			"coverage_5g": {From: "reported", To: "verified"}, "households": {From: int64(1071), To: int64(84)}, "digital_team": {From: nil, To: true},
			"coverage_5g_on": {From: "2026-11-30", To: nil}, "coverage_5g_households_pct": {From: 12.5, To: 100.0}, "priority": {From: nil, To: []string{"centre", "dense"}},
			"centre": {From: nil, To: orb.Point{103.62, 22.3401}}, "name": {From: "Bản <b>A</b>", To: "Bản B"},
		},
		Shape: store.Shape{Dimension: 2, AreaBefore: x(12345.6), AreaAfter: x(12000), Moved: x(3.456)},
	}
	want := map[string][2]string{
		"name": {"Tên bản: Bản <b>A</b> → Bản B", "Name: Bản <b>A</b> → Bản B"}, "households": {"Số hộ: 1.071 → 84", "Households: 1,071 → 84"},
		"priority":                   {"Ưu tiên phủ sóng: → Trung tâm xã, Đông dân cư", "Priority: → Commune centre, Densely populated"},
		"centre":                     {"Điểm trung tâm: → 22,340100° B, 103,620000° Đ", "Centre: → 22.340100° N, 103.620000° E"},
		"digital_team":               {"Có tổ công nghệ số cộng đồng: → có", "Has a community digital team: → yes"},
		"coverage_5g":                {"Xác nhận phủ sóng 5G: Đã báo, chờ xác nhận → Đã xác nhận", "5G coverage state: Reported → Verified"},
		"coverage_5g_households_pct": {"Tỷ lệ hộ có 5G: 12,5 % → 100 %", "Households with 5G: 12.5 % → 100 %"},
		"coverage_5g_on":             {"Ngày xác nhận 5G: bỏ “30/11/2026”", "5G state since: “30/11/2026” taken out"},
		"geometry":                   {"Vị trí, hình dạng: diện tích 12.345,6 m² → 12.000,0 m² (−345,6 m²), tâm dời 3,46 m", "Place and shape: area 12,345.6 m² → 12,000.0 m² (−345.6 m²), its middle moved by 3.46 m"},
	}
	lines := difference.Of(hamlets, e, func(string, int64) string { return "" })
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
	for _, l := range lines {
		if got := [2]string{l.In("vi"), l.In("en")}; got != want[l.Field] {
			t.Errorf("%s: %q, want %q", l.Field, got, want[l.Field])
		}
	}
}

func TestAReferenceIsToldByItsName(t *testing.T) {
	l := geodata.Layer{ID: "x", Fields: []geodata.Field{{Name: "facility_id", Type: geodata.Integer, Refers: "facilities", Title: geodata.Text{VI: "Công trình", EN: "Facility"}}}, Geometry: geodata.Point}
	e := store.Entry{Op: geodata.Update, GeometryChanged: true, Changed: map[string]store.FromTo{"facility_id": {From: int64(1), To: int64(2)}}, Shape: store.Shape{Moved: new(float64)}}
	*e.Shape.Moved = 12.5
	if refs := difference.References(l, []store.Entry{e}); len(refs["facilities"]) != 2 {
		t.Errorf("%v", refs)
	}
	lines := difference.Of(l, e, func(_ string, id int64) string { return map[int64]string{1: "Trạm y tế"}[id] })
	if lines[0].In("vi") != "Công trình: Trạm y tế → 2" || lines[1].In("vi") != "Vị trí, hình dạng: dời 12,50 m" || lines[1].In("en") != "Place and shape: moved by 12.50 m" {
		t.Errorf("%q %q", lines[0].In("vi"), lines[1].In("vi"))
	}
}
