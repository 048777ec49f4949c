package cql2

import "time"

// Expr is a node of the tree: one of Op, Call, Ref, Bool, Number, String, Date, Timestamp, Interval, Open, Geometry,
// BBox and Array, always by value. Trees are made by ParseText and ParseJSON and not changed.
type Expr interface {
	// Pos returns where the node begins in what was read.
	Pos() Position
	sealed()
}

// Pos returns the position itself, so that a node that embeds one has a position.
func (p Position) Pos() Position { return p }

func (Position) sealed() {}

type (
	// Op is an operator of the standard with its operands, as CQL2 JSON writes it: "and", "=", "isNull", "s_within".
	// The second operand of "in" is an Array.
	Op struct {
		Position
		Name string
		Args []Expr
	}
	// Call is a call of a function that the standard leaves to the server.
	Call struct {
		Position
		Name string
		Args []Expr
	}
	// Ref names a property.
	Ref struct {
		Position
		Name string
	}
	// Bool is TRUE or FALSE.
	Bool struct {
		Position
		Value bool
	}
	// Number is a number in its shortest decimal spelling, which is also a JSON number. Whole numbers are kept to the
	// last digit, others to the precision of float64. It is within the range of float64.
	Number struct {
		Position
		Text string
	}
	// String is a character literal.
	String struct {
		Position
		Value string
	}
	// Date is a day; Value is its midnight in UTC.
	Date struct {
		Position
		Value time.Time
	}
	// Timestamp is an instant in UTC, to the microsecond.
	Timestamp struct {
		Position
		Value time.Time
	}
	// Interval is a span of time with both its ends. Each is a Date, Timestamp, Open, Ref or Call.
	Interval struct {
		Position
		From, To Expr
	}
	// Open is the end of an interval that has none ('..').
	Open struct{ Position }
	// Array is a list of values.
	Array struct {
		Position
		Items []Expr
	}
	// BBox is a box of 4 numbers (west, south, east, north in the order of the filter's axes) or 6 (with heights).
	BBox struct {
		Position
		Values []float64
	}
	// Geometry is a geometry literal. A POINT has a Coord; others have Parts: the rings of a POLYGON and the members
	// of a MULTILINESTRING are LINESTRINGs, the vertices of a LINESTRING and the members of a MULTIPOINT are POINTs.
	Geometry struct {
		Position
		Kind  Kind
		Coord []float64 // 2 or 3 numbers, in the order of the filter's axes
		Parts []Geometry
	}
)

// Kind is a kind of geometry, numbered as in WKB (OGC 06-103r4, 8.2.8).
type Kind uint32

// The kinds of geometry.
const (
	Point Kind = 1 + iota
	LineString
	Polygon
	MultiPoint
	MultiLineString
	MultiPolygon
	GeometryCollection
)

var kindNames = [...]string{"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}

// String returns the name as GeoJSON writes it.
func (k Kind) String() string { return kindNames[k] }

// member returns what a geometry of the kind is made of; 0 for a point, and for a collection, whose members are any.
func (k Kind) member() Kind {
	switch k {
	case LineString, MultiPoint:
		return Point
	case Polygon, MultiLineString:
		return LineString
	case MultiPolygon:
		return Polygon
	default:
		return 0
	}
}

func kindNamed(name string) Kind {
	for k, n := range kindNames {
		if k > 0 && n == name {
			return Kind(k)
		}
	}
	return 0
}

// has3D tells whether any coordinate has a height.
func (g Geometry) has3D() bool {
	if len(g.Coord) == 3 {
		return true
	}
	for _, p := range g.Parts {
		if p.has3D() {
			return true
		}
	}
	return false
}
