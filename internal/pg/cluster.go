package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Cluster is this process's share in the private PostgreSQL cluster of a data folder. Several bando processes
// may have a share at once: the first to come starts the server, the last to leave stops it, and whichever is
// there when the server dies starts it again.
type Cluster struct {
	home      home
	bin       programs
	log       *slog.Logger
	throwaway bool
	grace     time.Duration // how long the keeper lets the server live after the last user was killed

	users  *os.File // its shared lock says that we are in
	keeper *os.File // its end tells the keeper that we are gone
	pulse  *pulse   // its end tells us that the server is gone

	cancel  context.CancelFunc
	watched chan struct{} // closed when watch has returned
	left    error         // how leaving went; read after watched is closed
}

// Option changes how a cluster runs.
type Option func(*Cluster)

// Throwaway makes a cluster for tests: what an earlier server left is deleted, nothing is synced to the disk, and the
// server lives on for the grace time after its last user, so that the next test binary finds it running.
func Throwaway(grace time.Duration) Option {
	return func(c *Cluster) { c.throwaway, c.grace = true, grace }
}

// Start joins the private cluster of a data folder, making and starting it as needed, and supervises it until
// Close. The context bounds the start alone.
//
// The faults it returns say what to mend: postgres_missing, postgres_version, data_dir (unusable folder),
// disk_full (Busy), cluster_start (Busy) with the end of the server's log.
func Start(ctx context.Context, dir string, log *slog.Logger, options ...Option) (*Cluster, error) {
	h, err := findHome(ctx, dir, log)
	if err != nil {
		return nil, err
	}
	c := &Cluster{home: h, log: log, grace: time.Second, watched: make(chan struct{})}
	for _, option := range options {
		option(c)
	}
	if err := c.join(ctx); err != nil {
		c.drop()
		return nil, err
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	go c.watch(watching)
	return c, nil
}

// DSN returns the keyword form of the address of bando's database, the same for the life of the cluster's folder.
func (c *Cluster) DSN() string { return c.home.dsn(roleName) }

// Close leaves the cluster; the last to leave stops the server and waits for its end. Close pools first.
func (c *Cluster) Close() error {
	c.cancel()
	<-c.watched
	return c.left
}

// leave gives up this process's share. The context is one that does not end with the caller's: a stop that
// is not waited for is a crash at the next start.
func (c *Cluster) leave(ctx context.Context) error {
	defer c.drop()
	out, err := enter(ctx, c.home.path)
	if err != nil {
		return err
	}
	defer out()
	if c.throwaway {
		return nil // the keeper's business
	}
	last, err := flock(c.users, syscall.LOCK_EX)
	if err != nil || !last {
		return err
	}
	if err := c.halt(ctx); err != nil {
		return err
	}
	return c.dismissKeeper()
}

// join goes through the door and comes out with a server that answers.
func (c *Cluster) join(ctx context.Context) error {
	patience := time.AfterFunc(3*time.Second, func() {
		c.log.Info("waiting for another bando that is starting or stopping the database", slog.String("folder", c.home.path))
	})
	leave, err := enter(ctx, c.home.path)
	patience.Stop()
	if err != nil {
		return dirFault(c.home.path, err)
	}
	defer leave()
	if err := c.signIn(ctx); err != nil {
		return err
	}
	for {
		running, err := held(c.home.alive())
		if err != nil {
			return dirFault(c.home.path, err)
		}
		c.pulse.close()
		if c.pulse, err = openPulse(c.home.alive()); err != nil {
			return dirFault(c.home.path, err)
		}
		logged := c.logSize()
		if !running {
			if err := c.startServer(ctx); err != nil {
				return err
			}
		}
		ok, err := c.ready(ctx)
		if err != nil || ok {
			return err
		}
		if !running {
			return c.startError(logged)
		}
		// The server we found was on its way out: now the place is free for one of ours.
	}
}

// signIn marks this process as a user, and hires a keeper where there is none.
func (c *Cluster) signIn(ctx context.Context) error {
	var err error
	if c.users == nil {
		if c.users, err = os.OpenFile(c.home.users(), os.O_RDWR, 0); err != nil {
			return dirFault(c.home.path, err)
		}
		if ok, err := flock(c.users, syscall.LOCK_SH); err != nil || !ok {
			return errors.Join(err, fmt.Errorf("share %s: locked from outside", c.home.users()))
		}
	}
	return c.hireKeeper(ctx)
}

func (c *Cluster) startServer(ctx context.Context) error {
	if c.throwaway {
		if err := os.RemoveAll(c.home.data()); err != nil {
			return dirFault(c.home.data(), err)
		}
	}
	major, err := clusterMajor(c.home.data())
	if err != nil {
		return err
	}
	if c.bin, err = findPrograms(ctx, major); err != nil {
		return err
	}
	if major == 0 {
		if entries, err := os.ReadDir(c.home.data()); err == nil && len(entries) > 0 {
			return errNotACluster(c.home.data())
		}
		if err := c.initialise(ctx); err != nil {
			return err
		}
	}
	c.log.Debug("starting the database server", slog.String("folder", c.home.data()), slog.String("programs", c.bin.dir))
	return c.launch(ctx)
}

// startError turns the end of the server's log into a fault.
func (c *Cluster) startError(from int64) error {
	said := c.logSince(from)
	if said == "" {
		// On a full disk the server cannot even write why it ends.
		if err := c.home.probe(); err != nil {
			return dirFault(c.home.path, err)
		}
	}
	return startFault(filepath.Dir(c.home.log), said, fmt.Errorf("postgres ended at its start: %s", lastLines(said, 5)))
}

// drop lets go of everything the process holds of the cluster.
func (c *Cluster) drop() {
	c.pulse.close()
	for _, f := range []*os.File{c.keeper, c.users} {
		if f != nil {
			_ = f.Close()
		}
	}
}
