package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/pg"
	"bando/internal/web"
	"bando/tiles/cache"
	"bando/tiles/live"
)

// readyWithin bounds the question whether the database answers.
const readyWithin = 2 * time.Second

var errNotFollowing = fault.New(fault.Busy, "feed_not_live", fault.Text{
	VI: "Máy chủ chưa theo kịp nhật ký thay đổi. Hãy thử lại sau giây lát.",
	EN: "The server does not follow the log at the moment. Try again shortly.",
})

// live answers whether the process runs at all.
func (a *API) live(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]string{"status": "live"})
}

// ready answers whether requests can be served: the database answers, and the log is followed. That it is migrated was
// seen to before the server began to listen. Layers that are still being read into memory are told, not waited for: their
// tiles come from the database meanwhile.
func (a *API) ready(w http.ResponseWriter, r *http.Request) error {
	if err := a.reachable(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]any{
		"status": "ready", "revision": a.Feed.Head(), "layers": progressOf(a.Layers.Ways()),
	})
}

func (a *API) reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := a.Store.Pool().Ping(ctx); err != nil {
		return pg.Fault(err)
	}
	if !a.Feed.Live() {
		return errNotFollowing
	}
	return nil
}

// progress tells how far the reading of layers into memory has come.
type progress struct {
	// Memory and Database count the layers that have found their way, Loading and Waiting those that have not.
	Memory   int `json:"memory"`
	Database int `json:"database"`
	Loading  int `json:"loading"`
	Waiting  int `json:"waiting"`
	// Features are those read so far.
	Features int `json:"features"`
}

func progressOf(ways map[string]live.Way) progress {
	var p progress
	for _, w := range ways {
		switch w.State {
		case live.Memory:
			p.Memory++
		case live.Database:
			p.Database++
		case live.Loading:
			p.Loading++
		case live.Waiting:
			p.Waiting++
		}
		p.Features += w.Features
	}
	return p
}

// condition is the answer of /health.
type condition struct {
	// Status is "ready"; "loading" while layers are being read, whose tiles come from the database; or "away" while the
	// database cannot be followed, when tiles show the revision that they say.
	Status   string `json:"status"`
	Revision int64  `json:"revision"`
	// Layers are the ways of the layers' tiles, by id; MemoryBytes is what those in memory take together.
	Layers         map[string]live.Way `json:"layers"`
	MemoryBytes    int                 `json:"memory_bytes"`
	MaxMemoryBytes int64               `json:"max_memory_bytes"`
	TileCache      cache.Stats         `json:"tile_cache"`
}

// health tells how the server is doing, to people who may watch it. It is an answer even while the database is away.
func (a *API) health(w http.ResponseWriter, r *http.Request) error {
	if err := a.mayWatch(r); err != nil {
		return err
	}
	c := condition{
		Status: "ready", Revision: int64(a.Feed.Head()), Layers: a.Layers.Ways(), MaxMemoryBytes: a.Layers.MaxBytes(), TileCache: a.TileCache.Stats(),
	}
	for _, way := range c.Layers {
		c.MemoryBytes += way.Bytes
	}
	if !a.Layers.Ready() {
		c.Status = "loading"
	}
	if a.reachable(r.Context()) != nil {
		c.Status = "away"
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, c)
}

// metrics answers in Prometheus' text format.
func (a *API) metrics(w http.ResponseWriter, r *http.Request) error {
	if err := a.mayWatch(r); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	a.Metrics.ServeHTTP(w, r)
	return nil
}

// mayWatch lets administrators and auditors see the server's condition, and programs on the machine itself.
func (a *API) mayWatch(r *http.Request) error {
	if a.Origin == "" && direct(r) {
		return nil
	}
	return auth.MayWatch(Who(r))
}

// direct reports whether a request comes straight from a program on this machine: not through a proxy, and not from a page
// that had its name point here.
func direct(r *http.Request) bool {
	for _, by := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via", "Origin"} {
		if r.Header.Get(by) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	named, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && named.IsLoopback())
}

func (a *API) readBoard(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r); err != nil {
		return err
	}
	snapshot, err := a.Board.Read(r.Context(), Who(r).Audience())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, snapshot)
}
