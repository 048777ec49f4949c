package demo

import (
	"fmt"
	"math"
)

// sight is a tourism site. Names are of real places; positions are approximate, recognitions and services the demo's.
type sight struct {
	name, kind  string
	lon, lat    float64
	recognition string
	vi, en      string
	services    []string
	published   bool
}

// ModelSiteID is the tourism site that GLB is a model of: a stilt house of the community hamlet Nà Đon.
const ModelSiteID = 1

// Where the model stands (degrees), which way it faces (degrees from north) and how large it is.
const (
	ModelLon     = 103.65085
	ModelLat     = 22.31625
	ModelHeading = 150.0
	ModelScale   = 1.0
)

var sights = []sight{
	{"Bản du lịch cộng đồng Nà Đon", "community_hamlet", 103.6508, 22.3163, "recognised", "Nhà sàn bên suối Chu Va, ẩm thực địa phương, gần động Tiên Sơn.", "Stilt houses by the Chu Va stream, local food, near Tiên Sơn cave.", []string{"Lưu trú tại nhà dân", "Ăn uống", "Hướng dẫn viên"}, true},
	{"Thác Tác Tình", "waterfall", 103.6135, 22.3476, "recognised", "Thác nước cao đổ thẳng giữa vách đá, cách trung tâm xã khoảng 3 km.", "A tall waterfall over a sheer cliff, some 3 km from the commune centre.", []string{"Bãi gửi xe", "Hướng dẫn viên"}, true},
	{"Động Tiên Sơn", "cave", 103.6525, 22.3142, "recognised", "Hang động đá vôi có suối ngầm cạnh quốc lộ 4D.", "A limestone cave with an underground stream beside national road 4D.", []string{"Bán vé", "Bãi gửi xe"}, true},
	{"Bản du lịch cộng đồng Chu Va 8", "community_hamlet", 103.6692, 22.3392, "recognised", "Bản bên cầu treo, ruộng bậc thang và vườn lan.", "A hamlet at the hanging bridge, with rice terraces and orchid gardens.", []string{"Lưu trú tại nhà dân", "Ăn uống"}, true},
	{"Làng nghề miến dong Bình Lư", "craft_village", 103.6433, 22.3070, "recognised", "Làng nghề tráng miến dong truyền thống, nhộn nhịp từ tháng 11.", "A village that makes canna noodles the old way, busiest from November.", []string{"Mua sắm", "Trải nghiệm làm miến"}, true},
	{"Điểm ngắm cảnh đèo Ô Quý Hồ", "viewpoint", 103.7648, 22.3530, "recognised", "Cổng trời trên đèo Ô Quý Hồ, nhìn xuống thung lũng Bình Lư.", "Heaven's gate on the Ô Quý Hồ pass, above the valley of Bình Lư.", []string{"Quán nước", "Bãi gửi xe"}, true},
	{"Cầu kính Rồng Mây", "site", 103.7585, 22.3562, "recognised", "Cầu kính trên vách núi gần đỉnh đèo.", "A glass bridge on the cliff near the top of the pass.", []string{"Bán vé", "Ăn uống"}, true},
	{"Bản du lịch cộng đồng Tác Tình", "community_hamlet", 103.6152, 22.3408, "pending", "Bản dưới chân thác, nương chè và rừng trúc.", "The hamlet below the falls, with tea slopes and bamboo woods.", []string{"Ăn uống"}, true},
	{"Điểm dừng chân Trạm Tôn", "viewpoint", 103.7607, 22.3551, "pending", "Nơi xuất phát các cung đường núi Hoàng Liên.", "Where the trails of the Hoàng Liên range begin.", []string{"Hướng dẫn viên"}, true},
	{"Homestay Tề Suối Ngài", "homestay", 103.6188, 22.3565, "none", "Nhà trình tường trên sườn núi, nhìn ra thung lũng.", "A house of rammed earth on the slope, looking over the valley.", []string{"Lưu trú tại nhà dân"}, true},
	{"Homestay Chu Va 12", "homestay", 103.6938, 22.3532, "none", "Nghỉ đêm trước khi leo núi.", "A night's rest before the climb.", []string{"Lưu trú tại nhà dân", "Ăn uống"}, true},
	{"Ruộng bậc thang Hua Bó", "viewpoint", 103.6597, 22.3575, "expired", "Đẹp nhất mùa nước đổ và mùa lúa chín tháng 9.", "Finest when the fields are flooded and when the rice is ripe in September.", nil, true},
	{"Đồi chè Bản 46", "site", 103.6705, 22.3000, "none", "Đồi chè bên quốc lộ 32.", "Tea hills along national road 32.", nil, false},
}

