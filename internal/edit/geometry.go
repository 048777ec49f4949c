package edit

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/fault"
)

// readGeometry brings the change's geometry into the layer's kind and looks at its numbers.
func (w *work) readGeometry(i *item) {
	if i.err != nil || !i.HasGeometry || i.Geometry == nil {
		return
	}
	if n := ewkb.Vertices(i.Geometry); n > MaxVertices {
		i.refuse(errVertices.With("vertices", n).With("most", MaxVertices))
		return
	}
	if err := inDegrees(i.Geometry); err != nil {
		i.refuse(err)
		return
	}
	g, err := ewkb.Promote(i.Geometry, i.layer.Geometry)
	if err != nil {
		i.refuse(asFault(err))
		return
	}
	if i.wkb, err = ewkb.Encode(g); err != nil {
		i.refuse(errNumbers.Wrap(err))
	}
}

// placed says whether the row is where its layer needs it: a feature has a geometry, or else a place of another kind
// (a hamlet's centre stands in until there is a boundary; DOMAIN section 5.6).
func (w *work) placed(i *item) *fault.Error {
	switch {
	case i.layer.Geometry == geodata.None:
		return nil // Promote has refused any
	case i.row.EWKB != nil, i.was != nil && i.was.EWKB == nil:
		return nil
	}
	for _, f := range i.layer.Fields {
		if f.Type == geodata.Place && i.row.Properties[f.Name] != nil {
			return nil
		}
	}
	return errNoGeometry
}

// inDegrees refuses coordinates that cannot be lon, lat in degrees, and says what they probably are.
func inDegrees(g orb.Geometry) *fault.Error {
	b := g.Bound()
	for _, n := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return errNumbers
		}
	}
	if b.Min[0] >= -180 && b.Max[0] <= 180 && b.Min[1] >= -90 && b.Max[1] <= 90 {
		return nil
	}
	at := b.Min
	switch {
	// Northing in Vietnam is 940–2,600 km; easting of a TM-3 or UTM zone 100–900 km around the false 500 km.
	case within(at[0], 100_000, 900_000) && within(at[1], 900_000, 2_650_000):
		return errMetres.With("first", at)
	case within(at[1], 100_000, 900_000) && within(at[0], 900_000, 2_650_000):
		return errMetresSwapped.With("first", at)
	// Web mercator of Vietnam.
	case within(at[0], 11_300_000, 13_100_000) && within(at[1], 600_000, 2_800_000):
		return errMercator.With("first", at)
	case within(at[1], 100, 120) && within(at[0], 5, 25):
		return errSwapped.With("first", at)
	}
	return errRange.With("first", at)
}

func within(x, least, most float64) bool { return x >= least && x <= most }

// geoJSON is the geometry as a problem document shows it.
func geoJSON(g orb.Geometry) *geojson.Geometry { return geojson.NewGeometry(g) }

