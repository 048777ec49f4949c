package demo

import (
	"fmt"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

// land is what each cell of a finer grid is used for.
type land struct {
	*patches
	codes []string // by label
	index map[string]int
}

const landCellM = 30

// site is a single use of land at a place: an office, a school, a graveyard. radiusM is about how large it is.
type site struct {
	code, name string
	lon, lat   float64
	radiusM    float64
}

var sites = []site{
	{"TSC", "Trụ sở Đảng ủy – HĐND – UBND xã", 103.6227, 22.3237, 75},
	{"DGD", "Khu trường học trung tâm", 103.6208, 22.3217, 85},
	{"DGD", "Trường khu Sơn Bình", 103.6690, 22.3378, 50},
	{"DGD", "Trường khu Bình Lư cũ", 103.6402, 22.3168, 60},
	{"DYT", "Bệnh viện, trạm y tế", 103.6336, 22.3205, 70},
	{"DCH", "Chợ trung tâm", 103.6248, 22.3203, 50},
	{"DTT", "Sân vận động", 103.6154, 22.3240, 70},
	{"DKV", "Công viên", 103.6213, 22.3244, 50},
	{"NTD", "Nghĩa trang", 103.6086, 22.3225, 80},
	{"NTD", "Nghĩa trang", 103.6468, 22.3040, 60},
	{"MNC", "Hồ trung tâm", 103.6262, 22.3197, 55},
	{"SKC", "Cụm sản xuất miến dong", 103.6435, 22.3012, 75},
	{"SKC", "Xưởng chế biến chè", 103.6150, 22.3180, 55},
	{"TMD", "Khu dịch vụ du lịch đèo Ô Quý Hồ", 103.7590, 22.3560, 110},
	{"DRA", "Điểm tập kết rác", 103.6050, 22.3150, 50},
	{"CQP", "Đất quốc phòng (giả định)", 103.6290, 22.3275, 90},
	{"CAN", "Trụ sở công an (giả định)", 103.6242, 22.3228, 45},
	{"DNL", "Trạm thủy điện nhỏ", 103.6675, 22.3447, 50},
	{"DDD", "Khu thác Tác Tình", 103.6140, 22.3470, 60},
}

func (w *world) newLand() *land {
	l := &land{patches: newPatches(newGrid(landCellM, 100, w.outline)), index: map[string]int{}}
	for i := range l.label {
		p := l.centre(i)
		if w.well(p) {
			l.label[i] = l.labelOf(w.useAt(p))
		}
	}
	l.settle(2)
	return l
}

func (l *land) labelOf(code string) int {
	i, known := l.index[code]
	if !known {
		i = len(l.codes)
		l.codes = append(l.codes, code)
		l.index[code] = i
	}
	return i
}

// at is the code of the land at p, "" outside the commune.
func (l *land) at(p point) string {
	if c, ok := l.cell(p); ok && l.label[c] >= 0 {
		return l.codes[l.label[c]]
	}
	return ""
}

// siteAt is the code of the single use that p lies in, "" for none.
func (w *world) siteAt(p point) string {
	for _, s := range sites {
		if d := p.to(at(s.lon, s.lat)); d < 1.3*s.radiusM && d < s.radiusM*(1+0.3*waves(w.Seed+61, p, 60)) {
			return s.code
		}
	}
	return ""
}

func (w *world) useAt(p point) string {
	if code := w.siteAt(p); code != "" {
		return code
	}
	slope, above := w.ground.slope(p), w.ground.above(p)
	i, off := w.axes.near(p)
	if i >= 0 {
		if a := w.axes.list[i]; a.river && !a.hidden && off < max(a.widthM/2, 10)+15 && a.widthM >= 12 {
			return "SON"
		}
		if off < 85 && !w.axes.list[i].river && slope < 0.5 && w.inVillage(p) {
			return "ONT"
		}
	}
	if _, home := w.nearestVillage(p); off < farFromAxisM*(1+0.3*waves(w.Seed+62, p, 260)) {
		if code := w.farmed(p, slope, above, home); code != "" {
			return code
		}
	}
	return w.wild(p, slope)
}

// wild is the code of land that nobody farms.
func (w *world) wild(p point, slope float64) string {
	height, above := w.ground.height(p), w.ground.above(p)
	rough := roughness(w.Seed+63, p, 1300)
	switch {
	case height > 2500 && slope > 0.6 && rough > 0.2:
		return "NCS"
	case rough > 0.38 && above > 60 && height < 1700:
		return "DCS"
	case p.x+1500*rough > 4900 && p.y+900*rough < 1600: // the Hoàng Liên side
		return "RDD"
	case height+350*rough > 2850-0.12*clamp(p.x, -4000, 6000): // the crest in the north
		return "RDD"
	case above > 330+220*rough || height > 1500:
		return "RPH"
	default:
		return "RSX"
	}
}

func tellLand(t *teller) {
	for label, shape := range t.land.polygons(len(t.land.codes)) {
		for _, p := range bySize(shape, 1500) {
			t.tell("land_use", orb.MultiPolygon{p}, props{
				"code": t.land.codes[label], "year": int64(t.Now.Year() - 1), "commune_code": CommuneCode, "name": t.siteName(t.land.codes[label], p),
			})
		}
	}
	t.tellPlanning()
}

func (t *teller) siteName(code string, p orb.Polygon) string {
	for _, s := range sites {
		if s.code == code && contains(p, orb.Point{s.lon, s.lat}) {
			return s.name
		}
	}
	return ""
}

// change is a wish of the plan: land around a place that is to become something else.
type change struct {
	code, name string
	lon, lat   float64
	radiusM    float64
	decided    bool
}

var plannedChanges = []change{
	{"ONT", "Khu tái định cư Mường Mới", 103.6275, 22.3150, 160, true},
	{"ONT", "Điểm dân cư Thống Nhất", 103.6440, 22.3160, 140, true},
	{"ONT", "Khu dân cư Chu Va 8", 103.6710, 22.3410, 130, false},
	{"TMD", "Khu thương mại – dịch vụ ngã ba Km 2", 103.6640, 22.3160, 130, true},
	{"TMD", "Khu du lịch đèo Ô Quý Hồ (mở rộng)", 103.7600, 22.3555, 330, true},
	{"TMD", "Điểm du lịch Tác Tình", 103.6125, 22.3455, 150, false},
	{"SKC", "Làng nghề miến dong Bình Lư", 103.6420, 22.3030, 170, true},
	{"DGD", "Trường liên cấp Bình Lư", 103.6370, 22.3185, 110, true},
	{"DVH", "Nhà văn hóa trung tâm", 103.6236, 22.3215, 60, true},
	{"DKV", "Công viên ven suối Nậm Pé", 103.6175, 22.3195, 120, false},
	{"DTT", "Khu thể thao Tân Bình", 103.6210, 22.3035, 110, true},
	{"CLN", "Vùng chè tập trung Bản 46", 103.6715, 22.2990, 420, true},
	{"RPH", "Trồng rừng phòng hộ đầu nguồn Chu Va", 103.7050, 22.3620, 700, true},
	{"NTD", "Nghĩa trang mở rộng", 103.6080, 22.3215, 130, true},
}

// tellPlanning tells the plan to 2030: where it changes nothing by what is there, where it does by what is to come.
func (t *teller) tellPlanning() {
	p := &patches{grid: t.land.grid, label: append([]int(nil), t.land.label...)}
	existing := len(t.land.codes)
	for i := range p.label {
		c := p.centre(i)
		for k, s := range plannedChanges {
			if p.label[i] >= 0 && c.to(at(s.lon, s.lat)) < s.radiusM*(1+0.35*waves(t.Seed+64, c, 130)) && t.land.codes[p.label[i]] != "SON" {
				p.label[i] = existing + k
			}
		}
	}
	p.settle(2)
	const decision = "01/QĐ-UBND (trình diễn)"
	for label, shape := range p.polygons(existing + len(plannedChanges)) {
		for _, part := range bySize(shape, 1500) {
			v := props{"period": "2021-2030", "commune_code": CommuneCode}
			if label < existing {
				v["code"], v["stage"], v["decision_no"], v["decision_date"] = t.land.codes[label], "existing", decision, "2022-03-15"
			} else {
				s := plannedChanges[label-existing]
				v["code"], v["name"], v["stage"] = s.code, s.name, "planned"
				if s.decided {
					v["decision_no"], v["decision_date"] = fmt.Sprintf("%02d/QĐ-UBND (trình diễn)", 2+label-existing), "2024-11-20"
				}
			}
			if v["code"] != "CQP" && v["code"] != "CAN" {
				t.tell("planning", orb.MultiPolygon{part}, v)
			}
		}
	}
}

// bySize leaves out the polygons below a size (m²): what the raster made and nobody would draw.
func bySize(shape orb.MultiPolygon, leastM2 float64) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, p := range shape {
		if vn.AreaM2(p) >= leastM2 {
			out = append(out, p)
		}
	}
	return out
}

func contains(p orb.Polygon, place orb.Point) bool {
	for i, ring := range p {
		points := make([]orb.Point, len(ring)-1)
		copy(points, ring)
		if lineAt(points).encloses(at(place[0], place[1])) != (i == 0) {
			return false
		}
	}
	return true
}
