// Package demo makes a commune to try bando with: Bình Lư in Lai Châu as somebody might draw it from memory. It is a
// demonstration and says so on every feature ("source": "bando demo").
//
// Real are the names, the rounded positions of the better known places and, generalised by hand, the outline, the rivers
// and the main roads. Everything else is made up by a generator: the ground, hamlet borders, parcels, forest lots, masts,
// coverage, and every number, date and decision. No person, plot or household of the real commune is in it.
//
// The same Options make the same bytes, on every machine and at every time.
package demo

import (
	"iter"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/fault"
)

// Source is written on every feature of the demo.
const Source = "bando demo"

// CommuneCode is the code of Xã Bình Lư.
const CommuneCode = "03390"

// Title names the demo commune; it says that it is one.
var Title = geodata.Text{VI: "Xã Bình Lư (bản trình diễn)", EN: "Bình Lư commune (demo)"}

// Notice says in a sentence what the data is.
var Notice = geodata.Text{
	VI: "Dữ liệu trình diễn: ranh giới, thửa đất, rừng, vùng phủ sóng và mọi con số đều do máy tạo, không dùng để tra cứu hay giải quyết công việc.",
	EN: "Demonstration data: borders, parcels, forest, coverage and all figures are made by a program; do not rely on them.",
}

// Where the map opens: lon, lat in degrees, and a zoom.
const (
	CentreLon = 103.655
	CentreLat = 22.335
	Zoom      = 12.2
)

// Bounds holds the commune (degrees).
var Bounds = geodata.Extent{103.5785, 22.2720, 103.7779, 22.4165}

// DefaultParcels is the better half of what the valleys hold.
const DefaultParcels = 20_000

// MaxParcels is what the sheets' and parcels' numbers can tell apart.
const MaxParcels = 20_000_000

// Options choose a demo commune.
type Options struct {
	Seed uint64
	// Parcels is how many there are; 0 is DefaultParcels. What the commune cannot hold (it has room for about 34,000) lies south of it, in
	// rows of made-up valleys with as many parcels a square kilometre, in an admin unit of their own: only for measuring
	// how bando grows.
	Parcels int
	// Now is the day the demo is told on: measurements, alerts and marks are dated before it. The zero time is 15 September
	// 2026. It is an option, and not the clock, so that runs agree; the time of day is left out.
	Now time.Time
}

// ErrTooMany is the fault of asking for more parcels than can be numbered.
var ErrTooMany = fault.New(fault.Invalid, "demo_too_large", fault.Text{
	VI: "Số thửa của bản trình diễn phải từ 0 đến 20.000.000.",
	EN: "The number of parcels of the demo must be from 0 to 20,000,000.",
})

// Account is a role to try the demo as. The name is the role's; nobody is meant.
type Account struct {
	Name  string
	Title geodata.Text
	Role  geodata.Role
	// Operator is the partner's; HamletID is the hamlet head's.
	Operator string
	HamletID int64
}

