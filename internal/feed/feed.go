// Package feed follows the log in the order of its revisions and hands every change to its followers.
// A notification wakes it; what is true is read from the table, so that a lost notification delays and never loses.
package feed

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles"
)

var (
	//go:embed entries.sql
	entriesSQL string
	//go:embed head.sql
	headSQL string
	//go:embed pruned.sql
	prunedSQL string
)

const (
	// channel is the NOTIFY channel of the log's trigger.
	channel = "bando_log"
	// batchSize bounds what one read of the log holds in memory.
	batchSize = 4096
	// pollEvery bounds how late a change can be seen when a notification is lost.
	pollEvery = 2 * time.Second
	// retryAfter is the pause before a lost database is tried again.
	retryAfter = 250 * time.Millisecond
)

// ErrBehind is the fault of waiting for a revision longer than the waiter could.
var ErrBehind = fault.New(fault.Busy, "feed_behind", geodata.Text{
	VI: "Máy chủ chưa theo kịp thay đổi mới nhất. Xin thử lại sau giây lát.",
	EN: "The server has not caught up with the latest change yet. Please try again in a moment.",
})

// Entry is one change, as light as followers need it.
type Entry struct {
	Revision geodata.Revision
	// At is when the change came to its commit, by the database's clock.
	At      time.Time
	Layer   string
	Feature int64
	Op      geodata.Op
	// Rects are the squares that the change touches: where the feature was, and where it is.
	Rects []tiles.Rect
}

// Batch is changes of the log in its order. A revision with many entries comes in several batches; Head is the last
// revision that is complete with this one.
type Batch struct {
	Head    geodata.Revision
	Entries []Entry
	// Lost says that changes before Head cannot be told any more: the log was pruned further than the feed had read, or the
	// database is another one. What was derived from the log is to be derived anew. Such a batch has no entries.
	Lost bool
}

// Feed follows the log. The followers are called one after another, from one goroutine, in order.
type Feed struct {
	pool      *pgxpool.Pool
	log       *slog.Logger
	followers []func(Batch)
	// The last entry handed over; only Run's goroutine touches it. It may lie within a revision beyond head.
	revision geodata.Revision
	ordinal  int32

	live atomic.Bool // the feed is connected and had caught up when it last looked

	mu      sync.Mutex
	head    geodata.Revision // all up to here was handed to every follower
	started bool
	moved   chan struct{} // closed and replaced whenever head changes
}

// New makes a feed that begins after the newest revision there is when it starts to run.
func New(pool *pgxpool.Pool, log *slog.Logger) *Feed {
	return &Feed{pool: pool, log: log, moved: make(chan struct{})}
}

// Follow registers a follower. All followers are registered before Run.
func (f *Feed) Follow(follower func(Batch)) { f.followers = append(f.followers, follower) }

// Head is the revision up to which every follower has seen everything.
func (f *Feed) Head() geodata.Revision {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.head
}

// Live reports whether the feed is connected to the database and following. What was derived from the log while it is
// not may be out of date.
func (f *Feed) Live() bool { return f.live.Load() }

// Wait returns when every follower has seen the revision, or ErrBehind when the context ends first.
func (f *Feed) Wait(ctx context.Context, revision geodata.Revision) error {
	for {
		f.mu.Lock()
		reached, moved := f.started && f.head >= revision, f.moved
		f.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ErrBehind.With("revision", revision).Wrap(ctx.Err())
		}
	}
}

// Run follows the log until the context ends, through any loss of the database: it comes back to where it was.
func (f *Feed) Run(ctx context.Context) {
	for {
		err := f.follow(ctx)
		f.live.Store(false)
		if ctx.Err() != nil {
			return
		}
		f.log.LogAttrs(ctx, slog.LevelWarn, "the feed lost the database and tries again", slog.String("cause", err.Error()))
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			return
		}
	}
}