// trail is a way on foot between two places.
type trail struct {
	name, surface string
	difficulty    int64
	from, to      [2]float64
}

var trails = []trail{
	{"Đường lên thác Tác Tình", "concrete", 2, [2]float64{103.6150, 22.3411}, [2]float64{103.6135, 22.3476}},
	{"Tác Tình – Tề Suối Ngài – Sì Thâu Chải", "earth", 3, [2]float64{103.6190, 22.3562}, [2]float64{103.6017, 22.3616}},
	{"Chu Va 8 – Huổi Ke – Hua Bó", "earth", 3, [2]float64{103.6690, 22.3395}, [2]float64{103.6592, 22.3605}},
	{"Nà Đon – động Tiên Sơn", "stone", 1, [2]float64{103.6508, 22.3163}, [2]float64{103.6525, 22.3142}},
	{"Chu Va 12 – thung lũng thảo quả", "earth", 4, [2]float64{103.6945, 22.3530}, [2]float64{103.7000, 22.3720}},
	{"Trạm Tôn – đường núi Hoàng Liên", "mixed", 5, [2]float64{103.7607, 22.3551}, [2]float64{103.7480, 22.3440}},
	{"Vòng đạp xe cánh đồng Bình Lư", "asphalt", 1, [2]float64{103.6225, 22.3200}, [2]float64{103.6400, 22.3080}},
}

func tellTourism(t *teller) {
	for i, s := range sights {
		p := at(s.lon, s.lat)
		v := props{
			"code": fmt.Sprintf("DL-%02d", i+1), "name": s.name, "kind": s.kind, "recognition": s.recognition, "description_vi": s.vi, "description_en": s.en,
			"services": s.services, "hours": "07:00–18:00", "published": s.published, "phone_consent": false, "model_state": "none",
			"commune_code": CommuneCode, "hamlet_id": t.hamletID(p),
		}
		if s.recognition == "recognised" || s.recognition == "expired" {
			v["decision_no"] = fmt.Sprintf("%02d/QĐ-UBND (trình diễn)", 11+i)
			v["decision_date"], v["issuing_body"] = fmt.Sprintf("%d-%02d-%02d", t.Now.Year()-1-i%4, 1+i%12, 5+i), "UBND tỉnh Lai Châu"
		}
		t.tell("tourism_sites", p.lonLat(), v)
	}
	// Guests ask for it and it lies on the way, but it belongs to the next commune and counts for nothing here.
	t.tell("tourism_sites", at(103.6017, 22.3616).lonLat(), props{
		"code": "DL-LC-01", "name": "Bản du lịch cộng đồng Sì Thâu Chải", "kind": "community_hamlet", "recognition": "none", "published": true, "model_state": "none",
		"phone_consent": false, "description_vi": "Bản của người Dao trên lưng núi, thuộc xã Tả Lèng; đường đi qua Tác Tình.", "commune_code": "03405",
		"description_en": "A Dao hamlet on the mountainside, in Tả Lèng commune; the way leads through Tác Tình.",
	})
	for i, r := range trails {
		path := t.way(at(r.from[0], r.from[1]), at(r.to[0], r.to[1])).curve(15)
		climb := 0.0
		for j := 1; j < len(path); j++ {
			climb += max(t.ground.height(path[j])-t.ground.height(path[j-1]), 0)
		}
		// Naismith's rule: 4 km an hour, and an hour for 600 m of climb.
		minutes := math.Ceil(path.length()/4000*60 + climb/600*60)
		t.tell("tourism_routes", path.thin(2).lineString(), props{
			"code": fmt.Sprintf("TD-%02d", i+1), "name": r.name, "surface": r.surface, "difficulty": r.difficulty, "minutes": int64(minutes),
			"coverage_5g_pct": t.share5G(path), "commune_code": CommuneCode,
		})
	}
}

// share5G is how much of a path has 5G of any operator, in percent.
func (t *teller) share5G(path line) float64 {
	covered := 0.0
	for _, p := range path {
		for _, o := range operators {
			if t.radio.at(network{o, "5G"}, p) >= grade5G {
				covered++
				break
			}
		}
	}
	return math.Round(covered / float64(len(path)) * 100)
}
