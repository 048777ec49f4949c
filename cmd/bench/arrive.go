package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

//go:embed sql/move_and_tell.sql
var moveAndTellSQL string

const (
	// watchEvery is the pause between two edits whose arrival is watched, askEvery between two looks.
	watchEvery, askEvery = 20 * time.Millisecond, 300 * time.Microsecond
	// arriveWithin is when an edit counts as lost.
	arriveWithin = 10 * time.Second
)

// watch edits parcels as psql does, and asks a server that knows nothing of it for the parcel's tile until it shows the
// edit: counted from when the commit was acknowledged to the editor.
func (e *stir) watch(ctx, until context.Context, b *bando, last int64) (took []time.Duration, err error) {
	db, err := pgx.Connect(ctx, e.dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	rng := rand.New(rand.NewPCG(e.seed, 30))
	for n := 0; ; n++ {
		select {
		case <-until.Done():
			return took, nil
		case <-time.After(watchEvery):
		}
		by := 1e-6 // degrees
		if n%2 == 1 {
			by = -by
		}
		var at orb.Point
		if err := db.QueryRow(ctx, moveAndTellSQL, 1+rng.Int64N(last), by).Scan(&at[0], &at[1]); err != nil {
			return took, err
		}
		committed := time.Now()
		var head int64
		if err := db.QueryRow(ctx, "SELECT revision FROM bando.head").Scan(&head); err != nil {
			return took, err
		}
		c := tileAt(16, at)
		if err := b.shows(ctx, fmt.Sprintf("%s/tiles/parcels/%d/%d/%d", b.base, c.Z(), c.X(), c.Y()), head, committed); err != nil {
			return took, err
		}
		took = append(took, time.Since(committed))
	}
}

// shows asks for a tile until it shows a revision.
func (b *bando) shows(ctx context.Context, url string, revision int64, since time.Time) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
		if err != nil {
			return err
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		if err := a.Body.Close(); err != nil {
			return err
		}
		shown, err := strconv.ParseInt(a.Header.Get("Bando-Revision"), 10, 64)
		if err != nil || a.StatusCode >= http.StatusBadRequest {
			return fmt.Errorf("%s: %s, Bando-Revision %q", url, a.Status, a.Header.Get("Bando-Revision"))
		}
		switch {
		case shown >= revision:
			return nil
		case time.Since(since) > arriveWithin:
			return fmt.Errorf("%s shows revision %d and not %d after %s", url, shown, revision, arriveWithin)
		}
		time.Sleep(askEvery)
	}
}
