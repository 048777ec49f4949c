package demo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"bando/geodata/vn"
)

const farFromAxisM = 430

// plots hands over every plot of the commune's valleys, axis by axis, until told to stop.
func (w *world) plots(f func(plot) bool) {
	for i := range w.axes.list {
		a := &w.axes.list[i]
		for _, side := range [2]float64{1, -1} {
			s := &strip{
				seed: hash(w.Seed, 31, uint64(i), math.Float64bits(side)), side: side, lengthM: a.lengthM(), at: a.at,
				near: a.widthM/2 + 2, far: farFromAxisM, frontageM: 27, smallFronts: !a.river,
				usable:  func(u, v float64, p point) bool { return w.axes.owns(i, u, p) && w.well(p) && a.spread(u, v) > 0.4 },
				village: func(p point) bool { return w.inVillage(p) },
			}
			if a.river {
				s.near, s.frontageM = a.widthM/2+6, 18
			}
			s.use = func(p plot) (string, float64, bool) { return w.useOfPlot(p, a.river) }
			if !s.plots(f) {
				return
			}
		}
	}
}

func (w *world) inVillage(p point) bool {
	i, d := w.nearestVillage(p)
	return d < villageRadiusM(villages[i])*(1+0.25*waves(w.Seed+22, p, 120))
}

// useOfPlot says what a plot is used for, by slope and height above the valley floor; ok is false for what nobody farms.
func (w *world) useOfPlot(p plot, river bool) (code string, rank float64, ok bool) {
	slope, above := w.ground.slope(p.inner), w.ground.above(p.inner)
	_, home := w.nearestVillage(p.inner)
	_, off := w.axes.near(p.inner)
	rank = slope*250 + above*0.6 + off*0.1 + home*0.05
	if chance := fraction(hash(w.Seed, 32, math.Float64bits(p.inner.x))); chance < 0.02 {
		return "", 0, false // held by nobody, or not yet surveyed
	}
	if code := w.siteAt(p.inner); code != "" {
		return code, rank - 60, code != "MNC"
	}
	if !river && p.row <= 1 && slope < 0.5 && w.inVillage(p.inner) {
		return "ONT", rank - 60, true
	}
	if code = w.farmed(p.inner, slope, above, home); code == "LUC" && river && p.row < 3 && waves(w.Seed+35, p.inner, 70) > 0.72 {
		code = "NTS"
	}
	return code, rank, code != ""
}

// farmed is the code of farm land on such ground, "" where the forest begins: the further from home and the higher, the sooner.
func (w *world) farmed(p point, slope, above, home float64) string {
	taste := waves(w.Seed+33, p, 420) + 0.4*waves(w.Seed+34, p, 90)
	worth := 1 - 0.55*smooth(w.ground.height(p), 900, 1500) - 0.75*smooth(home, 1300, 2800) + 0.12*waves(w.Seed+36, p, 300)
	switch {
	case above > 270*worth || slope > 0.46*worth:
		return ""
	case slope < 0.11 && above < 45:
		if taste > 0.62 {
			return "HNK"
		}
		return "LUC"
	case slope < 0.27 && above < 120 && taste < 0.45:
		return "LUK"
	case taste > 0.1 && slope < 0.4:
		return "CLN"
	case slope < 0.38:
		return "HNK"
	default:
		return ""
	}
}

const rankBins = 4096

func rankBin(rank float64) int { return int(clamp((rank+100)*4, 0, rankBins-1)) }

// selection keeps the best n plots of the commune without holding them: all below a bin of rank, and some of that bin.
type selection struct {
	bin, left int
	held      int // plots in the whole commune
}

func (w *world) choose(n int) *selection {
	var counts [rankBins]int
	s := &selection{}
	w.plots(func(p plot) bool {
		counts[rankBin(p.rank)]++
		s.held++
		return true
	})
	for s.left = n; s.bin < rankBins && counts[s.bin] <= s.left; s.bin++ {
		s.left -= counts[s.bin]
	}
	return s
}

func (s *selection) takes(p plot) bool {
	switch bin := rankBin(p.rank); {
	case bin < s.bin:
		return true
	case bin == s.bin && s.left > 0:
		s.left--
		return true
	default:
		return false
	}
}

// book numbers parcels: by predecessor, map sheet, and place in the sheet.
type book struct {
	sheets map[sheetKey]int
	last   map[[2]int]int
}

type sheetKey struct{ column, row, former int }

const sheetM = 700

