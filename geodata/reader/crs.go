package reader

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/fault"
)

// ErrNoCRS is the fault of a file that does not say in which coordinate system it is.
var ErrNoCRS = fault.New(fault.Invalid, "crs_missing", geodata.Text{
	VI: "Tệp không ghi hệ tọa độ (thiếu .prj?). Hãy chỉ rõ bằng --crs, ví dụ --crs EPSG:9205 (VN-2000 kinh tuyến 103°00').",
	EN: "The file does not say its coordinate system (is the .prj missing?). Name it with --crs, for example --crs EPSG:9205 (VN-2000, meridian 103°00').",
})

// home is where coordinates are expected to lie when a system is to be guessed: Lai Châu and what is around it.
var home = orb.Bound{Min: orb.Point{101.9, 20.8}, Max: orb.Point{104.3, 23.0}}

// suggestCRS names the systems in which a point of the file would lie at home. It never decides: a doubt is asked.
func suggestCRS(p orb.Point) []string {
	var likely []string
	if home.Contains(p) {
		likely = append(likely, "EPSG:4326")
	}
	for epsg := 9205; epsg <= 9218; epsg++ {
		if lon, lat, err := vn.ToWGS84(epsg, p[0], p[1]); err == nil && home.Contains(orb.Point{lon, lat}) {
			likely = append(likely, fmt.Sprintf("EPSG:%d", epsg))
		}
	}
	return likely
}

// withSuggestion adds to the fault what the coordinates of the file's first point tell.
func withSuggestion(err *fault.Error, p orb.Point) *fault.Error {
	if likely := suggestCRS(p); len(likely) > 0 {
		return err.With("likely", strings.Join(likely, ", "))
	}
	return err
}
