package demo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

const forestLots = 400

// lot is the seed of a forest lot, before it has grown.
type lot struct {
	at     point
	height float64
	code   string // of its land
	block  int
}

// tellForest divides the forest into lots that keep to slopes and land codes, and numbers them as rangers do: tiểu khu,
// khoảnh, lô.
func tellForest(t *teller) {
	lots := t.seedLots()
	p := newPatches(t.land.grid)
	for i, label := range t.land.label {
		if label < 0 || forestKind(t.land.codes[label]) == "" {
			continue
		}
		c := p.centre(i)
		bent := c.add(point{waves(t.Seed+72, c, 400), waves(t.Seed+73, c, 400)}.times(130))
		p.label[i] = nearestLot(lots, bent, t.ground.height(c), t.land.codes[label])
	}
	p.settle(2)
	inBlock := map[int]int{}
	for i, shape := range p.polygons(len(lots)) {
		shape = bySize(shape, 4000)
		if len(shape) == 0 {
			continue
		}
		l := lots[i]
		inBlock[l.block]++
		state, species, planted := t.stand(l, i)
		compartment, block := 271+l.block/7, 1+l.block%7
		v := props{
			"compartment": fmt.Sprint(compartment), "block": fmt.Sprint(block), "lot": fmt.Sprint(inBlock[l.block]),
			"code": fmt.Sprintf("%d-%d-%d", compartment, block, inBlock[l.block]), "kind": forestKind(l.code),
			"state": state, "species": species, "area_ha": math.Round(vn.AreaM2(shape)/100) / 100,
			"commune_code": CommuneCode, "hamlet_id": t.hamletID(l.at),
		}
		if planted > 0 {
			v["planted_year"] = int64(planted)
		}
		t.tell("forest_lots", shape, v)
	}
	t.tellForestAlerts(lots)
}

// forestKind is the code of the three kinds of forest for a land code, "" for what is no forest land.
func forestKind(code string) string {
	switch code {
	case "RPH":
		return "1"
	case "RDD":
		return "2"
	case "RSX", "DCS":
		return "3"
	default:
		return ""
	}
}

// seedLots strews lots evenly over the forest and puts them into blocks.
func (t *teller) seedLots() []lot {
	var cells []int
	for i, label := range t.land.label {
		if label >= 0 && forestKind(t.land.codes[label]) != "" {
			cells = append(cells, i)
		}
	}
	r := dice(t.Seed, "forest lots")
	lots := make([]lot, 0, forestLots)
	for len(lots) < forestLots && len(cells) > 0 {
		// The best of some candidates is the one furthest from all others.
		best, far := lot{}, -1.0
		for range 8 {
			p := t.land.centre(cells[r.IntN(len(cells))])
			d := math.Inf(1)
			for _, l := range lots {
				d = min(d, l.at.to(p))
			}
			if d > far {
				best, far = lot{at: p, height: t.ground.height(p), code: t.land.at(p)}, d
			}
		}
		lots = append(lots, best)
	}
	const blocks = 42
	for i := range lots {
		lots[i].block = i
		if i >= blocks {
			lots[i].block = nearestIndex(lots[:blocks], lots[i].at)
		}
	}
	return sortBlocks(lots, blocks)
}

// sortBlocks numbers the blocks from the north-west, so that neighbours have neighbouring numbers.
func sortBlocks(lots []lot, blocks int) []lot {
	rank := make([]int, blocks)
	for i := range rank {
		for j := range blocks {
			a, b := lots[i].at, lots[j].at
			ka, kb := math.Floor(-a.y/4000)*1e6+a.x, math.Floor(-b.y/4000)*1e6+b.x
			if kb < ka || kb == ka && j < i {
				rank[i]++
			}
		}
	}
	for i := range lots {
		lots[i].block = rank[lots[i].block]
	}
	return lots
}

func nearestIndex(lots []lot, p point) int {
	best, far := 0, math.Inf(1)
	for i, l := range lots {
		if d := l.at.to(p); d < far {
			best, far = i, d
		}
	}
	return best
}

// nearestLot is the lot of the land code that is nearest, a metre of height counting as four on the flat.
func nearestLot(lots []lot, p point, height float64, code string) int {
	best, far := -1, math.Inf(1)
	for i, l := range lots {
		if l.code != code {
			continue
		}
		dx, dy, dh := l.at.x-p.x, l.at.y-p.y, 4*(l.height-height)
		if d := dx*dx + dy*dy + dh*dh; d < far {
			best, far = i, d
		}
	}
	return best
}

// stand says what grows in a lot.
func (t *teller) stand(l lot, i int) (state, species string, planted int) {
	k := fraction(hash(t.Seed, 71, uint64(i)))
	switch {
	case l.code == "DCS" && k < 0.5:
		return "dt2", "", 0
	case l.code == "DCS":
		return "dt1", "", 0
	case l.code == "RSX" && k < 0.45:
		return "rtg", pick(dice(t.Seed, fmt.Sprint("stand", i)), "Quế", "Thông mã vĩ", "Sa mộc", "Tống quá sủ", "Mắc ca"), t.Now.Year() - 3 - int(k*40)
	case l.code == "RSX" && k < 0.6:
		return "vau", "Vầu, nứa", 0
	case l.code == "RSX":
		return "txp", "Gỗ tạp phục hồi", 0
	case l.height > 2300 && k < 0.25:
		return "txg1", "Pơ mu, thiết sam, đỗ quyên", 0
	case l.height > 1900 && k < 0.6:
		return "txg", "Dẻ, giổi, thiết sam", 0
	case k < 0.55:
		return "txb", "Dẻ, vối thuốc", 0
	case k < 0.75:
		return "txn", "Vối thuốc, tống quá sủ", 0
	case k < 0.85:
		return "hg1", "Gỗ – tre nứa", 0
	default:
		return "txp", "Gỗ tạp phục hồi", 0
	}
}

// tellForestAlerts tells signs of lost forest, as a satellite service would report them.
func (t *teller) tellForestAlerts(lots []lot) {
	r := dice(t.Seed, "forest alerts")
	states := []string{"new", "new", "assigned", "confirmed", "false", "closed", "closed", "confirmed"}
	for i := range 16 {
		l := lots[r.IntN(len(lots))]
		size := 15 + 40*r.Float64()
		var ring line
		for k := range 9 {
			a := 2 * math.Pi * float64(k) / 9
			ring = append(ring, l.at.add(point{math.Cos(a), math.Sin(a)}.times(size*(0.75+0.5*r.Float64()))))
		}
		shape := orb.Polygon{ring.ring()}
		t.tell("forest_alerts", shape, props{
			"code": fmt.Sprintf("CB-%d-%03d", t.Now.Year(), i+1), "name": "Cảnh báo biến động rừng", "detected_on": t.date(r.IntN(250)),
			"area_ha": math.Round(vn.AreaM2(shape)/100) / 100, "state": states[i%len(states)], "commune_code": CommuneCode, "hamlet_id": t.hamletID(l.at),
		})
	}
}
