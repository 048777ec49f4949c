package demo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

// former is a commune that Bình Lư was made from on 1 July 2025.
type former struct {
	code, name string
	ring       line
}

const (
	tamDuong = iota
	binhLu
	sonBinh
)

// newFormers puts the three together, in the order of the constants. Their rings share the divides point for point.
func newFormers() [3]former {
	ring := func(outline, back, forth []orb.Point) line {
		back = slices.Clone(back)
		slices.Reverse(back)
		return lineAt(slices.Concat(outline, back[1:], forth[1:len(forth)-1]))
	}
	return [3]former{
		{"03390", "Thị trấn Tam Đường", ring(outlineTamDuong, divideNorthWest, divideWest)},
		{"03412", "Xã Bình Lư", ring(outlineBinhLu, divideWest, divideSouthEast)},
		{"03413", "Xã Sơn Bình", ring(outlineSonBinh, divideSouthEast, divideNorthWest)},
	}
}

// formerAt is the index of the predecessor at p; what lies outside counts to the old Bình Lư.
func (w *world) formerAt(p point) int {
	for _, i := range [2]int{tamDuong, sonBinh} {
		if w.formers[i].ring.encloses(p) {
			return i
		}
	}
	return binhLu
}

func tellUnits(t *teller) {
	outline := counterClockwise(t.outline)
	t.tell("admin_units", outline, props{
		"code": CommuneCode, "name": "Xã Bình Lư", "name_en": "Bình Lư commune", "level": "commune", "commune_code": CommuneCode,
		"province_code": "12", "province_name": "Tỉnh Lai Châu", "valid_from": "2025-07-01", "decision_no": "1670/NQ-UBTVQH15",
		"predecessor_codes": []string{"03390", "03412", "03413"}, "merged_from": t.mergedFrom(),
		"area_km2": math.Round(vn.AreaM2(outline)/1e4) / 100,
		"note":     "Ranh giới khái quát bằng tay cho bản trình diễn.",
	})
	for _, f := range t.formers {
		ring := counterClockwise(f.ring)
		t.tell("admin_units", ring, props{
			"code": f.code, "name": f.name, "level": "former_commune", "commune_code": CommuneCode, "province_code": "12",
			"province_name": "Tỉnh Lai Châu", "valid_from": "2004-01-01", "valid_to": "2025-06-30",
			"area_km2": math.Round(vn.AreaM2(ring)/1e4) / 100,
			"note":     "Đường chia bên trong xã là giả định của bản trình diễn.",
		})
	}
	if missing := t.Parcels - t.chosen.held; missing > 0 {
		// It counts as a part of the commune, or the rule that parcels lie near theirs would refuse what it holds.
		t.tell("admin_units", virtualBounds(missing), props{
			"code": CommuneCode, "name": "Xã Bình Lư – vùng giả lập để đo tốc độ", "name_en": "Bình Lư – made-up valleys for measuring", "level": "commune",
			"commune_code": CommuneCode, "valid_from": "2025-07-02", "note": "Không có thật: chứa số thửa vượt quá sức chứa của xã trình diễn.",
		})
	}
}

func (w *world) mergedFrom() []any {
	out := make([]any, len(w.formers))
	for i, f := range w.formers {
		out[i] = map[string]any{"code": f.code, "name": f.name, "part": "full"}
	}
	return out
}

func counterClockwise(l line) orb.MultiPolygon {
	if l.area() < 0 {
		l = slices.Clone(l)
		slices.Reverse(l)
	}
	return orb.MultiPolygon{{l.ring()}}
}
