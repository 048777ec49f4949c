package httpapi

import (
	"context"
	"net/http"

	"bando/geodata"
	"bando/internal/ogctiles"
)

// tilesets are OGC API Tiles over the same tiles.
func (a *API) tilesets() *ogctiles.Service {
	return &ogctiles.Service{
		Store: a.Store, Tiles: a.Tiles, Origin: a.Origin.Of, BaseMap: a.BaseMap, Respond: a.Features.Respond,
		Audience: func(r *http.Request) geodata.Audience { return Who(r).Audience() },
		Place: func(ctx context.Context) (geodata.Extent, error) {
			place, err := a.place(ctx)
			return place.Bounds, err
		},
	}
}
