package demo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// tellBase tells what lies under the other layers: roads, waterways, peaks, names.
func tellBase(t *teller) {
	for i := range t.axes.list {
		a := &t.axes.list[i]
		if a.hidden {
			continue
		}
		layer, p := "roads", props{"name": a.name, "class": a.class}
		if a.river {
			layer, p["intermittent"] = "waterways", a.widthM <= 5
		} else {
			p["ref"] = a.ref
		}
		t.tell(layer, orb.MultiLineString{a.path.thin(1.5).lineString()}, p)
	}
	for _, s := range summits {
		t.tell("peaks", orb.Point{s.lon, s.lat}, props{"name": s.name, "ele_m": s.heightM})
	}
	t.tell("places", at(103.6225, 22.3222).lonLat(), props{"name": "Bình Lư", "class": "village", "commune_code": CommuneCode, "note": "Trung tâm xã, trước là thị trấn Tam Đường."})
	for i, v := range villages {
		t.tell("places", at(v.lon, v.lat).lonLat(), props{"name": v.name, "class": "hamlet", "commune_code": CommuneCode, "hamlet_id": int64(i + 1)})
	}
	for _, n := range neighbours {
		t.tell("places", at(n.lon, n.lat).lonLat(), props{"name": n.name, "class": n.class, "note": "Ngoài xã Bình Lư."})
	}
	for _, n := range landmarks {
		p := at(n.lon, n.lat)
		t.tell("pois", p.lonLat(), props{"name": n.name, "class": n.class, "subclass": n.class, "commune_code": CommuneCode, "hamlet_id": t.hamletID(p)})
	}
}

var landmarks = []neighbour{
	{"Bưu điện Bình Lư", "post", 103.6225, 22.3226},
	{"Trạm xăng dầu Tiên Bình", "fuel", 103.6041, 22.3308},
	{"Trạm xăng dầu Km 2", "fuel", 103.6622, 22.3160},
	{"Ngân hàng chính sách (điểm giao dịch)", "bank", 103.6237, 22.3220},
	{"Bến xe khách", "bus", 103.6265, 22.3196},
	{"Công viên trung tâm", "park", 103.6213, 22.3244},
	{"Sân vận động", "sports_centre", 103.6154, 22.3240},
	{"Cầu treo Chu Va 8", "attraction", 103.6696, 22.3396},
}

// tellBuildings puts a house on most of the homesteads that are told as parcels.
func tellBuildings(t *teller) {
	chosen, n := *t.chosen, 0
	t.plots(func(p plot) bool {
		if !chosen.takes(p) || p.use != "ONT" {
			return true
		}
		h := hash(t.Seed, 95, math.Float64bits(p.inner.x), math.Float64bits(p.inner.y))
		if h%8 == 0 {
			return true // not built on yet
		}
		house, ok := houseOn(p, h)
		if ok {
			n++
			t.tell("buildings", orb.MultiPolygon{{house.ring()}}, props{
				"height_m": math.Round(10*blend(4, 9, fraction(hash(h, 2)))) / 10, "code": fmt.Sprintf("N%05d", n), "commune_code": CommuneCode, "hamlet_id": t.hamletID(p.inner),
			})
		}
		return !t.stopped
	})
}

// houseOn places a house square to the road; ok is false when the plot has no room for one.
func houseOn(p plot, h uint64) (house line, ok bool) {
	long, wide := blend(8, 13, fraction(h)), blend(5, 8, fraction(hash(h, 1)))
	for range 3 {
		a, b := p.along.times(wide/2), p.along.left().times(long/2)
		house = line{p.inner.sub(a).sub(b), p.inner.add(a).sub(b), p.inner.add(a).add(b), p.inner.sub(a).add(b)}
		ok = true
		for _, corner := range house {
			ok = ok && p.shape.encloses(corner)
		}
		if ok {
			return house, true
		}
		long, wide = long*0.8, wide*0.8
	}
	return nil, false
}
