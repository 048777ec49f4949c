package ewkb

import (
	"slices"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/fault"
)

// ErrKind is the fault of a geometry of another kind than the layer takes.
var ErrKind = fault.New(fault.Invalid, "geometry_kind", fault.Text{
	VI: "Kiểu hình học không đúng với lớp này; hãy xem lớp cần điểm, đường hay vùng.",
	EN: "The geometry is not of the kind this layer takes; see whether it wants points, lines or areas.",
}).WithField("geometry")

// ErrEmpty is the fault of a geometry without any coordinate.
var ErrEmpty = fault.New(fault.Invalid, "geometry_empty", fault.Text{
	VI: "Hình học không có tọa độ nào; hãy vẽ hoặc nhập lại vị trí.",
	EN: "The geometry has no coordinates; draw or enter the place again.",
}).WithField("geometry")

// Promote gives the geometry the kind that a layer takes: a single part becomes a Multi of one, a Multi or a collection
// of one becomes its part. What would need cutting or dropping is refused with ErrKind, what is empty with ErrEmpty.
// Nil stays nil: whether a feature may be without geometry is the caller's matter.
func Promote(g orb.Geometry, kind geodata.Geometry) (orb.Geometry, error) {
	if g == nil {
		return nil, nil //nolint:nilnil // no geometry is a value of its own, as NULL is
	}
	if empty(g) {
		return nil, ErrEmpty
	}
	if kind == geodata.Mixed {
		return g, nil
	}
	switch whole := g.(type) {
	case orb.Collection:
		if len(whole) == 1 {
			return Promote(whole[0], kind)
		}
	case orb.Ring:
		return Promote(orb.Polygon{whole}, kind)
	case orb.Bound:
		return Promote(whole.ToPolygon(), kind)
	}
	if p, ok := as(g, kind); ok {
		return p, nil
	}
	return nil, ErrKind.With("given", g.GeoJSONType()).With("wanted", string(kind))
}

func as(g orb.Geometry, kind geodata.Geometry) (orb.Geometry, bool) {
	switch kind {
	case geodata.Point:
		if many, ok := g.(orb.MultiPoint); ok && len(many) == 1 {
			return many[0], true
		}
		p, ok := g.(orb.Point)
		return p, ok
	case geodata.LineString:
		if many, ok := g.(orb.MultiLineString); ok && len(many) == 1 {
			return many[0], true
		}
		l, ok := g.(orb.LineString)
		return l, ok
	case geodata.MultiLineString:
		if one, ok := g.(orb.LineString); ok {
			return orb.MultiLineString{one}, true
		}
		l, ok := g.(orb.MultiLineString)
		return l, ok
	case geodata.MultiPolygon:
		if one, ok := g.(orb.Polygon); ok {
			return orb.MultiPolygon{one}, true
		}
		p, ok := g.(orb.MultiPolygon)
		return p, ok
	default:
		return nil, false
	}
}

// empty reports whether the geometry, or one of its parts, has no coordinates.
func empty(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.MultiPoint:
		return len(g) == 0
	case orb.LineString:
		return len(g) == 0
	case orb.Ring:
		return len(g) == 0
	case orb.MultiLineString:
		return anyEmpty(g, func(l orb.LineString) bool { return len(l) == 0 })
	case orb.Polygon:
		return anyEmpty(g, func(r orb.Ring) bool { return len(r) == 0 })
	case orb.MultiPolygon:
		return anyEmpty(g, func(p orb.Polygon) bool { return empty(p) })
	case orb.Collection:
		return anyEmpty(g, empty)
	default:
		return false
	}
}

func anyEmpty[T any](parts []T, empty func(T) bool) bool {
	return len(parts) == 0 || slices.ContainsFunc(parts, empty)
}
