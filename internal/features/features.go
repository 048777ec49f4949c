// Package features is OGC API Features over the declared layers: a query string becomes a query, its rows a streamed
// GeoJSON answer, and a GeoJSON feature or merge patch that is sent becomes a change for the one door.
package features

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/store"
)

// Service holds the handlers. Its addresses carry the path values "collection" and "feature".
type Service struct {
	Store  *store.Store
	Editor *edit.Editor
	// Overview counts layers.
	Overview *Overview
	// Pages writes the HTML twins of the documents; while it is nil JSON alone is offered.
	Pages Pages
	// Site tells what the map is called and what must be said of its data, such as that it is a demo; nil has a plain name.
	Site func(context.Context) (title, notice geodata.Text, err error)
	Log  *slog.Logger
	// Wait returns when every follower of the log on this server has seen a revision.
	Wait func(context.Context, geodata.Revision) error
	// Who is the person behind a request.
	Who func(*http.Request) auth.Person
	// Origin is scheme and host of the links in an answer to a request.
	Origin func(*http.Request) string
}

// layer finds the collection of a request, if its reader may know of it.
func (s *Service) layer(r *http.Request) (geodata.Layer, error) {
	return s.Store.Layer(r.PathValue("collection"), s.Who(r))
}

// FeatureID reads the path value "feature". What is no number is not found: it is the name of nothing.
func FeatureID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("feature"), 10, 64)
	if err != nil || id < 1 {
		return 0, store.ErrNoFeature.With("id", r.PathValue("feature"))
	}
	return id, nil
}
