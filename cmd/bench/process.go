package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startWithin is how long a server may take until it answers, stopWithin until it is gone.
const (
	startWithin = time.Minute
	stopWithin  = 20 * time.Second
)

// process is a child that runs until it is stopped or ends.
type process struct {
	cmd    *exec.Cmd
	log    string // what it said
	began  time.Time
	ended  chan struct{}
	result error // good once ended is closed
}

// start runs a program with its words going to a log.
func start(ctx context.Context, log, program string, args ...string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // the child has its own
	p := &process{cmd: exec.CommandContext(ctx, program, args...), log: log, ended: make(chan struct{}), began: time.Now()}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopWithin
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() { defer close(p.ended); p.result = p.cmd.Wait() }()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the process and waits for it. A server that ends on a signal is no fault.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-p.ended:
	case <-time.After(stopWithin):
		_ = p.cmd.Process.Kill() // it may have gone meanwhile
		<-p.ended
	}
}

// wait waits for a process that ends by itself.
func (p *process) wait() error {
	<-p.ended
	if p.result != nil {
		return p.fault(p.result)
	}
	return nil
}

func (p *process) fault(err error) error {
	said, _ := os.ReadFile(p.log) // its words are a help only
	return fmt.Errorf("%s: %w\n%s", filepath.Base(p.cmd.Path), err, said[max(0, len(said)-2000):])
}

// until asks until it holds, the process ends, or the time is up.
func (p *process) until(ctx context.Context, within time.Duration, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for !holds() {
		select {
		case <-p.ended:
			return p.fault(errors.New("it ended too early"))
		case <-ctx.Done():
			return p.fault(ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// address waits for the line in which a server of ours tells where it is.
func (p *process) address(ctx context.Context) (url string, err error) {
	line := regexp.MustCompile(`(?m)^(?:bando|bare): (http://\S+?)/$`)
	err = p.until(ctx, startWithin, func() bool {
		said, err := os.ReadFile(p.log)
		if found := line.FindSubmatch(said); err == nil && found != nil {
			url = string(found[1])
		}
		return url != ""
	})
	return url, err
}

// usage is what a process takes.
type usage struct {
	processor     time.Duration
	resident, top int64 // bytes: now, and at most so far
}

// usageOf reads /proc (Linux).
func usageOf(pid int) (usage, error) {
	var u usage
	fields, err := statOf(pid)
	if err != nil {
		return u, err
	}
	u.processor = ticks(fields[11]) + ticks(fields[12])
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	for line := range bytes.Lines(status) {
		name, value, _ := strings.Cut(string(line), ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64) // other lines hold other things
		switch name {
		case "VmRSS":
			u.resident = kib << 10
		case "VmHWM":
			u.top = kib << 10
		}
	}
	return u, nil
}

// statOf gives the fields of /proc/pid/stat from the third on: the second, a name, may hold anything.
func statOf(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 {
		return nil, fmt.Errorf("/proc/%d/stat is short", pid)
	}
	return fields, nil
}

// ticks are hundredths of a second on every Linux that we meet (USER_HZ).
func ticks(field string) time.Duration {
	n, _ := strconv.ParseInt(field, 10, 64) // the kernel writes numbers
	return time.Duration(n) * 10 * time.Millisecond
}

// familyTime is the processor time of a process, its children, and those of its children that have ended.
func familyTime(parent int) (time.Duration, error) {
	fields, err := statOf(parent)
	if err != nil {
		return 0, err
	}
	sum := ticks(fields[11]) + ticks(fields[12]) + ticks(fields[13]) + ticks(fields[14])
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		pid, _ := strconv.Atoi(filepath.Base(entry)) // the pattern gives numbers, or names that are no process
		if fields, err := statOf(pid); err == nil && fields[1] == strconv.Itoa(parent) {
			sum += ticks(fields[11]) + ticks(fields[12])
		}
	}
	return sum, nil
}

// ownTime is the processor time of this process.
func ownTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
