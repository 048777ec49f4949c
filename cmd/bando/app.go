package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/board"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/features"
	"bando/internal/feed"
	"bando/internal/httpapi"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/review"
	"bando/internal/web"
	"bando/static"
	"bando/tiles/archive"
	"bando/tiles/cache"
	"bando/tiles/postgis"
	"bando/tiles/serve"
)

// app is the wired server: everything that follows the log, and the handler before it.
type app struct {
	feed    *feed.Feed
	hub     *httpapi.Hub
	people  *people.People
	handler http.Handler
	closers []func() error
}

// newApp wires the parts of the server. Nothing runs before follow is called.
func newApp(db *database, s config.Settings, log *slog.Logger) (a *app, err error) {
	a = &app{feed: feed.New(db.pool, log), hub: httpapi.NewHub(db.catalogue), people: people.New(db.pool, time.Now)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	files, err := web.NewFiles(static.Files())
	if err != nil {
		return a, err
	}
	kept, err := db.media()
	if err != nil {
		return a, err
	}
	origin := httpapi.Origin(s.PublicURL)
	shown, err := a.tiles(db, s, origin)
	if err != nil {
		return a, err
	}
	overview := features.NewOverview(db.store, a.feed.Live)
	a.feed.Follow(overview.Follow)
	// The pages hear of a change last, when everything they may ask for shows it.
	a.feed.Follow(complete(a.hub.Tell))
	editor := edit.New(db.store)
	api := &httpapi.API{
		Store: db.store,
		Features: &features.Service{
			Store: db.store, Editor: editor, Overview: overview, Wait: a.feed.Wait, Who: httpapi.Who, Origin: origin.Of, Log: log,
		},
		Tiles: shown, Feed: a.feed, People: a.people, Media: kept,
		Board:  board.New(db.pool, db.catalogue, time.Now),
		Review: review.New(db.store, editor, kept, time.Now),
		Hub:    a.hub, Files: files, Origin: origin, BaseMap: s.Basemap != "", Log: log,
	}
	a.handler, err = api.Handler()
	return a, err
}

// tiles wires the way of a tile: the database makes it, the cache keeps it and is told by the log what is old.
func (a *app) tiles(db *database, s config.Settings, origin httpapi.Origin) (*serve.Handler, error) {
	made := postgis.New(postgis.Config{
		DB: db.pool, Catalogue: db.catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault,
	})
	kept := cache.New(made, s.CacheBytes, a.feed.Live)
	a.closers = append(a.closers, func() error { kept.Close(); return nil })
	a.feed.Follow(complete(applied(kept)))
	var base *archive.Archive
	if s.Basemap != "" {
		var err error
		if base, err = archive.Open(s.Basemap); err != nil {
			return nil, err
		}
		a.closers = append(a.closers, base.Close)
	}
	return serve.New(serve.Config{
		Catalogue: db.catalogue, Layers: kept, Base: base, Origin: origin.Of,
		Audience: func(r *http.Request) geodata.Audience { return httpapi.Who(r).Audience() },
	}), nil
}

// follow follows the log until the context ends.
func (a *app) follow(ctx context.Context) { a.feed.Run(ctx) }

func (a *app) close() error {
	var errs []error
	for _, closing := range slices.Backward(a.closers) {
		errs = append(errs, closing())
	}
	return errors.Join(errs...)
}