// follow holds one connection: it listens first and reads second, so that nothing falls between.
func (f *Feed) follow(ctx context.Context) error {
	conn, err := f.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// A connection that listens must not go back to the pool as it is.
	defer func() { _ = conn.Conn().Close(context.WithoutCancel(ctx)) }()
	if err := f.begin(ctx, conn.Conn()); err != nil {
		return err
	}
	for {
		if err := f.catchUp(ctx, conn.Conn()); err != nil {
			return err
		}
		f.live.Store(true)
		waiting, cancel := context.WithTimeout(ctx, pollEvery)
		_, err := conn.Conn().WaitForNotification(waiting)
		cancel()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return fmt.Errorf("wait for a notification: %w", err)
		}
	}
}

// begin finds where to start: after what is there, once.
func (f *Feed) begin(ctx context.Context, conn *pgx.Conn) error {
	var head geodata.Revision
	if err := conn.QueryRow(ctx, headSQL).Scan(&head); err != nil {
		return fmt.Errorf("read the head of the log: %w", err)
	}
	f.mu.Lock()
	started := f.started
	f.mu.Unlock()
	if !started {
		f.revision, f.ordinal = head, endOfRevision
		f.set(func() { f.head, f.started = head, true })
		return nil
	}
	if head < f.revision {
		f.lose(ctx, head, "the log ends before what was read of it: the database was replaced")
	}
	return nil
}

// lose tells the followers that they have missed changes, and goes on after the head.
func (f *Feed) lose(ctx context.Context, head geodata.Revision, why string) {
	f.log.LogAttrs(ctx, slog.LevelWarn, "changes were lost, everything is read anew",
		slog.String("cause", why), slog.Int64("after", int64(f.revision)), slog.Int64("head", int64(head)))
	f.tell(Batch{Head: head, Lost: true})
	f.revision, f.ordinal = head, endOfRevision
	f.set(func() { f.head = head })
}

func (f *Feed) tell(b Batch) {
	for _, follower := range f.followers {
		follower(b)
	}
}

// catchUp hands over all that the log has beyond the last entry handed over.
func (f *Feed) catchUp(ctx context.Context, conn *pgx.Conn) error {
	for {
		// One entry more than is handed over tells whether the last revision goes on.
		read, err := entriesAfter(ctx, conn, f.revision, f.ordinal, batchSize+1)
		if err != nil {
			return err
		}
		missing, err := f.missing(ctx, conn, read)
		switch {
		case err != nil:
			return err
		case missing:
			continue // what is left of the log follows
		case len(read) == 0:
			return nil
		}
		now := read[:min(len(read), batchSize)]
		last := now[len(now)-1]
		batch := Batch{Head: last.Revision, Entries: make([]Entry, len(now))}
		if len(read) > batchSize && read[batchSize].Revision == last.Revision {
			batch.Head--
		}
		for i, r := range now {
			batch.Entries[i] = r.entry()
		}
		f.tell(batch)
		f.revision, f.ordinal = last.Revision, last.Ordinal
		f.set(func() { f.head = max(f.head, batch.Head) })
		if len(read) <= batchSize {
			return nil
		}
	}
}

// missing reports, and tells the followers, that the log no longer joins with what was read of it. Revisions have no gaps,
// nor have the ordinals within one, so the next entry is known; without a next entry, the log's own head says where it is.
func (f *Feed) missing(ctx context.Context, conn *pgx.Conn, read []row) (bool, error) {
	var head geodata.Revision
	switch {
	case len(read) > 0 && f.joins(read[0]):
		return false, nil
	case len(read) > 0 && read[0].Ordinal == 1:
		head = read[0].Revision - 1
	case len(read) > 0:
		head = read[0].Revision // its beginning is lost: what is left of it would be taken for the whole
	default:
		err := conn.QueryRow(ctx, prunedSQL, f.revision, f.ordinal).Scan(&head)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return false, nil // an entry has come meanwhile, and its notification with it
		case err != nil:
			return false, fmt.Errorf("read the head of the log: %w", err)
		case head == f.Head():
			return false, nil
		}
	}
	f.lose(ctx, head, "the log was pruned")
	return true, nil
}

// joins reports whether an entry is the one right after the last that was handed over.
func (f *Feed) joins(next row) bool {
	if next.Revision == f.revision {
		return next.Ordinal == f.ordinal+1
	}
	return next.Revision == f.Head()+1 && next.Ordinal == 1
}

// set changes the feed's state and wakes who waits for it.
func (f *Feed) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.moved)
	f.moved = make(chan struct{})
}
