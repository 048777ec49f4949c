//go:build unix

package pg

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// flock takes a lock of the kernel's, which ends with the process however it ends; ok is false when another holds it.
func flock(f *os.File, how int) (ok bool, err error) {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}

// enter waits for the exclusive lock on a folder. It asks again and again, because a wait in the kernel
// could not be given up when ctx ends.
func enter(ctx context.Context, dir string) (leave func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		ok, err := flock(f, syscall.LOCK_EX)
		if ok {
			return func() { _ = f.Close() }, nil
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Lock makes this process the one server of a data folder until the result is closed or the process ends, however
// it ends. A second one gets the fault already_serving with the first one's process id.
func Lock(dir string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, dirFault(dir, err)
	}
	path := filepath.Join(dir, "serve.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, dirFault(dir, err)
	}
	ok, err := flock(f, syscall.LOCK_EX)
	if err != nil {
		return nil, errors.Join(dirFault(dir, err), f.Close())
	}
	if !ok {
		first, _ := io.ReadAll(io.LimitReader(f, 20))
		_ = f.Close()
		return nil, errServing(dir, strings.TrimSpace(string(first)))
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(dirFault(dir, err), f.Close())
	}
	if _, err := f.WriteString(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		return nil, errors.Join(dirFault(dir, err), f.Close())
	}
	return f, nil
}
