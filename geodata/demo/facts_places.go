package demo

import "github.com/paulmach/orb"

// ridge is a crest of the mountains with the heights (m) of its points.
type ridge struct {
	path    []orb.Point
	heightM []float64
}

// The crests: the Pu Ta Leng side in the north, the Hoàng Liên range in the east and south-east, and the spurs between
// the valleys. Only the two named peaks and the pass are surveyed heights; the rest is a guess from the lie of the land.
var ridges = []ridge{
	{
		[]orb.Point{{103.5800, 22.4100}, {103.6039, 22.4229}, {103.6164, 22.4013}, {103.6257, 22.3975}, {103.6460, 22.4042}, {103.6701, 22.4060}, {103.6857, 22.4100}, {103.7122, 22.4105}, {103.7308, 22.4165}, {103.7495, 22.4040}, {103.7683, 22.3794}, {103.7672, 22.3600}, {103.7726, 22.3523}},
		[]float64{2300, 3049, 2500, 2450, 2550, 2650, 2750, 2700, 2850, 2600, 2300, 2120, 2040},
	},
	{
		[]orb.Point{{103.7726, 22.3523}, {103.7779, 22.3400}, {103.7800, 22.3200}, {103.7755, 22.3030}, {103.7600, 22.3200}, {103.7440, 22.3350}, {103.7360, 22.3457}},
		[]float64{2040, 2350, 2700, 3143, 2950, 2700, 2350},
	},
	{
		[]orb.Point{{103.7440, 22.3350}, {103.7290, 22.3220}, {103.7104, 22.3167}, {103.6982, 22.3171}, {103.6849, 22.3021}, {103.6800, 22.2900}},
		[]float64{2700, 2450, 2300, 2050, 1550, 1150},
	},
	{
		[]orb.Point{{103.7290, 22.3220}, {103.7160, 22.3360}, {103.6990, 22.3430}, {103.6840, 22.3400}, {103.6760, 22.3280}},
		[]float64{2450, 1950, 1550, 1300, 1000},
	},
	{[]orb.Point{{103.7360, 22.3457}, {103.7250, 22.3480}, {103.7120, 22.3490}}, []float64{2350, 1900, 1500}},
	{[]orb.Point{{103.6680, 22.4060}, {103.6670, 22.3850}, {103.6690, 22.3680}, {103.6710, 22.3580}}, []float64{2650, 2050, 1500, 1150}},
	{[]orb.Point{{103.6460, 22.4042}, {103.6430, 22.3800}, {103.6450, 22.3600}, {103.6470, 22.3420}, {103.6420, 22.3330}}, []float64{2550, 2050, 1600, 1150, 860}},
	{[]orb.Point{{103.6257, 22.3975}, {103.6290, 22.3760}, {103.6260, 22.3600}, {103.6250, 22.3450}, {103.6230, 22.3350}}, []float64{2450, 1850, 1400, 1000, 760}},
	{[]orb.Point{{103.6164, 22.4013}, {103.6110, 22.3800}, {103.6110, 22.3600}, {103.6010, 22.3490}, {103.5960, 22.3460}}, []float64{2500, 1900, 1400, 1050, 860}},
	{[]orb.Point{{103.7000, 22.4080}, {103.6990, 22.3850}, {103.6920, 22.3640}}, []float64{2700, 2050, 1400}},
	{[]orb.Point{{103.7360, 22.4140}, {103.7400, 22.3870}, {103.7300, 22.3720}}, []float64{2800, 2250, 1750}},
	{[]orb.Point{{103.6600, 22.3090}, {103.6560, 22.3020}, {103.6480, 22.2960}, {103.6390, 22.2965}}, []float64{900, 950, 850, 720}},
	{[]orb.Point{{103.6020, 22.3230}, {103.6060, 22.3120}, {103.6100, 22.3020}}, []float64{800, 820, 730}},
	{[]orb.Point{{103.5600, 22.3500}, {103.5700, 22.3420}, {103.5800, 22.3400}}, []float64{1300, 1100, 900}},
	{[]orb.Point{{103.5600, 22.3150}, {103.5760, 22.3090}, {103.5880, 22.2990}, {103.5960, 22.2840}, {103.6080, 22.2700}}, []float64{1200, 1050, 900, 850, 750}},
	{[]orb.Point{{103.6330, 22.2790}, {103.6500, 22.2700}}, []float64{750, 850}},
	{[]orb.Point{{103.6350, 22.2940}, {103.6300, 22.2905}}, []float64{640, 600}},
	{[]orb.Point{{103.6600, 22.3290}, {103.6620, 22.3230}}, []float64{900, 850}},
}

// village is a hamlet: where people live. weight is its share of the households.
type village struct {
	name     string
	kind     string
	former   string // code of the commune it belonged to before 1 July 2025
	lon, lat float64
	weight   float64
	priority []string
	note     string
}

