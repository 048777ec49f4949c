//go:build unix

package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// makePipe makes a named pipe where there is none.
func makePipe(path string) error {
	if err := syscall.Mkfifo(path, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make pipe %s: %w", path, err)
	}
	return nil
}

// openPipe opens one end of a named pipe without waiting for the other end. Opening the writing end of a pipe
// that nobody reads is ENXIO.
func openPipe(path string, end int) (*os.File, error) {
	for {
		fd, err := syscall.Open(path, end|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err == nil {
			return os.NewFile(uintptr(fd), path), nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// held reports whether any process holds the writing end of a named pipe open.
func held(path string) (bool, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	for {
		n, err := syscall.Read(fd, make([]byte, 1))
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return true, nil
		case err != nil:
			return false, &fs.PathError{Op: "read", Path: path, Err: err}
		default:
			return n > 0, nil
		}
	}
}

// pulse is the reading end of a pipe that nobody writes to: it tells when the last holder of the other end has gone.
// The kernel keeps the count, so that no kill can falsify it.
type pulse struct{ f *os.File }

func openPulse(path string) (*pulse, error) {
	f, err := openPipe(path, syscall.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return &pulse{f: f}, nil
}

// ended waits, for as long as the time given, and reports whether the last holder has gone.
func (p *pulse) ended(ctx context.Context, wait time.Duration) (bool, error) {
	if err := p.f.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return false, err
	}
	release := context.AfterFunc(ctx, func() { _ = p.f.SetReadDeadline(time.Unix(1, 0)) })
	_, err := p.f.Read(make([]byte, 1))
	release()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// macOS does not wake a reader when the last writer goes: look as well.
		beats, err := held(p.f.Name())
		return !beats, err
	}
	return true, nil
}

func (p *pulse) close() {
	if p != nil {
		_ = p.f.Close()
	}
}
