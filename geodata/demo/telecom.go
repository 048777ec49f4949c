package demo

import (
	"fmt"
	"maps"
	"math"

	"github.com/paulmach/orb"
)

func tellTelecom(t *teller) {
	t.tellMasts()
	published := t.tellSubmissions()
	t.tellCoverage(published)
	t.tellSignalTests()
}

func (t *teller) tellMasts() {
	r := dice(t.Seed, "masts")
	for i, m := range masts {
		first := r.IntN(120)
		p := at(m.lon, m.lat)
		t.tell("masts", p.lonLat(), props{
			"code": fmt.Sprintf("BTS-%02d", i+1), "name": m.name, "operator": m.operator, "height_m": m.heightM, "technologies": m.technologies,
			"azimuths": []any{int64(first), int64(first + 120), int64(first + 240)}, "shared": m.shared, "commune_code": CommuneCode, "hamlet_id": t.hamletID(p),
		})
	}
}

// claim is what one polygon of coverage promises.
type claim struct {
	network
	environment string
	dbm         float64
	down, up    float64 // Mbit/s
}

func claims() []claim {
	var out []claim
	for _, o := range operators {
		switch o {
		case "vietnamobile":
			out = append(out, claim{network{o, "3G"}, "outdoor", grade3G, 1, 0.3})
		default:
			out = append(
				out,
				claim{network{o, "4G"}, "outdoor", grade4G, 5, 1},
				claim{network{o, "4G"}, "vehicle", grade4GInCar, 5, 1},
				claim{network{o, "5G"}, "outdoor", grade5G, 30, 5},
				claim{network{o, "5G"}, "outdoor", grade5GGood, 100, 30},
			)
		}
	}
	return out
}

const method = "Mô hình truyền sóng theo địa hình, hiệu chỉnh bằng đo kiểm (trình diễn)"

func (c claim) props() props {
	return props{
		"operator": c.operator, "technology": c.technology, "environment": c.environment, "min_signal_dbm": int64(c.dbm),
		"min_down_mbps": c.down, "min_up_mbps": c.up, "method": method, "commune_code": CommuneCode,
	}
}

// covered draws where the strength reaches a grade.
func (t *teller) covered(dbm []float64, grade float64) orb.MultiPolygon {
	p := newPatches(t.radio.grid)
	for i := range p.label {
		if dbm[i] >= grade {
			p.label[i] = 0
		} else {
			p.label[i] = 1
		}
	}
	// A frame without label keeps the polygons off the grid's edge.
	for i := range p.label {
		if c, r := i%p.columns, i/p.columns; c == 0 || r == 0 || c == p.columns-1 || r == p.rows-1 {
			p.label[i] = -1
		}
	}
	p.settle(2)
	return bySize(p.polygons(1)[0], 12000)
}

func (t *teller) tellCoverage(published map[network]int64) {
	for _, c := range claims() {
		shape := t.covered(t.radio.dbm[c.network], c.dbm)
		if len(shape) == 0 {
			continue
		}
		p := c.props()
		p["name"] = fmt.Sprintf("%s %s ≥ %.0f dBm", operatorNames[c.operator], c.technology, c.dbm)
		p["edition"], p["as_of"] = int64(1), t.date(75)
		if id, ok := published[c.network]; ok && c.dbm == grade5G {
			p["submission_id"] = id
		}
		t.tell("coverage", shape, p)
	}
}

var operatorNames = map[string]string{"viettel": "Viettel", "vinaphone": "VinaPhone", "mobifone": "MobiFone", "vietnamobile": "Vietnamobile"}

// tellSubmissions tells what partners sent: the editions that are published, one that waits for the officers, one that was
// sent back, and one that is not sent yet. It returns the published ones.
func (t *teller) tellSubmissions() map[network]int64 {
	published, n := map[network]int64{}, 0
	tell := func(state string, c claim, dbm []float64, more props) int64 {
		n++
		p := c.props()
		p["code"], p["state"], p["as_of"] = fmt.Sprintf("HS-%d-%03d", t.Now.Year(), n), state, t.date(80-15*n)
		p["name"] = fmt.Sprintf("Hồ sơ vùng phủ %s %s", operatorNames[c.operator], c.technology)
		maps.Copy(p, more)
		return t.tell("coverage_submissions", t.covered(dbm, c.dbm), p)
	}
	for _, o := range [...]string{"viettel", "vinaphone", "mobifone"} {
		c := claim{network{o, "5G"}, "outdoor", grade5G, 30, 5}
		published[c.network] = tell("published", c, t.radio.dbm[c.network], props{"edition": int64(1), "submitted_at": t.moment(90, 160)})
	}
	// Viettel has built 5G at Bản 46 since, and claims it.
	c := claim{network{"viettel", "5G"}, "outdoor", grade5G, 30, 5}
	grown := append([]float64(nil), t.radio.dbm[c.network]...)
	t.shine(t.radio, mast{operator: "viettel", lon: 103.6688, lat: 22.2985, heightM: 42}, "5G", grown)
	tell("in_review", c, grown, props{"submitted_at": t.moment(6, 500)})
	// MobiFone's claim of 5G at half the grade is larger than its masts can reach.
	c = claim{network{"mobifone", "5G"}, "outdoor", grade5G - 12, 10, 2}
	tell("returned", c, t.radio.dbm[c.network], props{"submitted_at": t.moment(12, 400), "faults": []any{map[string]any{
		"code": "CV-06", "severity": "warning", "text": map[string]any{
			"vi": "Tốc độ tải xuống tối thiểu 10 Mbit/s thấp hơn mức 30 Mbit/s; cần giải trình.",
			"en": "The least download rate of 10 Mbit/s is below 30 Mbit/s; please explain.",
		},
	}}})
	tell("draft", claim{network{"vinaphone", "5G"}, "outdoor", grade5G, 30, 5}, t.radio.dbm[network{"vinaphone", "5G"}], nil)
	return published
}

// tellSignalTests tells measurements along the roads, as officers take them with a phone.
func (t *teller) tellSignalTests() {
	r := dice(t.Seed, "signal tests")
	networks := []network{{"viettel", "5G"}, {"viettel", "5G"}, {"viettel", "4G"}, {"vinaphone", "5G"}, {"vinaphone", "4G"}, {"mobifone", "5G"}, {"mobifone", "4G"}}
	for told := 0; told < 180; {
		a := &t.axes.list[len(rivers)+r.IntN(len(t.axes.list)-len(rivers))]
		p := a.at(r.Float64()*a.lengthM(), 12*(r.Float64()-0.5))
		n := networks[r.IntN(len(networks))]
		dbm := t.radio.at(n, p) + 3*r.NormFloat64()
		if !t.well(p) || dbm < -122 {
			continue
		}
		told++
		quality := smooth(dbm, -118, -75)
		down := quality * map[string]float64{"5G": 420, "4G": 70}[n.technology] * (0.6 + 0.6*r.Float64())
		t.tell("signal_tests", p.lonLat(), props{
			"code": fmt.Sprintf("DK-%04d", told), "time": t.moment(1+r.IntN(150), 60+r.IntN(560)), "operator": n.operator, "technology": n.technology,
			"ss_rsrp_dbm": math.Round(dbm), "down_mbps": math.Round(down*10) / 10, "up_mbps": math.Round(down) / 8, "latency_ms": math.Round(18 + 60*(1-quality)*r.Float64()),
			"indoor": r.IntN(6) == 0, "accuracy_m": float64(3 + r.IntN(15)), "commune_code": CommuneCode, "hamlet_id": t.hamletID(p),
		})
	}
}
