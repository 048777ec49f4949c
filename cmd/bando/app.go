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
	"bando/internal/auth"
	"bando/internal/board"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/features"
	"bando/internal/feed"
	"bando/internal/httpapi"
	"bando/internal/metrics"
	"bando/internal/oidc"
	"bando/internal/pages"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/proof"
	"bando/internal/revert"
	"bando/internal/review"
	"bando/internal/web"
	"bando/static"
	"bando/tiles/archive"
	"bando/tiles/cache"
	"bando/tiles/live"
	"bando/tiles/postgis"
	"bando/tiles/serve"
)

// app is the wired server: everything that follows the log, and the handler before it.
type app struct {
	feed *feed.Feed
	// What follows the log.
	layers   *live.Engine
	tiles    *cache.Cache
	overview *features.Overview
	hub      *httpapi.Hub
	metrics  *metrics.Metrics
	witness  func(context.Context) // signs checkpoints of the log
	sweep    func(context.Context) // forgets old keys of writes
	retain   func(context.Context) // forgets old traces of people

	base    *archive.Archive // nil without one
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
	twins, err := pages.New()
	if err != nil {
		return a, err
	}
	kept, err := db.media()
	if err != nil {
		return a, err
	}
	key, err := proof.LoadKey(s.Data)
	if err != nil {
		return a, err
	}
	a.witness = func(ctx context.Context) { key.Witness(ctx, db.pool, log) }
	origin := httpapi.Origin(s.PublicURL)
	shown, err := a.tileWay(db, s, origin, log)
	if err != nil {
		return a, err
	}
	a.overview = features.NewOverview(db.store, a.feed.Live)
	editor := edit.New(db.store)
	a.sweep = func(ctx context.Context) {
		editor.Sweep(ctx, func(err error) {
			log.LogAttrs(ctx, slog.LevelWarn, "old keys of writes are still there", slog.String("error", err.Error()))
		})
	}
	a.retain = func(ctx context.Context) { forgetTraces(ctx, a.people, s.KeepAddresses, log) }
	judge := review.New(db.store, editor, kept, time.Now)
	api := &httpapi.API{
		Store: db.store,
		Features: &features.Service{
			Store: db.store, Editor: editor, Overview: a.overview, Pages: twins, Wait: a.feed.Wait, Who: httpapi.Who, Origin: origin.Of, Log: log,
		},
		Tiles: shown, Feed: a.feed, People: a.people, Media: kept,
		Board:  board.New(db.pool, db.catalogue, time.Now),
		Review: judge, Revert: revert.New(db.store, editor, judge),
		Layers: a.layers, TileCache: a.tiles, Metrics: a.metrics,
		Ledger: proof.Ledger{Pool: db.pool, Key: key},
		Hub:    a.hub, Files: files, Origin: origin, BaseMap: a.base != nil, Log: log,
	}
	if s.OIDC.On() {
		if api.Elsewhere, err = a.elsewhere(s.OIDC); err != nil {
			return a, err
		}
	}
	api.Features.Site = api.Site
	api.Paces = httpapi.Paces{Web: web.NewPace(s.WriteRate, time.Now), Token: web.NewPace(s.TokenWriteRate, time.Now)}
	a.handler, err = api.Handler()
	return a, err
}

// elsewhere is signing in at a provider, which is asked nothing before somebody does.
func (a *app) elsewhere(s config.OIDC) (*httpapi.Elsewhere, error) {
	client := oidc.NewClient()
	a.closers = append(a.closers, func() error {
		client.CloseIdleConnections()
		return nil
	})
	return httpapi.NewElsewhere(oidc.New(s, client, time.Now), string(s.Secret), people.Unknown{ByName: s.Unknown.Link, New: s.Unknown.Create}, time.Now)
}

// tileWay wires the way of a tile: it is drawn from memory, or by the database where a layer is not there, and the cache
// keeps it.
func (a *app) tileWay(db *database, s config.Settings, origin httpapi.Origin, log *slog.Logger) (*serve.Handler, error) {
	pinned, err := pins(db.catalogue, s.Pinned)
	if err != nil {
		return nil, err
	}
	a.layers = newEngine(db, db.pool, s.MemoryBytes, pinned, log)
	a.tiles = cache.New(a.layers, s.CacheBytes, a.feed.Live)
	a.closers = append(a.closers, func() error { a.tiles.Close(); return nil })
	a.metrics = metrics.New(metrics.Sources{Layers: a.layers, Cache: a.tiles, Feed: a.feed})
	if a.base, err = baseMap(s.Basemap, log); err != nil {
		return nil, err
	}
	if a.base != nil {
		a.closers = append(a.closers, a.base.Close)
	}
	return serve.New(serve.Config{
		Catalogue: db.catalogue, Layers: a.tiles, Past: postgis.NewPast(drawn(db), db.pool).Tile, Base: a.base, Origin: origin.Of, Observe: a.metrics.Tile,
		Audience: func(r *http.Request) geodata.Audience { return httpapi.Who(r).Audience() },
		Extent:   a.extent,
	}), nil
}

// extent is where a layer's features lie: of a layer in memory that is known, of others it is measured until they change.
func (a *app) extent(ctx context.Context, l geodata.Layer, audience geodata.Audience) (*geodata.Extent, error) {
	if where, ok := a.layers.Extent([]string{l.ID}, audience); ok {
		return &where, nil
	}
	summary, err := a.overview.Summary(ctx, l, auth.Reader(audience))
	return summary.Extent, err
}

// baseMap gives the archive of the base map, nil without one.
func baseMap(where config.Basemap, log *slog.Logger) (*archive.Archive, error) {
	switch {
	case where.Path != "":
		return archive.Open(where.Path)
	case where.URL != "":
		return archive.OpenObject(archive.Object{URL: where.URL, S3: where.S3, Region: where.Region}, log)
	}
	return nil, nil //nolint:nilnil // a map without a base map is a whole one
}

// newEngine makes what draws tiles: from memory, or from what behind is connected to where a layer is not there.
func newEngine(db *database, behind postgis.Querier, maxBytes int64, pinned map[string]live.State, log *slog.Logger) *live.Engine {
	fallback := drawn(db)
	fallback.DB = behind
	return live.New(live.Config{
		Pool: db.pool, Catalogue: db.catalogue, InTile: layers.InTile, Fields: layers.TileFields, LabelZoom: postgis.LabelZoom,
		Fallback: postgis.New(fallback), MaxBytes: maxBytes, Pinned: pinned, Log: log,
	})
}

// drawn is what tiles that the database draws have in them.
func drawn(db *database) postgis.Config {
	return postgis.Config{Catalogue: db.catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault}
}

// pins reads which layers are pinned to which way.
func pins(catalogue *geodata.Catalogue, wanted map[string]string) (map[string]live.State, error) {
	pinned := map[string]live.State{}
	for id, way := range wanted {
		if _, err := catalogue.Layer(id); err != nil {
			return nil, err
		}
		pinned[id] = live.Memory
		if way == config.PinDatabase {
			pinned[id] = live.Database
		}
	}
	return pinned, nil
}

func (a *app) close() error {
	var errs []error
	for _, closing := range slices.Backward(a.closers) {
		errs = append(errs, closing())
	}
	return errors.Join(errs...)
}
