package httpapi

import (
	"net/http"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/auth"
	"bando/internal/web"
)

// layerInfo is what the page needs of a layer: enough to draw, list, ask and fill in forms.
type layerInfo struct {
	ID              string               `json:"id"`
	Title           geodata.Text         `json:"title"`
	Description     geodata.Text         `json:"description"`
	Theme           geodata.Theme        `json:"theme"`
	Geometry        geodata.Geometry     `json:"geometry"`
	Order           int                  `json:"order"`
	Fields          []geodata.Field      `json:"fields"`
	Moves           []geodata.Move       `json:"moves"`
	Rights          rights               `json:"rights"`
	Tile            tileInfo             `json:"tile"`
	Style           geodata.Style        `json:"style"`
	Legend          []layers.LegendEntry `json:"legend"`
	VisibleWhenOpen bool                 `json:"visible_when_open"`
	Extent          *geodata.Extent      `json:"extent"`
	Count           int64                `json:"count"`
}

type rights struct {
	Create bool `json:"create"`
	Update bool `json:"update"`
	Delete bool `json:"delete"`
	// Fields are the attributes that may be changed, where not all of them may.
	Fields []string `json:"fields,omitempty"`
}

type tileInfo struct {
	MinZoom    int  `json:"minzoom"`
	MaxZoom    int  `json:"maxzoom"`
	LabelPoint bool `json:"label_point"`
	Skip       bool `json:"skip"`
}

type theme struct {
	ID    geodata.Theme `json:"id"`
	Title geodata.Text  `json:"title"`
}

// themes lists the plan's seven map themes and the base.
func themes() []theme {
	all := geodata.Themes()
	list := make([]theme, len(all))
	for i, t := range all {
		list[i] = theme{t, t.Title()}
	}
	return list
}

func (a *API) layers(w http.ResponseWriter, r *http.Request) error {
	p := Who(r)
	list := []layerInfo{}
	revision := a.Feed.Head() // before the layers are read: what is told is at least as new
	for _, l := range a.Store.Catalogue().Layers() {
		if _, err := a.Store.Layer(l.ID, p); err != nil {
			continue // not for this reader
		}
		held, err := a.Features.Overview.Summary(r.Context(), l, p)
		if err != nil {
			return err
		}
		info := describe(l, p)
		info.Extent, info.Count = held.Extent, held.Count
		list = append(list, info)
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]any{"layers": list, "themes": themes(), "revision": revision})
}

func describe(l geodata.Layer, p auth.Person) layerInfo {
	may := func(action auth.Action) bool { return auth.May(p, l, action) == nil }
	info := layerInfo{
		ID: l.ID, Title: l.Title, Description: l.Description, Theme: l.Theme, Geometry: l.Geometry, Order: l.Order,
		Fields: l.AllFieldsFor(p.Audience()), Moves: []geodata.Move{}, Style: l.Style, Legend: layers.Legend(l),
		Rights:          rights{may(auth.Create), may(auth.Update), may(auth.Delete), auth.Writable(p, l)},
		Tile:            tileInfo{layers.FirstZoom(l, p.Audience()), layers.LastZoom(l), l.Tile.LabelPoint, l.Tile.Skip},
		VisibleWhenOpen: l.Style.On,
	}
	for _, m := range l.Moves {
		if auth.Takes(p, m) {
			info.Moves = append(info.Moves, m)
		}
	}
	if info.Legend == nil {
		info.Legend = []layers.LegendEntry{}
	}
	return info
}