// newBook lays the sheets over each predecessor from the north-west, row by row, as surveyors do.
func (w *world) newBook() *book {
	b := &book{sheets: map[sheetKey]int{}, last: map[[2]int]int{}}
	next := map[int]int{}
	for r := w.ground.rows - 1; r >= 0; r-- {
		for c := range w.ground.columns {
			i := r*w.ground.columns + c
			if !w.inside[i] || w.ground.aboveM[i] > 320 {
				continue
			}
			k := w.sheetOf(w.ground.centre(i))
			if _, known := b.sheets[k]; !known {
				next[k.former]++
				b.sheets[k] = next[k.former]
			}
		}
	}
	return b
}

func (w *world) sheetOf(p point) sheetKey {
	return sheetKey{int(math.Floor(p.x / sheetM)), int(math.Floor(p.y / sheetM)), w.formerAt(p)}
}

// number gives the next number in the sheet at p.
func (b *book) number(w *world, p point) (former, sheet, number int) {
	k := w.sheetOf(p)
	sheet, known := b.sheets[k]
	if !known {
		sheet = len(b.sheets) + 1000
		b.sheets[k] = sheet
	}
	b.last[[2]int{k.former, sheet}]++
	return k.former, sheet, b.last[[2]int{k.former, sheet}]
}

func tellParcels(t *teller) {
	chosen, b := *t.chosen, t.newBook()
	t.plots(func(p plot) bool {
		if chosen.takes(p) {
			former, sheet, number := b.number(t.world, p.inner)
			t.tellParcel(p, former, sheet, number, t.hamletID(p.inner))
		}
		return !t.stopped
	})
	missing := t.Parcels - chosen.held
	for cell := 0; missing > 0 && !t.stopped; cell++ {
		number := 0
		t.virtualPlots(cell, func(p plot) bool {
			number++
			t.tellParcel(p, binhLu, virtualSheets+cell, number, nil)
			missing--
			return missing > 0 && !t.stopped
		})
	}
}

func (t *teller) tellParcel(p plot, former, sheet, number int, hamlet any) {
	shape := orb.Polygon{p.shape.ring()}
	inner := p.inner.lonLat()
	national := vn.GeoHash(inner[0], inner[1], 12)
	h := hash(t.Seed, 41, hashText(national))
	measured := vn.AreaM2(shape)
	legal := legalTenths(measured, h)
	f := t.formers[former]
	v := props{
		"code": fmt.Sprintf("%s-%d-%d", f.code, sheet, number), "national_id": national,
		"former_commune": f.code, "sheet": int64(sheet), "number": int64(number), "commune_code": CommuneCode, "hamlet_id": hamlet,
		"main_purpose": p.use, "purposes": purposes(p.use, legal),
		"legal_area_m2": float64(legal) / 10, "measured_area_m2": math.Round(measured*10) / 10,
		"certificate": certificate(p.use, hash(h, 1)),
	}
	if hash(h, 2)%20 == 0 {
		v["old_sheet"], v["old_number"] = fmt.Sprint(1+hash(h, 3)%30), fmt.Sprint(1+hash(h, 4)%400)
	}
	t.tell("parcels", orb.MultiPolygon{shape}, v)
}

// legalTenths is the area on paper in tenths of m²: most often the measured one, sometimes an older survey's.
func legalTenths(measured float64, h uint64) int64 {
	k := 1.0
	switch h % 100 {
	case 0:
		k = blend(0.86, 1.12, fraction(hash(h, 5)))
	case 1, 2, 3, 4, 5:
		k = blend(0.992, 1.008, fraction(hash(h, 5)))
	}
	return int64(math.Round(measured * k * 10))
}

// purposes divides the legal area: a homestead is at most 400 m², the rest is its garden. The parts sum to the whole.
func purposes(use string, tenths int64) []any {
	part := func(code string, tenths int64, term string) any {
		return map[string]any{"code": code, "area_m2": float64(tenths) / 10, "term": term}
	}
	const homestead = 4000
	switch {
	case use == "ONT" && tenths > homestead+500:
		return []any{part("ONT", homestead, "lâu dài"), part("CLN", tenths-homestead, "50 năm")}
	case use == "ONT":
		return []any{part("ONT", tenths, "lâu dài")}
	default:
		return []any{part(use, tenths, "50 năm")}
	}
}

func certificate(use string, h uint64) string {
	issued := uint64(84)
	if use == "HNK" || use == "CLN" {
		issued = 71
	}
	switch k := h % 100; {
	case k < issued:
		return "issued"
	case k < issued+7:
		return "pending"
	default:
		return "none"
	}
}