var (
	errVertices = fault.New(fault.TooLarge, "too_many_vertices", geodata.Text{
		VI: "Hình học có quá nhiều đỉnh (tối đa 200.000); hãy đơn giản hóa hoặc chia nhỏ.",
		EN: "The geometry has too many vertices (200,000 at most); simplify or divide it.",
	}).WithField("geometry")
	errNumbers = fault.New(fault.Invalid, "coordinates_invalid", geodata.Text{
		VI: "Tọa độ có giá trị không phải là số; hãy xuất lại tệp.",
		EN: "A coordinate is not a number; export the file again.",
	}).WithField("geometry")
	errRange = fault.New(fault.Invalid, "coordinates_out_of_range", geodata.Text{
		VI: "Tọa độ không phải kinh độ, vĩ độ theo độ (EPSG:4326); hãy chuyển hệ tọa độ rồi gửi lại.",
		EN: "The coordinates are not longitude and latitude in degrees (EPSG:4326); transform them and send again.",
	}).WithField("geometry")
	errMetres = fault.New(fault.Invalid, "coordinates_in_metres", geodata.Text{
		VI: "Tọa độ trông như mét VN-2000 (hoặc UTM), không phải độ; hãy nhập tệp kèm hệ tọa độ (ví dụ EPSG:9205, kinh tuyến trục 103°00') hoặc chuyển sang EPSG:4326.",
		EN: "The coordinates look like metres of VN-2000 (or UTM), not degrees; import the file with its coordinate system (such as EPSG:9205, meridian 103°00') or transform it to EPSG:4326.",
	}).WithField("geometry")
	errMetresSwapped = fault.New(fault.Invalid, "coordinates_in_metres", geodata.Text{
		VI: "Tọa độ trông như mét VN-2000 viết ngược (X là hướng bắc trước); hãy đổi thứ tự và nhập với đúng hệ tọa độ, hoặc chuyển sang EPSG:4326.",
		EN: "The coordinates look like metres of VN-2000 with the northing first; swap them and import with the right coordinate system, or transform to EPSG:4326.",
	}).WithField("geometry")
	errMercator = fault.New(fault.Invalid, "coordinates_in_metres", geodata.Text{
		VI: "Tọa độ trông như Web Mercator (EPSG:3857), không phải độ; hãy chuyển sang EPSG:4326.",
		EN: "The coordinates look like web mercator (EPSG:3857), not degrees; transform them to EPSG:4326.",
	}).WithField("geometry")
	errSwapped = fault.New(fault.Invalid, "coordinates_swapped", geodata.Text{
		VI: "Tọa độ viết ngược: vĩ độ đứng trước kinh độ. GeoJSON cần [kinh độ, vĩ độ], ví dụ [103.62, 22.34].",
		EN: "The coordinates are swapped: latitude stands before longitude. GeoJSON wants [longitude, latitude], such as [103.62, 22.34].",
	}).WithField("geometry")
	errNoGeometry = fault.New(fault.Invalid, "geometry_missing", geodata.Text{
		VI: "Đối tượng của lớp này cần có vị trí; hãy vẽ hoặc nhập hình học.",
		EN: "A feature of this layer needs a place; draw or give its geometry.",
	}).WithField("geometry")
	errInvalidGeometry = fault.New(fault.Invalid, "geometry_invalid", geodata.Text{})
)

// invalidGeometry says what is wrong with a geometry in the words of GEOS, turned into plain ones where they are known.
func invalidGeometry(reason string, lon, lat *float64) *fault.Error {
	plain, ok := map[string]geodata.Text{
		"Self-intersection":               {VI: "ranh giới tự cắt", EN: "the boundary crosses itself"},
		"Ring Self-intersection":          {VI: "ranh giới tự chạm", EN: "the boundary touches itself"},
		"Hole lies outside shell":         {VI: "lỗ nằm ngoài vùng", EN: "a hole lies outside the area"},
		"Holes are nested":                {VI: "lỗ nằm trong lỗ", EN: "a hole lies in a hole"},
		"Nested shells":                   {VI: "vùng nằm trong vùng", EN: "a part lies inside another"},
		"Interior is disconnected":        {VI: "vùng bị lỗ cắt rời", EN: "holes cut the area apart"},
		"Too few points in geometry comp": {VI: "quá ít điểm", EN: "too few points"},
		"Duplicate Rings":                 {VI: "ranh giới bị lặp", EN: "a boundary is there twice"},
	}[reason]
	if !ok {
		plain = geodata.Text{VI: reason, EN: reason}
	}
	err := fault.New(errInvalidGeometry.Kind(), errInvalidGeometry.Code(), geodata.Text{
		VI: "Hình học không hợp lệ: " + plain.VI + "; hãy sửa tại điểm được đánh dấu.",
		EN: "The geometry is not valid: " + plain.EN + "; mend it at the marked point.",
	}).WithField("geometry").With("reason", reason)
	if lon != nil && lat != nil {
		err = err.WithPlace(*lon, *lat)
	}
	return err
}
