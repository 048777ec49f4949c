package serve

import (
	"slices"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles/archive"
)

// maxLayers is how many layers one tile may be asked for.
const maxLayers = 64

// Faults of the list of layers.
var (
	// ErrTooMany is the fault of a list that is too long.
	ErrTooMany = fault.New(fault.Invalid, "tile_layers_too_many", fault.Text{
		VI: "Một ô bản đồ chứa tối đa 64 lớp. Hãy chia thành nhiều yêu cầu.",
		EN: "One tile holds at most 64 layers. Ask in several requests.",
	}).WithField("layers")
	// ErrTwice is the fault of a list that names a layer twice.
	ErrTwice = fault.New(fault.Invalid, "tile_layer_twice", fault.Text{
		VI: "Danh sách lớp có lớp bị lặp. Mỗi lớp chỉ ghi một lần.",
		EN: "A layer is in the list twice. Name each layer once.",
	}).WithField("layers")
	// ErrBaseAlone is the fault of a list that mixes the base map with layers.
	ErrBaseAlone = fault.New(fault.Invalid, "tile_base_alone", fault.Text{
		VI: "Bản đồ nền (base) phải được yêu cầu riêng, không chung với lớp khác.",
		EN: "The base map (base) is asked for by itself, not together with layers.",
	}).WithField("layers")
	// ErrNoTiles is the fault of a collection that is there but not in tiles.
	ErrNoTiles = fault.New(fault.NotFound, "no_tiles", fault.Text{
		VI: "Lớp này không có ô bản đồ. Hãy đọc dữ liệu ở /collections/{lớp}/items.",
		EN: "This layer has no tiles. Read it at /collections/{layer}/items.",
	})
	// ErrNoBase is the fault of asking for a base map where none is installed.
	ErrNoBase = fault.New(fault.NotFound, "no_base_map", fault.Text{
		VI: "Máy chủ này chưa cài bản đồ nền.",
		EN: "No base map is installed on this server.",
	})
)

// choice is what a list of layers names.
type choice struct {
	layers []geodata.Layer // in the order of the list
	base   bool            // the base map alone
}

// choose reads a comma list, with the layers' declarations.
func (h *Handler) choose(list string, audience geodata.Audience) (choice, error) {
	names, base, err := h.names(list, audience)
	if err != nil || base {
		return choice{base: base}, err
	}
	c := choice{layers: make([]geodata.Layer, len(names))}
	for i, name := range names {
		if c.layers[i], err = h.cfg.Catalogue.Layer(name); err != nil {
			return choice{}, err
		}
	}
	return c, nil
}

// known is what reading a list needs of a layer.
type known struct{ public, inTiles bool }

func knownLayers(c *geodata.Catalogue) map[string]known {
	all := make(map[string]known, len(c.Layers()))
	for _, l := range c.Layers() {
		all[l.ID] = known{public: l.Sees(geodata.Public), inTiles: !l.Tile.Skip && l.Geometry != geodata.None}
	}
	return all
}

// names reads a comma list. A layer that the audience may not see is as unknown to it as one that does not exist.
func (h *Handler) names(list string, audience geodata.Audience) (names []string, base bool, err error) {
	if strings.Count(list, ",") >= maxLayers {
		return nil, false, ErrTooMany
	}
	names = strings.Split(list, ",")
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, false, ErrTwice.With("layer", name)
		}
		if name == archive.Layer {
			base = true
			continue
		}
		l, there := h.known[name]
		switch {
		case !there, audience != geodata.Staff && !l.public:
			return nil, false, geodata.ErrNoLayer.With("collection", name)
		case !l.inTiles:
			return nil, false, ErrNoTiles.With("collection", name)
		}
	}
	switch {
	case base && len(names) > 1:
		return nil, false, ErrBaseAlone
	case base && h.cfg.Base == nil:
		return nil, false, ErrNoBase
	}
	return names, base, nil
}
