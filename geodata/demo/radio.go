package demo

import "math"

// mast is a radio mast of one operator.
type mast struct {
	name, operator string
	lon, lat       float64
	heightM        float64
	technologies   []string
	shared         bool
}

// The masts are made up; operators do not publish theirs.
var masts = []mast{
	{"Trạm Trung Tâm 1", "viettel", 103.6205, 22.3237, 45, []string{"4G", "5G"}, true},
	{"Trạm Thống Nhất", "viettel", 103.6427, 22.3196, 42, []string{"4G", "5G"}, false},
	{"Trạm Nà Khan", "viettel", 103.6285, 22.3052, 42, []string{"4G", "5G"}, true},
	{"Trạm Nà Hum", "viettel", 103.6140, 22.2935, 36, []string{"4G"}, false},
	{"Trạm Chu Va 8", "viettel", 103.6705, 22.3392, 48, []string{"4G", "5G"}, false},
	{"Trạm Chu Va 12", "viettel", 103.6955, 22.3535, 42, []string{"4G"}, true},
	{"Trạm đèo Ô Quý Hồ", "viettel", 103.7632, 22.3570, 30, []string{"4G", "5G"}, true},
	{"Trạm Tề Suối Ngài", "viettel", 103.6170, 22.3535, 30, []string{"4G"}, false},
	{"Trạm Trung Tâm 2", "vinaphone", 103.6238, 22.3213, 42, []string{"4G", "5G"}, true},
	{"Trạm Km 2", "vinaphone", 103.6645, 22.3165, 42, []string{"4G"}, false},
	{"Trạm Nà Cà", "vinaphone", 103.6172, 22.2860, 36, []string{"4G"}, false},
	{"Trạm Sân Bay", "mobifone", 103.6100, 22.3270, 42, []string{"4G", "5G"}, false},
	{"Trạm Bản 46", "mobifone", 103.6680, 22.2990, 36, []string{"4G"}, true},
	{"Trạm Mường Mới", "vietnamobile", 103.6263, 22.3182, 36, []string{"3G"}, true},
}

// radio is how strong the signal is, by cell and by network.
type radio struct {
	grid
	dbm map[network][]float64
}

type network struct{ operator, technology string }

const radioCellM = 60

func (w *world) newRadio() *radio {
	r := &radio{grid: newGrid(radioCellM, 400, w.outline), dbm: map[network][]float64{}}
	for _, m := range masts {
		for _, technology := range m.technologies {
			n := network{m.operator, technology}
			if r.dbm[n] == nil {
				r.dbm[n] = make([]float64, r.cells())
				for i := range r.dbm[n] {
					r.dbm[n][i] = -140
				}
			}
			w.shine(r, m, technology, r.dbm[n])
		}
	}
	return r
}

// shine raises the strength wherever the mast is the best one.
func (w *world) shine(r *radio, m mast, technology string, dbm []float64) {
	reach := 8000.0
	if technology == "5G" {
		reach = 4200
	}
	from := at(m.lon, m.lat)
	for i := range dbm {
		p := r.centre(i)
		if d := from.to(p); d < reach {
			dbm[i] = max(dbm[i], w.strength(m, technology, p))
		}
	}
}

// strength is the signal (dBm) of a mast at p: it fades with distance, behind hills, and a little by chance.
func (w *world) strength(m mast, technology string, p point) float64 {
	from := at(m.lon, m.lat)
	start, fade := -56.0, 30.0
	if technology == "5G" {
		start, fade = -60, 33
	}
	s := start - fade*math.Log10(max(from.to(p), 50)/100) + 4*waves(w.Seed+91, p, 260)
	if hill := w.ground.blocked(from, m.heightM, p); hill > 0 {
		s -= min(9+0.3*hill, 45)
	}
	return s
}

// at is the strength of a network at p, −140 where there is none.
func (r *radio) at(n network, p point) float64 {
	if i, ok := r.cell(p); ok && r.dbm[n] != nil {
		return r.dbm[n][i]
	}
	return -140
}

// The grades at which coverage is published (dBm); they are the demo's.
const (
	grade5G      = -105
	grade5GGood  = -95
	grade4G      = -110
	grade4GInCar = -100
	grade3G      = -100
)

// share is how much of a hamlet's area, and of what lies near its roads, where the houses are, has 5G of any operator.
func (r *radio) share(w *world, hamlet int) (area, homes float64) {
	var cells, covered, near, nearCovered float64
	for i, label := range w.hamlets.label {
		if label != hamlet {
			continue
		}
		p, has := w.hamlets.centre(i), 0.0
		for _, operator := range operators {
			if r.at(network{operator, "5G"}, p) >= grade5G {
				has = 1
			}
		}
		cells, covered = cells+1, covered+has
		if w.inVillage(p) {
			near, nearCovered = near+1, nearCovered+has
		}
	}
	return covered / max(cells, 1), nearCovered / max(near, 1)
}

var operators = [...]string{"viettel", "vinaphone", "mobifone", "vietnamobile"}
