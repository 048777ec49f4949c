package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"bando/internal/board"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/features"
	"bando/internal/feed"
	"bando/internal/httpapi"
	"bando/internal/media"
	"bando/internal/people"
	"bando/internal/web"
	"bando/static"
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
func newApp(_ context.Context, db *database, s config.Settings, log *slog.Logger) (*app, error) {
	a := &app{feed: feed.New(db.pool, log), hub: httpapi.NewHub(db.catalogue), people: people.New(db.pool, time.Now)}
	kept, err := media.Open(db.pool, filepath.Join(s.Data, "media"))
	if err != nil {
		return nil, err
	}
	files, err := web.NewFiles(static.Files())
	if err != nil {
		return nil, err
	}
	overview := features.NewOverview(db.store, a.feed.Live)
	a.feed.Follow(overview.Follow)
	// The pages hear of a change last, when everything they may ask for shows it.
	a.feed.Follow(a.hub.Follow)
	api := &httpapi.API{
		Store: db.store,
		Features: &features.Service{
			Store: db.store, Editor: edit.New(db.store), Overview: overview, Wait: a.feed.Wait, Log: log,
		},
		Feed: a.feed, People: a.people, Media: kept, Board: board.New(db.pool, db.catalogue, time.Now),
		Hub: a.hub, Files: files, PublicURL: s.PublicURL, BaseMap: s.Basemap != "", Log: log,
	}
	a.handler, err = api.Handler()
	return a, err
}

// follow follows the log until the context ends.
func (a *app) follow(ctx context.Context) { _ = a.feed.Run(ctx) } // its only end is the context's

func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	return errors.Join(errs...)
}
