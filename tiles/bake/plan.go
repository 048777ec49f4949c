// Package bake writes layers as one PMTiles archive: the list of tiles without waste, bounded workers that draw and pack
// them, and a state of the data at which all of it stands still.
//
// The same data, options and program make the same bytes: tiles are in the order of their ids, contents are stored once,
// and nothing in the file tells the time.
package bake

import (
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
	"bando/tiles"
)

// Wish is what somebody asks for, as they write it. Empty texts stand for what is sensible.
type Wish struct {
	Layers   string // ids with commas between; all that the audience sees
	Zooms    string // "0-17" or "14"; those at which all of the layers can be had
	Audience string // "public" or "staff"; public
	Bounds   string // "west,south,east,north" in degrees (EPSG:4326); where the data lies
}

// Plan is a wish that can be done.
type Plan struct {
	Layers           []geodata.Layer // from the lowest on the map to the highest
	Audience         geodata.Audience
	MinZoom, MaxZoom int
	// Bounds limits the tiles; the zero value does not.
	Bounds geodata.Extent
}

// Faults of a wish.
var (
	// ErrAudience is the fault of an audience that is none.
	ErrAudience = fault.New(fault.Invalid, "bake_audience", fault.Text{
		VI: "Người xem phải là public (công khai) hoặc staff (cán bộ).",
		EN: "The audience is public or staff.",
	}).WithField("audience")
	// ErrNotSeen is the fault of a layer that the audience may not see.
	ErrNotSeen = fault.New(fault.Denied, "bake_layer_not_seen", fault.Text{
		VI: "Lớp này không công khai, nên không có trong tệp cho mọi người. Nếu tệp chỉ dành cho cán bộ, hãy ghi --audience staff.",
		EN: "This layer is not public, so it is in no archive for everybody. If the archive is for staff alone, give --audience staff.",
	}).WithField("layers")
	// ErrNoTiles is the fault of a layer that is not in tiles.
	ErrNoTiles = fault.New(fault.Invalid, "bake_layer_no_tiles", fault.Text{
		VI: "Lớp này không có ô bản đồ. Hãy bỏ lớp này khỏi --layers.",
		EN: "This layer has no tiles. Take it out of --layers.",
	}).WithField("layers")
	// ErrTwice is the fault of a layer that is named twice.
	ErrTwice = fault.New(fault.Invalid, "bake_layer_twice", fault.Text{
		VI: "Mỗi lớp chỉ ghi một lần trong --layers.",
		EN: "Name each layer once in --layers.",
	}).WithField("layers")
	// ErrZooms is the fault of zooms that are none.
	ErrZooms = fault.New(fault.Invalid, "bake_zooms", fault.Text{
		VI: "Mức phóng viết là số nhỏ-số lớn, từ 0 đến 22, ví dụ 0-16; hoặc chỉ một mức, ví dụ 14.",
		EN: "Zooms are written smallest-largest, from 0 to 22, such as 0-16; or one alone, such as 14.",
	}).WithField("zooms")
	// ErrNoZoom is the fault of zooms at which none of the layers is drawn.
	ErrNoZoom = fault.New(fault.Invalid, "bake_zooms_empty", fault.Text{
		VI: "Không lớp nào đã chọn được vẽ ở các mức phóng này.",
		EN: "None of the chosen layers is drawn at these zooms.",
	}).WithField("zooms")
	// ErrBounds is the fault of bounds that are none.
	ErrBounds = fault.New(fault.Invalid, "bake_bounds", fault.Text{
		VI: "Phạm vi viết là tây,nam,đông,bắc bằng độ (WGS 84), ví dụ 103.5,22.2,103.8,22.5; tây nhỏ hơn đông, nam nhỏ hơn bắc.",
		EN: "Bounds are written west,south,east,north in degrees (WGS 84), such as 103.5,22.2,103.8,22.5; west below east, south below north.",
	}).WithField("bounds")
)