// Accounts lists the demo's accounts; two culture officers, because some moves need a second person.
func Accounts() []Account {
	return []Account{
		{Name: "dia_chinh", Role: geodata.LandOfficer, Title: geodata.Text{VI: "Công chức địa chính", EN: "Land officer"}},
		{Name: "kiem_lam", Role: geodata.ForestRanger, Title: geodata.Text{VI: "Kiểm lâm địa bàn", EN: "Forest ranger"}},
		{Name: "van_hoa", Role: geodata.CultureOfficer, Title: geodata.Text{VI: "Công chức Văn hóa – Xã hội", EN: "Culture officer"}},
		{Name: "van_hoa_2", Role: geodata.CultureOfficer, Title: geodata.Text{VI: "Công chức Văn hóa – Xã hội (người thứ hai)", EN: "Culture officer (second person)"}},
		{Name: "truong_ban", Role: geodata.HamletHead, HamletID: headOf, Title: geodata.Text{VI: "Trưởng bản Chu Va 8", EN: "Head of hamlet Chu Va 8"}},
		{Name: "viettel", Role: geodata.TelecomPartner, Operator: "viettel", Title: geodata.Text{VI: "Doanh nghiệp viễn thông (Viettel)", EN: "Telecom partner (Viettel)"}},
		{Name: "du_lich", Role: geodata.TourismStaff, Title: geodata.Text{VI: "Cán bộ du lịch", EN: "Tourism staff"}},
		{Name: "lanh_dao", Role: geodata.Leader, Title: geodata.Text{VI: "Lãnh đạo UBND xã", EN: "Commune leader"}},
		{Name: "giam_sat", Role: geodata.Auditor, Title: geodata.Text{VI: "Mặt trận Tổ quốc (giám sát)", EN: "Fatherland Front (oversight)"}},
		{Name: "quan_tri", Role: geodata.Admin, Title: geodata.Text{VI: "Quản trị hệ thống", EN: "Administrator"}},
	}
}

// Commune tells the demo commune as changes, layer by layer, so that what refers to a feature comes after it. All are of
// Op Create and carry the ID they are to have, 1, 2, 3, … in each layer, so that references can be told beforehand. The values
// of moved and computed fields are given too. Memory does not grow with the number of parcels.
func Commune(o Options) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		if o.Parcels < 0 || o.Parcels > MaxParcels {
			yield(geodata.Change{}, ErrTooMany.WithField("parcels"))
			return
		}
		if o.Parcels == 0 {
			o.Parcels = DefaultParcels
		}
		if o.Now.IsZero() {
			o.Now = time.Date(2026, time.September, 15, 0, 0, 0, 0, time.UTC)
		}
		o.Now = o.Now.UTC().Truncate(24 * time.Hour)
		t := &teller{world: newWorld(o), yield: yield, ids: map[string]int64{}}
		for _, part := range []func(*teller){
			tellUnits, tellHamlets, tellBase, tellFacilities, tellInternetPoints,
			tellTelecom, tellLand, tellForest, tellAgriculture, tellTourism, tellIndicators, tellBuildings, tellParcels,
		} {
			if part(t); t.stopped {
				return
			}
		}
	}
}

// teller hands changes to the one who ranges over them.
type teller struct {
	*world
	yield      func(geodata.Change, error) bool
	stopped    bool
	ids        map[string]int64 // the last id of each layer
	facilities []facility       // by id − 1
}

// props are the attributes of one feature.
type props map[string]any

// tell hands over one feature and returns its id. Attributes that are nil or empty text are left out.
func (t *teller) tell(layer string, g orb.Geometry, p props) int64 {
	t.ids[layer]++
	id := t.ids[layer]
	if t.stopped {
		return id
	}
	for name, value := range p {
		list, isList := value.([]string)
		if value == nil || value == "" || isList && len(list) == 0 {
			delete(p, name)
		}
	}
	p["source"] = Source
	ref, _ := p["name"].(string)
	if ref == "" {
		ref, _ = p["code"].(string)
	}
	c := geodata.Change{Layer: layer, Op: geodata.Create, ID: id, Geometry: g, HasGeometry: g != nil, Properties: p, Ref: ref}
	t.stopped = !t.yield(c, nil)
	return id
}

// hamletID is the id of the hamlet at p, nil for nobody's land.
func (t *teller) hamletID(p point) any {
	if h := t.hamletAt(p); h >= 0 {
		return int64(h + 1)
	}
	return nil
}

// date is the day this many days before the demo's.
func (w *world) date(daysBefore int) string {
	return w.Now.AddDate(0, 0, -daysBefore).Format(time.DateOnly)
}

// moment is a time of day then, in UTC.
func (w *world) moment(daysBefore, minutes int) string {
	return w.Now.AddDate(0, 0, -daysBefore).Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
}
