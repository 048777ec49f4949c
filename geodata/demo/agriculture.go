package demo

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

// field is an area under one crop: the farm land of some codes around a place.
type field struct {
	crop, name, season string
	codes              []string
	lon, lat, radiusM  float64
	trace              bool
}

var cropFields = []field{
	{"rice", "Cánh đồng Mường Cấu – Bình Luông", "Hai vụ: xuân và mùa", []string{"LUC", "LUK"}, 103.6130, 22.3270, 1100, true},
	{"rice", "Cánh đồng Thống Nhất – Vân Bình", "Hai vụ: xuân và mùa", []string{"LUC", "LUK"}, 103.6390, 22.3150, 1100, true},
	{"rice", "Cánh đồng Tân Bình – Nà Khan", "Hai vụ: xuân và mùa", []string{"LUC", "LUK"}, 103.6210, 22.3060, 1000, false},
	{"rice", "Ruộng bậc thang Chu Va", "Một vụ mùa", []string{"LUK"}, 103.6720, 22.3430, 1400, false},
	{"rice", "Ruộng bậc thang Hua Bó", "Một vụ mùa", []string{"LUK", "LUC"}, 103.6595, 22.3560, 1000, false},
	{"tea", "Vùng chè Bản 46", "Thu hái tháng 3–11", []string{"CLN", "HNK"}, 103.6700, 22.3010, 1100, true},
	{"tea", "Vùng chè Tác Tình", "Thu hái tháng 3–11", []string{"CLN", "HNK"}, 103.6150, 22.3420, 1100, true},
	{"tea", "Vùng chè Cò Lá", "Thu hái tháng 3–11", []string{"CLN", "HNK"}, 103.6320, 22.3340, 900, false},
	{"other", "Vùng dong riềng làm miến (Nà Hum – Nà Cà)", "Thu hoạch tháng 11–12", []string{"HNK", "CLN"}, 103.6150, 22.2890, 1100, true},
	{"other", "Vùng dong riềng làm miến (Nà San)", "Thu hoạch tháng 11–12", []string{"HNK", "CLN"}, 103.6480, 22.3080, 900, true},
	{"maize", "Nương ngô Nậm Dê", "Vụ xuân hè", []string{"HNK"}, 103.6740, 22.3100, 1100, false},
	{"fruit", "Vườn đào, lê Chu Va 12", "Thu hoạch tháng 6–8", []string{"CLN", "HNK"}, 103.6930, 22.3540, 1200, false},
	{"cardamom", "Thảo quả dưới tán rừng Chu Va", "Thu hoạch tháng 9–10", []string{"RPH", "RDD"}, 103.7000, 22.3700, 850, false},
	{"flowers", "Vùng hoa địa lan Sơn Bình", "Tết Nguyên đán", []string{"HNK", "CLN", "LUK"}, 103.6850, 22.3515, 500, true},
}

func tellAgriculture(t *teller) {
	p := newPatches(t.land.grid)
	for i, label := range t.land.label {
		if label < 0 {
			continue
		}
		c := p.centre(i)
		for k, f := range cropFields {
			if slices.Contains(f.codes, t.land.codes[label]) && c.to(at(f.lon, f.lat)) < f.radiusM*(1+0.3*waves(t.Seed+111, c, 350)) {
				p.label[i] = k
				break
			}
		}
	}
	p.settle(2)
	for k, shape := range p.polygons(len(cropFields)) {
		shape = bySize(shape, 5000)
		if len(shape) == 0 {
			continue
		}
		f := cropFields[k]
		v := props{
			"code": fmt.Sprintf("VT-%02d", k+1), "name": f.name, "crop": f.crop, "season": f.season, "area_ha": math.Round(vn.AreaM2(shape)/100) / 100,
			"commune_code": CommuneCode, "hamlet_id": t.hamletID(at(f.lon, f.lat)),
		}
		if f.trace {
			v["traceability_code"] = fmt.Sprintf("DEMO-%s-%02d", CommuneCode, k+1)
		}
		t.tell("crop_areas", shape, v)
	}
	t.tellHazards()
}

// tellHazards tells slips on steep ground above roads and floods beside streams.
func (t *teller) tellHazards() {
	r := dice(t.Seed, "hazards")
	states := []string{"verified", "reported", "verified", "resolved", "verified", "dismissed"}
	names := map[string]string{"landslide": "Sạt lở ta luy", "rockfall": "Đá lăn", "flash_flood": "Lũ quét", "flood": "Ngập cục bộ"}
	for told := 0; told < 18; {
		a := &t.axes.list[r.IntN(len(t.axes.list))]
		p := a.at(r.Float64()*a.lengthM(), 15+40*r.Float64())
		slope := t.ground.slope(p)
		_, home := t.nearestVillage(p)
		kind := ""
		switch {
		case !t.well(p) || a.river && home > 1800: // nobody is there to see it
		case !a.river && slope > 0.3:
			kind = pick(r, "landslide", "landslide", "rockfall")
		case a.river && slope > 0.25:
			kind = "flash_flood"
		case a.river && slope < 0.06 && r.IntN(3) == 0:
			kind = "flood"
		}
		if kind == "" {
			continue
		}
		var g orb.Geometry = p.lonLat()
		if r.IntN(2) == 0 {
			var ring line
			for k := range 10 {
				turn := 2 * math.Pi * float64(k) / 10
				ring = append(ring, p.add(point{45 * math.Cos(turn), 28 * math.Sin(turn)}.times(0.7+0.6*r.Float64())))
			}
			g = orb.Polygon{ring.ring()}
		}
		told++
		t.tell("hazards", g, props{
			"code": fmt.Sprintf("TT-%d-%02d", t.Now.Year(), told), "name": names[kind], "kind": kind, "date": t.date(r.IntN(140)), "severity": int64(1 + r.IntN(4)),
			"state": states[told%len(states)], "commune_code": CommuneCode, "hamlet_id": t.hamletID(p),
		})
	}
}
