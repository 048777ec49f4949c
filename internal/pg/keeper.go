package pg

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The keeper is a shell script because it must outlive a bando that is killed, and because a process that only
// waits should be small. A child that dies with its parent (PR_SET_PDEATHSIG) would not do: the server belongs to
// all the processes that use it, not to the one that happened to start it.
//
//go:embed keeper.sh
var keeperScript string

// hireKeeper takes hold of the keeper's pipe, and starts a keeper if nobody reads it. Called inside the door.
func (c *Cluster) hireKeeper(ctx context.Context) error {
	w, err := openPipe(c.home.keeper(), syscall.O_WRONLY)
	if errors.Is(err, syscall.ENXIO) {
		w, err = c.startKeeper(ctx)
	}
	if err != nil {
		return dirFault(c.home.path, err)
	}
	if c.keeper != nil {
		_ = c.keeper.Close()
	}
	c.keeper = w
	return nil
}

func (c *Cluster) startKeeper(ctx context.Context) (*os.File, error) {
	r, err := openPipe(c.home.keeper(), syscall.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	w, err := openPipe(c.home.keeper(), syscall.O_WRONLY)
	if err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(int(r.Fd()), false); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	seconds := strconv.Itoa(int(c.grace.Seconds()))
	cmd := c.home.owner.command(ctx, "/bin/sh", "-s", "bando-keeper", c.home.data(), seconds)
	cmd.Stdin = strings.NewReader(keeperScript)
	cmd.ExtraFiles = []*os.File{r}
	// The script goes to the background at once, so this waits for no more than that.
	if err := cmd.Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the keeper: %w", err), w.Close())
	}
	return w, nil
}

// dismissKeeper tells the keeper that the server was stopped, and waits until it has gone: when nobody reads the
// pipe any more, writing to it is EPIPE.
func (c *Cluster) dismissKeeper() error {
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		_, err := c.keeper.WriteString("stopped\n")
		if errors.Is(err, syscall.EPIPE) {
			return nil
		}
		if err != nil || time.Now().After(deadline) {
			return errors.Join(err, fmt.Errorf("the keeper of %s does not go", c.home.path))
		}
	}
}
