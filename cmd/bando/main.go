// Command bando serves the digital map of a commune and does the work around it: see "bando --help".
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitFailed = 1 // the work could not be done
	exitUsage  = 2 // the command line or the settings cannot be understood
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the program at once
	}()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	explain(os.Stderr, err)
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailed)
}

// console is what a subcommand works with.
type console struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run does one command line. It is what main and the end-to-end tests both call.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	c := console{getenv, stdin, stdout, stderr}
	if len(args) == 0 {
		printHelp(stderr)
		return &usageError{}
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		printHelp(stdout)
		return nil
	case "-version", "--version":
		args = []string{"version"}
	}
	commands := subcommands()
	for _, cmd := range commands {
		rest, ok := cmd.matches(args)
		if !ok {
			continue
		}
		return cmd.run(ctx, c, rest)
	}
	return usage("Không có lệnh “"+args[0]+"”. Xem: bando --help", "There is no command “"+args[0]+"”. See: bando --help")
}
