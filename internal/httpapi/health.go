package httpapi

import (
	"context"
	"net/http"
	"time"

	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/web"
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
// seen to before the server began to listen.
func (a *API) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := a.Store.Pool().Ping(ctx); err != nil {
		return pg.Fault(err)
	}
	if !a.Feed.Live() {
		return errNotFollowing
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]any{"status": "ready", "revision": a.Feed.Head()})
}

func (a *API) readBoard(w http.ResponseWriter, r *http.Request) error {
	snapshot, err := a.Board.Read(r.Context(), Who(r).Audience())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, snapshot)
}
