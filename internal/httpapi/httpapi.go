// Package httpapi is the route table and the order of the middleware: which address leads to which handler, and what
// every request passes on its way.
package httpapi

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"bando/internal/board"
	"bando/internal/features"
	"bando/internal/feed"
	"bando/internal/media"
	"bando/internal/people"
	"bando/internal/proof"
	"bando/internal/revert"
	"bando/internal/review"
	"bando/internal/store"
	"bando/internal/web"
	"bando/tiles/cache"
	"bando/tiles/live"
	"bando/tiles/serve"
)

// API is everything that requests are answered from.
type API struct {
	Store    *store.Store
	Features *features.Service
	Tiles    *serve.Handler
	Feed     *feed.Feed
	// Layers and TileCache are what tiles come from, and Metrics what is counted; /health and /metrics tell of them.
	Layers    *live.Engine
	TileCache *cache.Cache
	Metrics   http.Handler
	People    *people.People
	Media     *media.Media
	Board     *board.Board
	Review    *review.Review
	Revert    *revert.Reverter
	Ledger    proof.Ledger
	Hub       *Hub
	Files     *web.Files
	Paces     Paces
	// Elsewhere is signing in at a provider of OpenID Connect; nil where there is none.
	Elsewhere *Elsewhere
	// Origin is the one that the links of answers begin with, and that browsers see.
	Origin Origin
	// BaseMap says that the tiles "base" are served.
	BaseMap bool
	Log     *slog.Logger
}

// methods are the handlers of one address.
type methods map[string]web.Handler

// Handler makes the server's handler. A router looks through its routes in their order; tiles are asked for most and go past
// it.
func (a *API) Handler() (http.Handler, error) {
	router, err := a.router()
	if err != nil {
		return nil, err
	}
	tile := web.SecureData(web.Handle(a.known(methods{"GET": a.Tiles.Tile}).pick))
	return web.Observe(a.Log, tilesFirst(tile, web.Secure(router))), nil
}

// router leads every address but that of tiles.
func (a *API) router() (*mux.Router, error) {
	compress, err := web.Compress()
	if err != nil {
		return nil, err
	}
	router := mux.NewRouter().SkipClean(true)
	streamed := func(path string, m methods) { router.Handle(path, web.Handle(a.known(m).pick)) }
	known := func(path string, m methods) { router.Handle(path, compress(web.Handle(a.known(m).pick))) }
	open := func(path string, m methods) { router.Handle(path, web.Handle(m.pick)) }

	known("/tiles/{layers:[^/]+}.json", methods{"GET": a.Tiles.TileJSON})
	streamed("/events", methods{"GET": a.events})

	shown := web.ProblemPages(a.Features.WriteProblem)
	if a.Features.Pages == nil {
		shown = func(next http.Handler) http.Handler { return next }
	}
	for _, at := range a.standard() {
		router.Handle(at.path, compress(web.Public(shown(web.Handle(a.known(at.methods).pick)))))
	}
	for path, handle := range map[string]web.Handler{
		"/proof": a.proof, "/collections/{collection}/items/{feature}/proof": a.proofOfFeature,
		"/collections/{collection}/items/{feature}/history": a.history, "/collections/{collection}/items/{feature}/history/{revision}": a.historyEntry,
		"/revisions": a.revisions, "/revisions/{revision}": a.revision,
		"/changes": a.changes,
	} {
		router.Handle(path, compress(shown(web.Handle(a.known(methods{"GET": handle}).pick))))
	}
	known("/revisions/{revision}/revert", methods{"POST": a.revert})
	known("/collections/{collection}/items/{feature}/evidence.pdf", methods{"GET": a.evidenceSheet})
	known("/collections/{collection}/items/{feature}/moves", methods{"GET": a.moves, "POST": a.take})

	for path, m := range a.account() {
		known(path, m)
	}
	for _, at := range a.accounts() {
		known(at.path, at.methods)
	}
	for path, m := range a.elsewhere() {
		known(path, m)
	}
	known(sessionPath, methods{"GET": a.readSession, "POST": a.signIn, "DELETE": a.signOut})
	known(sessionCodePath, methods{"POST": own(a.finishSignIn)})
	known("/api/layers", methods{"GET": a.layers})
	known("/search", methods{"GET": a.search})
	known("/board", methods{"GET": a.readBoard})
	known("/api/submissions", methods{"POST": a.submit})
	known("/media", methods{"POST": a.keepMedia})
	streamed("/media/{media}", methods{"GET": a.serveMedia})

	known("/health", methods{"GET": a.health})
	streamed("/metrics", methods{"GET": a.metrics})
	open("/health/live", methods{"GET": a.live})
	open("/health/ready", methods{"GET": a.ready})
	router.PathPrefix("/").Handler(web.Handle(methods{"GET": a.file}.pick))
	return router, nil
}

// Paths lists the addresses that the handler serves, as templates, so that a test can ask each of them who may.
func (a *API) Paths() ([]string, error) {
	router, err := a.router()
	if err != nil {
		return nil, err
	}
	paths := []string{tilePath}
	err = router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		paths = append(paths, path)
		return err
	})
	return paths, err
}

// address is a path of the router with its methods.
type address struct {
	path    string
	methods methods
}

// standard are the addresses of OGC API. The web app stands at the first of them for browsers.
func (a *API) standard() []address {
	var list []address
	for _, o := range a.Features.Operations(a.tilesets().Operations()...) {
		at := slices.IndexFunc(list, func(known address) bool { return known.path == o.Path })
		if at < 0 {
			at = len(list)
			list = append(list, address{o.Path, methods{}})
		}
		serve := o.Serve
		if o.Path == "/" {
			serve = a.root(serve)
		}
		list[at].methods[o.Method] = serve
	}
	return list
}

// pick finds the method's handler and gives it the path's values. HEAD is answered by GET; what the address does not
// take is 405 with what it takes.
func (m methods) pick(w http.ResponseWriter, r *http.Request) error {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	h, ok := m[method]
	if !ok {
		allow := m.allowed()
		if r.Method == http.MethodOptions {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return web.MethodNotAllowed(allow)
	}
	for name, value := range mux.Vars(r) {
		r.SetPathValue(name, value)
	}
	return h(w, r)
}

func (m methods) allowed() []string {
	allow := []string{http.MethodOptions}
	for method := range m {
		allow = append(allow, method)
		if method == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	return allow
}

// root is the web app for browsers, which name text/html in Accept, and the landing page of OGC API for programs.
func (a *API) root(landing web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Add("Vary", "Accept")
		format := r.URL.Query().Get("f")
		if format != "html" && (format != "" || web.Negotiate(r, "application/json", "text/html") == "application/json") {
			return landing(w, r)
		}
		return a.Files.Serve(w, r, "index.html")
	}
}

func (a *API) file(w http.ResponseWriter, r *http.Request) error {
	return a.Files.Serve(w, r, strings.TrimPrefix(r.URL.Path, "/"))
}
