package demo

import (
	"fmt"
	"math"
)

// facility is a public house that internet points are put at.
type facility struct {
	code, name, kind string
	at               point
	hamlet           int
}

// facilityFacts are those beside the hamlets' culture houses. Positions are approximate.
var facilityFacts = []struct {
	name, kind string
	lon, lat   float64
}{
	{"Trụ sở UBND xã Bình Lư", "office", 103.6227, 22.3237},
	{"Trung tâm phục vụ hành chính công xã", "office", 103.6230, 22.3232},
	{"Bệnh viện đa khoa khu vực Tam Đường", "health_station", 103.6336, 22.3205},
	{"Trạm y tế xã Bình Lư", "health_station", 103.6408, 22.3174},
	{"Điểm trạm y tế Sơn Bình", "health_station", 103.6685, 22.3372},
	{"Trường THPT Tam Đường", "school", 103.6203, 22.3222},
	{"Trường THCS trung tâm Bình Lư", "school", 103.6214, 22.3217},
	{"Trường Tiểu học trung tâm Bình Lư", "school", 103.6206, 22.3196},
	{"Trường Mầm non trung tâm", "school", 103.6243, 22.3228},
	{"Trung tâm Giáo dục thường xuyên", "school", 103.6226, 22.3205},
	{"Trường THCS Thống Nhất", "school", 103.6402, 22.3168},
	{"Trường Tiểu học Thống Nhất", "school", 103.6410, 22.3163},
	{"Trường Mầm non Tân Bình", "school", 103.6200, 22.3038},
	{"Trường PTDTBT Tiểu học Sơn Bình", "school", 103.6690, 22.3378},
	{"Trường PTDTBT THCS Sơn Bình", "school", 103.6693, 22.3384},
	{"Điểm trường Chu Va 12", "school", 103.6935, 22.3524},
	{"Điểm trường Hua Bó", "school", 103.6595, 22.3598},
	{"Điểm trường Nà Cà", "school", 103.6155, 22.2850},
	{"Chợ trung tâm Bình Lư", "market", 103.6248, 22.3203},
	{"Chợ phiên Km 2", "market", 103.6637, 22.3150},
	{"Bưu điện văn hóa xã", "other", 103.6225, 22.3226},
}

var facilityCodes = map[string]string{"culture_house": "NVH", "school": "TH", "health_station": "YT", "office": "TS", "market": "CH", "other": "KH"}

// facilitiesOf lists all public houses: a culture house in each hamlet, then the others.
func (w *world) facilitiesOf() []facility {
	var out []facility
	r, count := dice(w.Seed, "facilities"), map[string]int{}
	add := func(name, kind string, p point, hamlet int) {
		count[kind]++
		out = append(out, facility{fmt.Sprintf("%s-%02d", facilityCodes[kind], count[kind]), name, kind, p, hamlet})
	}
	for i, v := range villages {
		turn := 2 * math.Pi * r.Float64()
		add("Nhà văn hóa "+lower(v.name), "culture_house", at(v.lon, v.lat).add(point{math.Cos(turn), math.Sin(turn)}.times(22+12*r.Float64())), i)
	}
	for _, f := range facilityFacts {
		p := at(f.lon, f.lat)
		add(f.name, f.kind, p, w.hamletAt(p))
	}
	return out
}

func tellFacilities(t *teller) {
	t.facilities = t.facilitiesOf()
	for i, f := range t.facilities {
		p := props{"code": f.code, "name": f.name, "kind": f.kind, "commune_code": CommuneCode, "hamlet_id": t.hamletID(f.at)}
		switch f.kind {
		case "school":
			p["smart_class"] = hash(t.Seed, 101, uint64(i))%5 < 2
		case "health_station":
			p["electronic_records"] = i%2 == 0
		}
		t.tell("facilities", f.at.lonLat(), p)
	}
}

// tellInternetPoints gives most schools, stations and some culture houses a point, in all its states.
func tellInternetPoints(t *teller) {
	r := dice(t.Seed, "internet points")
	states := []string{"operating", "operating", "operating", "installed", "proposed", "operating", "down", "operating", "proposed", "operating", "retired"}
	n := 0
	for i, f := range t.facilities {
		wanted := f.kind != "culture_house" && f.kind != "other" || i%2 == 0
		if !wanted {
			continue
		}
		state := states[n%len(states)]
		n++
		turn := 2 * math.Pi * r.Float64()
		place := f.at.add(point{math.Cos(turn), math.Sin(turn)}.times(4 + 18*r.Float64()))
		operator := pick(r, "viettel", "vinaphone", "viettel", "mobifone")
		p := props{
			"code": fmt.Sprintf("NET-%03d", n), "name": "Internet công cộng – " + f.name, "kind": pick(r, "wifi", "wifi", "wifi", "fibre", "cellular"),
			"operator": operator, "provider": operatorNames[operator], "facility_id": int64(i + 1), "ssid": "BinhLu-CongCong", "hours": pick(r, "06:00–22:00", "07:00–17:00", "24/24"),
			"state": state, "commune_code": CommuneCode, "hamlet_id": t.hamletID(place),
		}
		if state != "proposed" {
			spot := place.add(point{r.Float64() * 6, r.Float64() * 6}).lonLat()
			p["installed_on"], p["installed_place"] = t.date(60+r.IntN(300)), []float64{spot[0], spot[1]}
			p["down_mbps"], p["up_mbps"] = float64(20+5*r.IntN(25)), float64(10+5*r.IntN(8))
		}
		switch state {
		case "operating":
			p["last_seen"] = t.moment(0, -r.IntN(12*24*60))
		case "down":
			p["last_seen"] = t.moment(35+r.IntN(40), 600)
		}
		t.tell("internet_points", place.lonLat(), p)
	}
}
