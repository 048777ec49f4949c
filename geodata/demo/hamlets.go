package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// The commune's households are shared out among the hamlets by weight. The sum of the people is the published number.
const (
	households = 4260
	population = 18606
)

// headOf is the hamlet of the demo's hamlet head, Bản Chu Va 8.
const headOf = 28

func tellHamlets(t *teller) {
	r := dice(t.Seed, "hamlets")
	homes, people := peopled(r)
	shapes := t.hamlets.polygons(len(villages))
	for i, v := range villages {
		centre := at(v.lon, v.lat).lonLat()
		p := props{
			"code": fmt.Sprintf("%s-%02d", CommuneCode, i+1), "name": v.name, "kind": v.kind, "households": int64(homes[i]),
			"population": int64(people[i]), "priority": v.priority, "boundary_status": pick(r, "provisional", "provisional", "agreed"),
			"centre": []float64{centre[0], centre[1]}, "digital_ambassadors": int64(r.IntN(4)), "digital_team": r.IntN(5) > 0,
			"commune_code": CommuneCode, "note": v.note,
		}
		if v.former == CommuneCode {
			p["former_name"] = "Tổ dân phố " + strings.TrimPrefix(v.name, "Bản ")
		}
		t.markCoverage(p, i)
		t.tell("hamlets", shapes[i], p)
	}
}

// peopled shares out the commune's households and its people, who are as many as it is said to have.
func peopled(r *rand.Rand) (homes, people []int) {
	var weights float64
	for _, v := range villages {
		weights += v.weight
	}
	members, all := make([]float64, len(villages)), 0.0
	for i, v := range villages {
		homes = append(homes, int(math.Round(households*v.weight/weights*blend(0.93, 1.07, r.Float64()))))
		members[i] = float64(homes[i]) * blend(4.1, 4.7, r.Float64())
		all += members[i]
	}
	told, so := 0, 0.0
	for _, m := range members {
		so += m
		people = append(people, int(math.Round(population*so/all))-told)
		told += people[len(people)-1]
	}
	return homes, people
}

// markCoverage gives a hamlet the mark that its officers would have come to: most know where there is 5G, many hamlets nobody
// has looked at yet.
func (t *teller) markCoverage(p props, i int) {
	area, homes := t.radio.share(t.world, i)
	p["coverage_5g_area_pct"] = math.Round(area*1000) / 10
	state, result := "unknown", ""
	k := hash(t.Seed, 81, uint64(i)) % 10
	switch {
	case i+1 == headOf: // left for its head to report
	case homes > 0.85 && k < 3:
		state, result = "verified", "covered"
	case homes > 0.85 && k < 5:
		state, result = "reported", "covered"
	case homes > 0.85 && k < 6:
		state, result = "recheck", "covered"
	case homes > 0.85:
	case homes > 0.3 && k < 3:
		state, result = "verified", "partial"
	case homes > 0.3 && k < 6:
		state, result = "reported", "partial"
	case homes > 0.3 && k < 7:
		state, result = "disputed", "covered"
	case homes > 0.3:
	case k < 2:
		state, result = "verified", "not_covered"
	case k < 4:
		state, result = "reported", "not_covered"
	}
	p["coverage_5g"] = state
	if result == "" {
		return
	}
	p["coverage_5g_result"], p["coverage_5g_on"] = result, t.date(20+int(hash(t.Seed, 82, uint64(i))%200))
	switch result {
	case "covered":
		p["coverage_5g_households_pct"] = 100.0
	case "partial":
		p["coverage_5g_households_pct"] = clamp(math.Round(homes*20)*5, 5, 95)
	default:
		p["coverage_5g_households_pct"] = 0.0
	}
}

// settleHamlets gives each cell to the hamlet that is the shortest walk away, as far as people farm.
func (w *world) settleHamlets() *patches {
	p := newPatches(w.ground.grid)
	starts := make([]int, len(villages))
	for i, v := range villages {
		starts[i], _ = w.ground.cell(at(v.lon, v.lat))
	}
	const farmedM = 2600 // of walking, a metre of climb counting as five
	cost, _, origin := w.ground.flood(starts, -1, 5, farmedM)
	for i := range p.label {
		if w.inside[i] && cost[i] <= farmedM*(0.8+0.2*waves(w.Seed+21, w.ground.centre(i), 700)) {
			p.label[i] = origin[i]
		}
	}
	p.settle(3)
	p.keepWhole(starts)
	p.settle(0)
	return p
}

// keepWhole leaves of each label only the patch that holds its start.
func (p *patches) keepWhole(starts []int) {
	reached := make([]bool, len(p.label))
	for label, start := range starts {
		p.label[start] = label
		stack := []int{start}
		reached[start] = true
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			c, r := i%p.columns, i/p.columns
			for side, next := range [4]int{i + 1, i + p.columns, i - 1, i - p.columns} {
				dc, dr := [4]int{1, 0, -1, 0}[side], [4]int{0, 1, 0, -1}[side]
				if p.get(c+dc, r+dr) == label && !reached[next] {
					reached[next] = true
					stack = append(stack, next)
				}
			}
		}
	}
	for i := range p.label {
		if !reached[i] {
			p.label[i] = -1
		}
	}
}
