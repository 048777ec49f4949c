package features

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/web"
)

// input is a GeoJSON feature as a client sends it, or a merge patch of one.
type input struct {
	members     map[string]json.RawMessage
	geometry    orb.Geometry
	hasGeometry bool
	properties  map[string]any
	reason      string
	body        []byte // as it came
}

var (
	errFeature = fault.New(fault.Invalid, "feature_invalid", fault.Text{
		VI: "Cần một đối tượng GeoJSON: {\"type\":\"Feature\",\"geometry\":…,\"properties\":{…}}.",
		EN: "A GeoJSON feature is wanted: {\"type\":\"Feature\",\"geometry\":…,\"properties\":{…}}.",
	})
	errMember = fault.New(fault.Invalid, "member_unknown", fault.Text{
		VI: "Đối tượng có thành phần lạ nên chưa được ghi. Thuộc tính của lớp phải nằm trong “properties”.",
		EN: "The feature has an unknown member, so it was not kept. A layer's attributes belong into “properties”.",
	})
	errGeoJSON = fault.New(fault.Invalid, "geojson_invalid", fault.Text{
		VI: "Hình học không đúng GeoJSON. Mỗi điểm là [kinh độ, vĩ độ] tính bằng độ.",
		EN: "The geometry is not GeoJSON. Each position is [longitude, latitude] in degrees.",
	}).WithField("geometry")
	errHeights = fault.New(fault.Invalid, "geometry_3d", fault.Text{
		VI: "Tọa độ có độ cao. Các lớp chỉ lưu hai chiều; hãy bỏ số thứ ba rồi gửi lại.",
		EN: "The coordinates have heights. The layers are flat; leave the third number out and send again.",
	}).WithField("geometry")
	errCRS = fault.New(fault.Invalid, "crs_unsupported", fault.Text{
		VI: "Chỉ nhận tọa độ WGS 84 (kinh độ, vĩ độ). Tệp ở hệ khác hãy nhập bằng “bando import”.",
		EN: "Only WGS 84 (longitude, latitude) is taken here. Bring files of other systems in with “bando import”.",
	}).WithField("crs")
)

// Members of a feature beside geometry and properties: those that are read, and those that only repeat what the server
// said (a feature that was read may be sent back as it is).
func known(member string) bool {
	return slices.Contains([]string{"type", "id", "geometry", "properties", "reason", "crs", "bbox", "links", "timeStamp"}, member)
}

// parseFeature reads a feature. id is the one of the address, 0 for a new feature.
func parseFeature(body []byte, id int64) (input, error) {
	if err := web.CheckJSON(body); err != nil {
		return input{}, err
	}
	in := input{}
	if err := json.Unmarshal(body, &in.members); err != nil || in.members == nil {
		return input{}, errFeature
	}
	for member := range in.members {
		if !known(member) {
			return input{}, errMember.WithField(member)
		}
	}
	for _, read := range []func() error{in.readType, in.readCRS, func() error { return in.readID(id) }, in.readReason, in.readGeometry, in.readProperties} {
		if err := read(); err != nil {
			return input{}, err
		}
	}
	return in, nil
}

func (in *input) readType() error {
	text, given := in.members["type"]
	var kind string
	if given && (json.Unmarshal(text, &kind) != nil || kind != "Feature") {
		return errFeature.WithField("type")
	}
	return nil
}

// readID refuses an id that is not the one of the address. A new feature that brings one is left to package edit.
func (in *input) readID(id int64) error {
	text, given := in.members["id"]
	if !given || id == 0 {
		return nil
	}
	var n json.Number
	dec := json.NewDecoder(bytes.NewReader(bytes.Trim(text, `"`)))
	dec.UseNumber()
	if err := dec.Decode(&n); err != nil || n.String() != fmt.Sprint(id) {
		return errFeature.WithField("id")
	}
	return nil
}

