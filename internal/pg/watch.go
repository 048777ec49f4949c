package pg

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"
)

const (
	// maxLogBytes bounds the server's log; one older piece of the same size is kept beside it.
	maxLogBytes = 4 << 20
	logCheck    = 30 * time.Second

	firstPause = 200 * time.Millisecond
	lastPause  = 30 * time.Second
	// A server that ran this long before it died is not dying of what killed the one before it.
	healthyAfter = time.Minute
)

// watch supervises the server until ctx ends, then leaves the cluster: the last to leave stops the server.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.watched)
	pause := firstPause
	for {
		began := time.Now()
		if !c.died(ctx) {
			c.left = c.leave(context.WithoutCancel(ctx))
			return
		}
		if time.Since(began) > healthyAfter {
			pause = firstPause
		}
		c.log.Error("the database server died; starting it again", slog.String("log", c.home.log), slog.Duration("after", pause))
		for !c.revive(ctx, pause) && ctx.Err() == nil {
			pause = min(2*pause, lastPause)
		}
		pause = min(2*pause, lastPause)
	}
}

// died waits until the server is gone (true) or ctx ends (false), and keeps its log small meanwhile.
func (c *Cluster) died(ctx context.Context) bool {
	for {
		ended, err := c.pulse.ended(ctx, logCheck)
		switch {
		case ctx.Err() != nil:
			return false
		case ended:
			return true
		case err != nil:
			c.log.Warn("watching the database server", slog.Any("error", err))
		}
		if err := c.trimLog(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("trimming the database server's log", slog.Any("error", err))
		}
	}
}

// revive starts the server again after a pause, unless another bando process was quicker.
func (c *Cluster) revive(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
	}
	if err := c.join(ctx); err != nil {
		if ctx.Err() == nil {
			c.log.Error("starting the database server again", slog.Any("error", err))
		}
		return false
	}
	c.log.Info("the database server runs again")
	return true
}

// trimLog moves the server's log aside once it is large. The server keeps the file open for appending, so its
// text is copied and the file emptied in place.
func (c *Cluster) trimLog(ctx context.Context) error {
	if c.logSize() < maxLogBytes {
		return nil
	}
	leave, err := enter(ctx, c.home.path)
	if err != nil {
		return err
	}
	defer leave()
	if c.logSize() < maxLogBytes {
		return nil // another process did it
	}
	text := c.logSince(c.logSize() - maxLogBytes)
	if err := os.WriteFile(c.home.log+".1", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Truncate(c.home.log, 0)
}

func (c *Cluster) logSize() int64 {
	info, err := os.Stat(c.home.log)
	if err != nil {
		return 0
	}
	return info.Size()
}

// logSince returns what the server has written since its log was so many bytes long, maxLogBytes at most.
func (c *Cluster) logSince(offset int64) string {
	f, err := os.Open(c.home.log)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, offset, maxLogBytes))
	if err != nil {
		return ""
	}
	return string(text)
}
