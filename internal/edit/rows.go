package edit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/geodata/vn"
	"bando/internal/fault"
)

// measureArea: the area of a new shape in the plane of the cadastre (EPSG:9205), to a square decimetre.
func measureArea(i *item) *fault.Error {
	if !isMoved(i) {
		return nil
	}
	g, err := ewkb.Decode(i.row.EWKB)
	if err != nil {
		return errNumbers.Wrap(err)
	}
	i.row.Properties["measured_area_m2"] = math.Round(vn.AreaM2(g)*100) / 100
	return nil
}

// geohashFits: the parcel's national id is the GeoHash of a place in it (TT 19/2026/TT-BNNMT, article 11.3). Which place
// is not said, so any within reach is taken; a file that missed the datum shift of VN-2000 is 222 m off.
func geohashFits(i *item) *fault.Error {
	const reachDeg = 0.0005 // some 50 m
	code, ok := i.row.Properties["national_id"].(string)
	if !ok || i.row.EWKB == nil || (!i.row.Moved && i.was != nil && i.was.Properties["national_id"] == code) {
		return nil
	}
	g, err := ewkb.Decode(i.row.EWKB)
	if err != nil {
		return errNumbers.Wrap(err)
	}
	b := g.Bound().Pad(reachDeg)
	at := geohashPlace(code)
	if b.Contains(at) {
		return nil
	}
	c := b.Center()
	want := vn.GeoHash(c[0], c[1], 7)
	return of(errGeohash, "national_id",
		"Mã định danh "+code+" không thuộc vị trí thửa đất (ở đây mã bắt đầu bằng "+want+"); hãy kiểm tra mã, hoặc hệ tọa độ của tệp (sai 7 tham số VN-2000 lệch khoảng 222 m).",
		"The national id "+code+" is not of this parcel's place (here it begins with "+want+"); check the id, or the file's coordinate system (without the seven parameters of VN-2000 it is 222 m off).").
		WithPlace(c[0], c[1])
}

// geohashPlace is the middle of a GeoHash's cell.
func geohashPlace(code string) orb.Point {
	const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"
	least, most := [2]float64{-180, -90}, [2]float64{180, 90}
	bit := 0
	for _, r := range code {
		digit := strings.IndexRune(alphabet, r)
		for shift := 4; shift >= 0; shift-- {
			axis := bit % 2
			middle := (least[axis] + most[axis]) / 2
			if digit>>shift&1 == 1 {
				least[axis] = middle
			} else {
				most[axis] = middle
			}
			bit++
		}
	}
	return orb.Point{(least[0] + most[0]) / 2, (least[1] + most[1]) / 2}
}

// codeValidInYear: a code that the law has given up is for the years in which it held (DOMAIN section 5.3).
func codeValidInYear(i *item) *fault.Error {
	code, _ := i.row.Properties["code"].(string)
	year, known := i.row.Properties["year"].(int64)
	f, ok := i.layer.Field("code")
	if !known || !ok {
		return nil
	}
	at := slices.IndexFunc(f.Enum, func(c geodata.Code) bool { return c.Value == code })
	if at < 0 || f.Enum[at].ValidTo == "" {
		return nil
	}
	last, err := time.Parse(time.DateOnly, f.Enum[at].ValidTo)
	if err != nil {
		return asFault(fmt.Errorf("read the end of code %s: %w", code, err))
	}
	if year <= int64(last.Year()) {
		return nil
	}
	return of(errCodeYear, "code",
		"Mã “"+code+"” chỉ dùng đến "+last.Format("02/01/2006")+"; hãy dùng mã hiện hành hoặc sửa năm.",
		"The code “"+code+"” was in use until "+f.Enum[at].ValidTo+" only; use a present one, or mend the year.")
}

// english writes a number for an English sentence.
func english(x float64) string {
	return strings.NewReplacer(",", ".", ".", ",").Replace(vn.Number(x, 1))
}

var (
	errPurposes = fault.New(fault.Invalid, "purposes_form", geodata.Text{
		VI: "Mục đích sử dụng phải là danh sách dạng [{\"code\": \"LUC\", \"area_m2\": 350.5}], diện tích theo m².",
		EN: "The purposes must be a list such as [{\"code\": \"LUC\", \"area_m2\": 350.5}], areas in m².",
	}).WithField("purposes")
	errPurposeSum = fault.New(fault.Invalid, "purpose_sum", geodata.Text{})
	errGeohash    = fault.New(fault.Invalid, "national_id_place", geodata.Text{})
	errCodeYear   = fault.New(fault.Invalid, "code_not_in_year", geodata.Text{})
)