// readCRS takes the old "crs" member (GeoJSON 2008) where it says what RFC 7946 says anyway.
func (in *input) readCRS() error {
	text, given := in.members["crs"]
	if !given || string(text) == "null" {
		return nil
	}
	var crs struct {
		Properties struct{ Name string }
	}
	if json.Unmarshal(text, &crs) != nil || !slices.Contains([]string{"urn:ogc:def:crs:OGC:1.3:CRS84", crs84, "EPSG:4326"}, crs.Properties.Name) {
		return errCRS
	}
	return nil
}

func (in *input) readReason() error {
	text, given := in.members["reason"]
	if given && json.Unmarshal(text, &in.reason) != nil {
		return errFeature.WithField("reason")
	}
	return nil
}

func (in *input) readProperties() error {
	text, given := in.members["properties"]
	if !given {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // integers beyond 2^53 stay what they are
	if err := dec.Decode(&in.properties); err != nil {
		return errFeature.WithField("properties")
	}
	delete(in.properties, "revision") // what every answer tells; If-Match is how it is sent back
	return nil
}

func (in *input) readGeometry() error {
	text, given := in.members["geometry"]
	if !given {
		return nil
	}
	in.hasGeometry = true
	if string(text) == "null" {
		return nil
	}
	var err error
	in.geometry, err = parseGeometry(text)
	return err
}

// position is one place; unlike [2]float64, encoding/json does not fill it up or cut it short.
type position orb.Point

func (p *position) UnmarshalJSON(text []byte) error {
	var n []float64
	if err := json.Unmarshal(text, &n); err != nil {
		return errGeoJSON.Wrap(err)
	}
	switch len(n) {
	case 2:
		*p = position{n[0], n[1]}
		return nil
	case 3:
		return errHeights.WithPlace(n[0], n[1])
	default:
		return errGeoJSON
	}
}

// parseGeometry reads a GeoJSON geometry. Whether its rings are good is for package edit.
func parseGeometry(text json.RawMessage) (orb.Geometry, error) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(text, &g); err != nil {
		return nil, errGeoJSON.Wrap(err)
	}
	switch g.Type {
	case "Point":
		var c position
		err := coordinates(g.Coordinates, &c)
		return orb.Point(c), err
	case "MultiPoint":
		var c []position
		err := coordinates(g.Coordinates, &c)
		return orb.MultiPoint(points(c)), err
	case "LineString":
		var c []position
		err := coordinates(g.Coordinates, &c)
		return orb.LineString(points(c)), err
	case "MultiLineString":
		var c [][]position
		err := coordinates(g.Coordinates, &c)
		return orb.MultiLineString(each(c, func(l []position) orb.LineString { return points(l) })), err
	case "Polygon":
		var c [][]position
		err := coordinates(g.Coordinates, &c)
		return polygon(c), err
	case "MultiPolygon":
		var c [][][]position
		err := coordinates(g.Coordinates, &c)
		return orb.MultiPolygon(each(c, polygon)), err
	default:
		return nil, errGeoJSON.With("type", g.Type)
	}
}

func coordinates(text json.RawMessage, into any) error {
	if len(text) == 0 || string(text) == "null" {
		return errGeoJSON
	}
	err := json.Unmarshal(text, into)
	if _, isFault := fault.As(err); err == nil || isFault {
		return err
	}
	return errGeoJSON.Wrap(err)
}

func points(c []position) []orb.Point {
	return each(c, func(p position) orb.Point { return orb.Point(p) })
}

func polygon(c [][]position) orb.Polygon {
	return each(c, func(r []position) orb.Ring { return points(r) })
}

func each[From, To any](list []From, make1 func(From) To) []To {
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = make1(v)
	}
	return out
}

// change makes the wish of it.
func (in input) change(l geodata.Layer, op geodata.Op, id int64) geodata.Change {
	return geodata.Change{
		Layer: l.ID, Op: op, ID: id, Properties: in.properties,
		Geometry: in.geometry, HasGeometry: in.hasGeometry,
	}
}
