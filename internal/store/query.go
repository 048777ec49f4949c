package store

import (
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/cql2"
	"bando/internal/fault"
)

// Query asks for features of one layer as a person sees them.
type Query struct {
	Layer string
	Who   auth.Person
	// Box keeps features that meet it, Equal those whose attributes have all of the values, Filter those for which it is
	// true. Each speaks of what the reader sees: other attributes are unknown, and rounded places are where they are shown.
	Box    *Box
	Equal  []Equal
	Filter *Filter
	// Sort is the order; the id is always the last key. Nulls come last.
	Sort []Sort
	// Properties are the attributes that are given, nil for all; "revision" is one of them, "id" and "geometry" are given anyway.
	Properties []string
	// SkipGeometry gives null for every geometry.
	SkipGeometry bool
	// SRID is the EPSG code of the answer's coordinates; 0 is 4326. A geometry that lies where the system has no
	// coordinates is null.
	SRID int
	// LatLon gives latitude or northing first.
	LatLon bool
	// AsOf is the moment whose state is read; zero is now.
	AsOf time.Time
	// Revision is the revision whose state is read, in the place of AsOf; zero is none.
	Revision geodata.Revision
	// After and Before are cursors (Item.Cursor): the page begins after that feature, or ends before it.
	After, Before string
	// Limit bounds how many come; 0 is no bound.
	Limit int
}

// Box is a box in the coordinate system SRID (0 is 4326), x or longitude before y or latitude. In degrees, west beyond
// east crosses the antimeridian.
type Box struct {
	geodata.Extent
	SRID int
}

// Equal is one filter: the attribute's value, written as in a query string; of an array, one of its members.
type Equal struct{ Field, Value string }

// Filter is a CQL2 filter with the EPSG code of its geometries (0 is 4326). LatLon says that they are written with latitude
// or northing first.
type Filter struct {
	Expr   cql2.Expr
	SRID   int
	LatLon bool
}

// Sort is one key of an order.
type Sort struct {
	Field      string
	Descending bool
}

// system is a coordinate system of questions and answers.
type system struct {
	srid    int
	degrees bool
	// digits are those after the point that are given: a tenth of a millimetre.
	digits int
	// bounds is where questions may lie, in its own coordinates; home is the part of the earth, in degrees, that has coordinates
	// in it. PROJ fails outside.
	bounds, home geodata.Extent
}

// systems are those served, the default first.
func systems() []system {
	// Transverse mercator is good to a fraction of a millimetre as far as this; the zones themselves are 3° and 6° wide.
	plane, east := geodata.Extent{-4e6, -8e6, 5e6, 8e6}, geodata.Extent{70, -70, 140, 70}
	world := geodata.Extent{-180, -90, 180, 90}
	const edge = 20_037_508.342789244 // half the equator of EPSG:3857, in metres
	return []system{
		{4326, true, 9, world, world},
		{3857, false, 4, geodata.Extent{-edge, -edge, edge, edge}, geodata.Extent{-180, -89, 180, 89}},
		{4756, true, 9, world, world},
		{3405, false, 4, plane, east},
		{9205, false, 4, plane, east},
		{9208, false, 4, plane, east},
	}
}

// systemOf finds the system of an EPSG code; 0 is 4326.
func systemOf(srid int) (system, error) {
	for _, s := range systems() {
		if s.srid == srid || srid == 0 {
			return s, nil
		}
	}
	return system{}, errSystem
}

var errSystem = fault.New(fault.Invalid, "crs_unknown", geodata.Text{
	VI: "Không có hệ tọa độ này. Có: EPSG 4326, 3857, 4756, 3405, 9205, 9208.",
	EN: "This coordinate system is not served. There are: EPSG 4326, 3857, 4756, 3405, 9205, 9208.",
})

// errBox is the fault of a box that is none.
var errBox = fault.New(fault.Invalid, "bbox_invalid", geodata.Text{
	VI: "bbox phải nằm trong vùng của hệ tọa độ, cạnh dưới không cao hơn cạnh trên; chỉ với tọa độ độ thì tây mới được lớn hơn đông.",
	EN: "bbox must lie within its coordinate system, its lower edge not above the upper; only in degrees may west be beyond east.",
}).WithField("bbox")
