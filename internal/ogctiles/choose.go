package ogctiles

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
	"bando/tiles"
	"bando/tiles/serve"
)

var errCollections = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “collections”: ghi mã các lớp có ô bản đồ, cách nhau bằng dấu phẩy, mỗi lớp một lần. Xem danh sách ở /tiles/WebMercatorQuad.",
	EN: "Parameter “collections”: list collections that have tiles, with commas, each once. See them at /tiles/WebMercatorQuad.",
}).WithField("collections")

// selection is the layers that a request is about, in the order of the tile.
type selection struct {
	layers   []geodata.Layer
	audience geodata.Audience
	// list is the parameter "collections" as given; "" when the path names the collection or all are meant.
	list string
	// moment is the parameter "datetime" as given, and at what it says: zero is now.
	moment string
	at     time.Time
}

// choose reads which layers a request is about: the collection of its path, those of the parameter "collections", or all that
// its audience sees.
func (s *Service) choose(r *http.Request) (selection, error) {
	chosen := selection{audience: s.Audience(r)}
	var err error
	if chosen.at, chosen.moment, err = serve.Moment(r); err != nil {
		return chosen, err
	}
	if id := r.PathValue("collection"); id != "" {
		l, err := s.layer(id, chosen.audience)
		chosen.layers = []geodata.Layer{l}
		return chosen, err
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return chosen, errCollections.Wrap(err)
	}
	if !values.Has("collections") {
		chosen.layers = slices.DeleteFunc(slices.Clone(s.Store.Catalogue().Layers()), func(l geodata.Layer) bool { return !inTiles(l, chosen.audience) })
		return chosen, nil
	}
	chosen.list = values.Get("collections")
	ids := strings.Split(chosen.list, ",")
	for i, id := range ids {
		l, err := s.layer(id, chosen.audience)
		if err != nil || slices.Contains(ids[:i], id) {
			return chosen, errCollections.With("collection", id)
		}
		chosen.layers = append(chosen.layers, l)
	}
	return chosen, nil
}

// query is what addresses of the same selection end in.
func (c selection) query() string {
	if c.list == "" {
		return layers.AtMoment(c.moment)
	}
	return "?collections=" + c.list + strings.Replace(layers.AtMoment(c.moment), "?", "&", 1) // ids, which need no escaping
}

// inZoom lists the layers that tiles of a zoom carry.
func (c selection) inZoom(zoom int) []geodata.Layer {
	return slices.DeleteFunc(slices.Clone(c.layers), func(l geodata.Layer) bool { return !layers.InTile(l, zoom, c.audience) })
}

func ids(all []geodata.Layer) string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.ID
	}
	return strings.Join(names, ",")
}

// boxes are where layers lie, by their ids. Layers without features are not in it; nil means that nothing is known, as of a
// moment that is past, or that there is nothing: then the whole grid is in range, as anything may come to lie anywhere.
type boxes map[string]geodata.Extent

// locateWithin is how long an answer waits to know where its layers lie: a large table takes longer to measure.
const locateWithin = 500 * time.Millisecond

func (s *Service) locate(ctx context.Context, c selection) boxes {
	if !c.at.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, locateWithin)
	defer cancel()
	found := boxes{}
	for _, l := range c.layers {
		switch box, err := s.Tiles.Extent(ctx, l, c.audience); {
		case err != nil:
			return nil
		case box != nil:
			found[l.ID] = *box
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// limits lists the tiles in which the selection's features lie, for each zoom that has any.
func (c selection) limits(where boxes) []limits {
	list := []limits{}
	for z := range tiles.MaxZoom + 1 {
		if l, some := c.limitsAt(where, z); some {
			list = append(list, l)
		}
	}
	return list
}

func (c selection) limitsAt(where boxes, zoom int) (all limits, some bool) {
	for _, l := range c.inZoom(zoom) {
		box, lies := where[l.ID]
		if where == nil {
			box, lies = world(), true
		}
		switch {
		case !lies:
		case !some:
			all, some = limitsOf(box, zoom), true
		default:
			all = all.join(limitsOf(box, zoom))
		}
	}
	return all, some
}

// world is what the grid shows.
func world() geodata.Extent { return geodata.Extent{-180, -85.0511287, 180, 85.0511287} }

// around is the box around all of them.
func (b boxes) around() geodata.Extent {
	if b == nil {
		return world()
	}
	all, first := geodata.Extent{}, true
	for _, box := range b {
		if first {
			all, first = box, false
			continue
		}
		all = geodata.Extent{min(all[0], box[0]), min(all[1], box[1]), max(all[2], box[2]), max(all[3], box[3])}
	}
	return all
}