const formerTown = "Trước 01/7/2025 thuộc thị trấn Tam Đường."

// The hamlets. Names are real; positions are rounded, and guessed where no public map has them; numbers are the demo's.
var villages = []village{
	{"Bản Trung Tâm", "ban", "03390", 103.6220, 22.3203, 1.7, []string{"centre", "trade", "dense"}, formerTown},
	{"Bản Bình Luông", "ban", "03390", 103.6112, 22.3318, 1.1, []string{"dense"}, formerTown},
	{"Bản Tiên Bình", "ban", "03390", 103.6040, 22.3318, 1.0, nil, formerTown},
	{"Bản Sân Bay", "ban", "03390", 103.6087, 22.3264, 1.2, []string{"dense"}, formerTown},
	{"Bản Nà Đa", "ban", "03390", 103.5985, 22.3365, 0.8, nil, formerTown},
	{"Bản Mường Cấu", "ban", "03390", 103.6176, 22.3280, 1.2, []string{"centre"}, formerTown},
	{"Bản Mường Mới", "ban", "03390", 103.6259, 22.3170, 1.3, []string{"trade"}, formerTown},
	{"Bản Tác Tình", "ban", "03390", 103.6150, 22.3411, 0.7, []string{"tourism"}, formerTown},
	{"Bản Tề Suối Ngài", "ban", "03390", 103.6190, 22.3562, 0.5, []string{"tourism"}, formerTown},
	{"Bản Cò Lá", "ban", "03390", 103.6312, 22.3325, 0.8, nil, formerTown},
	{"Thôn Thống Nhất", "thon", "03412", 103.6420, 22.3180, 1.4, []string{"centre", "trade", "dense"}, ""},
	{"Bản Nà Đon", "ban", "03412", 103.6510, 22.3160, 1.0, []string{"tourism"}, ""},
	{"Thôn Tân Bình", "thon", "03412", 103.6190, 22.3045, 1.2, []string{"trade"}, ""},
	{"Bản Pa Pe", "ban", "03412", 103.6180, 22.2992, 0.9, nil, ""},
	{"Bản Nà Hum", "ban", "03412", 103.6161, 22.2925, 0.9, nil, ""},
	{"Bản Nà Cà", "ban", "03412", 103.6150, 22.2843, 0.8, nil, ""},
	{"Bản Na Hui", "ban", "03412", 103.6315, 22.3022, 0.7, nil, ""},
	{"Thôn Hoa Vân", "thon", "03412", 103.6300, 22.3120, 1.1, []string{"trade"}, ""},
	{"Thôn Vân Bình", "thon", "03412", 103.6365, 22.3175, 1.2, nil, ""},
	{"Bản Nà Phát", "ban", "03412", 103.6403, 22.3080, 0.9, nil, ""},
	{"Bản Nà Khan", "ban", "03412", 103.6255, 22.3058, 1.0, nil, ""},
	{"Bản Nà San", "ban", "03412", 103.6500, 22.3060, 0.8, nil, ""},
	{"Bản Toòng Pẳn", "ban", "03412", 103.6132, 22.3120, 0.8, nil, ""},
	{"Bản Km 2", "ban", "03413", 103.6632, 22.3140, 0.9, []string{"trade"}, ""},
	{"Bản 46", "ban", "03413", 103.6692, 22.2995, 0.8, nil, ""},
	{"Bản Nậm Dê", "ban", "03413", 103.6745, 22.3085, 0.7, nil, ""},
	{"Bản Chu Va 6", "ban", "03413", 103.6670, 22.3270, 0.9, nil, ""},
	{"Bản Chu Va 8", "ban", "03413", 103.6690, 22.3395, 1.0, []string{"tourism"}, ""},
	{"Bản Chu Va 12", "ban", "03413", 103.6940, 22.3528, 1.0, []string{"tourism"}, ""},
	{"Bản Huổi Ke", "ban", "03413", 103.6595, 22.3485, 0.6, nil, ""},
	{"Bản Hua Bó", "ban", "03413", 103.6592, 22.3605, 0.5, nil, ""},
}

// neighbour is a place outside the commune, so that the edge of the map is not the end of the world.
type neighbour struct {
	name, class string
	lon, lat    float64
}

var neighbours = []neighbour{
	{"Sì Thâu Chải", "hamlet", 103.6017, 22.3616},
	{"Hồ Thầu", "village", 103.5732, 22.3687},
	{"Chù Lìn", "hamlet", 103.5762, 22.3537},
	{"Bản Hon", "village", 103.5642, 22.3108},
	{"Nà Tăm", "village", 103.6286, 22.2825},
	{"Nà Luông", "hamlet", 103.6537, 22.2721},
	{"Ô Quý Hồ", "village", 103.7946, 22.3707},
}