// NewPlan reads a wish. Faults: those above, and geodata.ErrNoLayer.
func NewPlan(catalogue *geodata.Catalogue, w Wish) (Plan, error) {
	p := Plan{Audience: geodata.Public}
	if w.Audience != "" {
		p.Audience = geodata.Audience(w.Audience)
	}
	if !slices.Contains(geodata.Audiences[:], p.Audience) {
		return Plan{}, ErrAudience.With("audience", w.Audience)
	}
	var err error
	if p.Layers, err = choose(catalogue, w.Layers, p.Audience); err != nil {
		return Plan{}, err
	}
	if p.MinZoom, p.MaxZoom, err = zooms(w.Zooms, p.Layers, p.Audience); err != nil {
		return Plan{}, err
	}
	if p.Bounds, err = bounds(w.Bounds); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// IDs lists the layers' ids.
func (p Plan) IDs() []string {
	ids := make([]string, len(p.Layers))
	for i, l := range p.Layers {
		ids[i] = l.ID
	}
	return ids
}

// Vanishing lists the ids of layers that end above the deepest tiles: a client that zooms in does not see them there.
func (p Plan) Vanishing() []string {
	var gone []string
	for _, l := range p.Layers {
		if layers.LastZoom(l) < p.MaxZoom {
			gone = append(gone, l.ID)
		}
	}
	return gone
}

// drawn reports whether some layer is drawn at a zoom.
func (p Plan) drawn(zoom int) bool {
	return slices.ContainsFunc(p.Layers, func(l geodata.Layer) bool { return layers.InTile(l, zoom, p.Audience) })
}

func choose(catalogue *geodata.Catalogue, list string, audience geodata.Audience) ([]geodata.Layer, error) {
	hasTiles := func(l geodata.Layer) bool { return !l.Tile.Skip && l.Geometry != geodata.None }
	if list == "" {
		return slices.DeleteFunc(slices.Clone(catalogue.Layers()), func(l geodata.Layer) bool { return !l.Sees(audience) || !hasTiles(l) }), nil
	}
	named := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		l, err := catalogue.Layer(name)
		switch {
		case err != nil:
			return nil, err
		case named[name]:
			return nil, ErrTwice.With("layer", name)
		case !l.Sees(audience):
			return nil, ErrNotSeen.With("layer", name)
		case !hasTiles(l):
			return nil, ErrNoTiles.With("layer", name)
		}
		named[name] = true
	}
	return slices.DeleteFunc(slices.Clone(catalogue.Layers()), func(l geodata.Layer) bool { return !named[l.ID] }), nil
}

// zooms reads a range. Without one it is from the layers' first zoom to the first of their last: clients draw deeper zooms
// from the last one of an archive, where a layer that ends earlier would be missing.
func zooms(text string, chosen []geodata.Layer, audience geodata.Audience) (first, last int, err error) {
	if text == "" {
		return declared(chosen, audience)
	}
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		to = from
	}
	first, err1 := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || first < 0 || last > tiles.MaxZoom || first > last {
		return 0, 0, ErrZooms.With("zooms", text)
	}
	p := Plan{Layers: chosen, Audience: audience}
	for z := first; z <= last; z++ {
		if p.drawn(z) {
			return first, last, nil
		}
	}
	return 0, 0, ErrNoZoom.With("zooms", text)
}

func declared(chosen []geodata.Layer, audience geodata.Audience) (first, last int, err error) {
	if len(chosen) == 0 {
		return 0, 0, ErrNoZoom
	}
	lastFirst := 0
	first, last = tiles.MaxZoom, tiles.MaxZoom
	for _, l := range chosen {
		begins := layers.FirstZoom(l, audience)
		first, last, lastFirst = min(first, begins), min(last, layers.LastZoom(l)), max(lastFirst, begins)
	}
	return first, max(last, lastFirst), nil
}

func bounds(text string) (geodata.Extent, error) {
	if text == "" {
		return geodata.Extent{}, nil
	}
	parts := strings.Split(text, ",")
	var b geodata.Extent
	if len(parts) != len(b) {
		return b, ErrBounds.With("bounds", text)
	}
	for i, part := range parts {
		var err error
		if b[i], err = strconv.ParseFloat(strings.TrimSpace(part), 64); err != nil {
			return b, ErrBounds.With("bounds", text).Wrap(err)
		}
	}
	// Written so that NaN is refused too.
	if !(b[0] >= -180 && b[2] <= 180 && b[1] >= -90 && b[3] <= 90 && b[0] < b[2] && b[1] < b[3]) {
		return b, ErrBounds.With("bounds", text)
	}
	return b, nil
}
