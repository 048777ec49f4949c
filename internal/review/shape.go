package review

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/fault"
)

// The bounds of a submission (CV-01). The file's size is bounded where it is received.
const (
	MaxSubmissionVertices = 200_000
	maxSubmissionParts    = 5_000 // features; each is compared with its neighbours
)

// Faults of a submission's file that leave nothing to keep.
var (
	ErrTooManyVertices = fault.New(fault.TooLarge, "CV-01", fault.Text{
		VI: "Vùng phủ có hơn 200.000 đỉnh. Hãy đơn giản hóa đường bao rồi nộp lại.",
		EN: "The coverage has more than 200,000 vertices. Simplify its outline and submit it again.",
	})
	ErrTooManyParts = fault.New(fault.TooLarge, "CV-01", fault.Text{
		VI: "Tệp có hơn 5.000 đối tượng. Hãy gộp các vùng cùng thông số (dissolve) rồi nộp lại.",
		EN: "The file has more than 5,000 features. Join those that state the same (dissolve) and submit it again.",
	})
	ErrNoPolygon = fault.New(fault.Invalid, "CV-03", fault.Text{
		VI: "Tệp không có vùng (polygon) nào dùng được. Hãy xuất vùng phủ sóng dạng polygon.",
		EN: "The file has no polygon that can be used. Export the coverage as polygons.",
	})
	ErrNotDegrees = fault.New(fault.Invalid, "CV-02", fault.Text{
		VI: "Tọa độ không phải kinh độ, vĩ độ. Hãy khai báo đúng hệ tọa độ của tệp.",
		EN: "The coordinates are not longitudes and latitudes. Declare the file's coordinate system.",
	})
)

// shape is a submission's coverage on its way: the polygons as they were sent.
type shape struct {
	parts    [][]byte // EWKB
	vertices int
	findings []Finding
}

// add takes the polygons of one feature; what is no polygon is found out.
func (s *shape) add(ref string, g orb.Geometry) error {
	switch g := g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return s.keep(g)
	case orb.Collection:
		for _, member := range g {
			if err := s.add(ref, member); err != nil {
				return err
			}
		}
		return nil
	}
	kind := "?"
	if g != nil {
		kind = g.GeoJSONType()
	}
	s.findings = append(s.findings, Finding{Code: "CV-03", Severity: Error, Text: geodata.Text{
		VI: fmt.Sprintf("Đối tượng %s là %s, không phải vùng; hãy bỏ ra khỏi tệp.", ref, kind),
		EN: fmt.Sprintf("Feature %s is a %s, not a polygon; leave it out of the file.", ref, kind),
	}})
	return nil
}

func (s *shape) keep(g orb.Geometry) error {
	s.vertices += ewkb.Vertices(g)
	if s.vertices > MaxSubmissionVertices {
		return ErrTooManyVertices
	}
	if len(s.parts) >= maxSubmissionParts {
		return ErrTooManyParts
	}
	// Written so that NaN fails too.
	if b := g.Bound(); !(b.Min[0] >= -180 && b.Max[0] <= 180 && b.Min[1] >= -90 && b.Max[1] <= 90) {
		return ErrNotDegrees
	}
	part, err := ewkb.Encode(g)
	if err != nil {
		return ErrNotDegrees.Wrap(err)
	}
	s.parts = append(s.parts, part)
	return nil
}

// spot is a place that a check found, and how large it is.
type spot struct {
	AreaM2   *float64
	Lon, Lat *float64
	Reason   *string
}

// checkShape dissolves the parts into one shape and holds it to CV-02, CV-03 and CV-04. Where parts were not valid the
// shape is PostGIS's repair of them, and that is an error: what was not drawn is not claimed without the partner's word.
func (r *Review) checkShape(ctx context.Context, s *shape) (orb.Geometry, []Finding, error) {
	if len(s.parts) == 0 {
		return nil, nil, ErrNoPolygon.With("faults", limited(s.findings))
	}
	findings := s.findings
	whole, err := query(ctx, r.store.Pool(), pgx.RowTo[[]byte], "dissolve", s.parts)
	if err != nil {
		return nil, nil, err
	}
	if len(whole) != 1 || whole[0] == nil {
		return nil, nil, ErrNoPolygon
	}
	for _, c := range []struct {
		statement string
		given     any
		say       func(spot) Finding
	}{
		{"outside_5km", whole[0], outside},
		{"invalid_parts", s.parts, invalid},
		{"slivers", whole[0], sliver},
		{"overlaps", s.parts, overlapping},
	} {
		spots, err := query(ctx, r.store.Pool(), pgx.RowToStructByName[spot], c.statement, c.given)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range spots {
			found := c.say(p).at(p.Lon, p.Lat)
			if p.AreaM2 != nil {
				found.AreaM2 = *p.AreaM2
			}
			findings = append(findings, found)
		}
	}
	g, err := ewkb.Decode(whole[0])
	return g, limited(findings), err
}

func outside(p spot) Finding {
	if p.AreaM2 == nil {
		return Finding{Code: "CV-02", Severity: Warning, Text: geodata.Text{
			VI: "Chưa có địa giới xã trên bản đồ nên không kiểm tra được vùng phủ có nằm trong xã hay không.",
			EN: "The commune's boundary is not on the map yet, so whether the coverage lies in the commune cannot be checked.",
		}}
	}
	return Finding{Code: "CV-02", Severity: Error, Text: geodata.Text{
		VI: fmt.Sprintf("%.2f km² nằm ngoài xã quá 5 km. Hãy cắt vùng phủ theo địa giới xã, hoặc kiểm tra hệ tọa độ của tệp.", *p.AreaM2/1e6),
		EN: fmt.Sprintf("%.2f km² lie more than 5 km outside the commune. Cut the coverage to the commune, or check the file's coordinate system.", *p.AreaM2/1e6),
	}}
}

func invalid(p spot) Finding {
	reason := ""
	if p.Reason != nil {
		reason = " (" + *p.Reason + ")"
	}
	return Finding{Code: "CV-03", Severity: Error, Text: geodata.Text{
		VI: "Đường bao không hợp lệ" + reason + ". Bản đồ hiển thị hình đã tự sửa; hãy sửa trong tệp và nộp lại.",
		EN: "The outline is not valid" + reason + ". The map shows it as repaired; mend it in the file and submit it again.",
	}}
}

func sliver(p spot) Finding {
	return Finding{Code: "CV-03", Severity: Warning, Text: geodata.Text{
		VI: fmt.Sprintf("Mảnh vụn chỉ %.0f m² (nhỏ hơn 100 m²); hãy bỏ đi nếu không cố ý.", deref(p.AreaM2)),
		EN: fmt.Sprintf("A sliver of only %.0f m² (less than 100 m²); drop it unless it is meant.", deref(p.AreaM2)),
	}}
}

func overlapping(p spot) Finding {
	return Finding{Code: "CV-04", Severity: Warning, Text: geodata.Text{
		VI: fmt.Sprintf("Các vùng trong tệp chồng lên nhau %.0f m²; chúng được gộp thành một.", deref(p.AreaM2)),
		EN: fmt.Sprintf("Polygons of the file overlap by %.0f m²; they are joined into one.", deref(p.AreaM2)),
	}}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// partsOf makes the shape of a kept geometry, to check it again.
func partsOf(g orb.Geometry) (*shape, error) {
	s := &shape{}
	if g == nil {
		return s, nil
	}
	return s, s.add("", g)
}
