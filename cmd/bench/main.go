// Command bench measures bando: its tiles beside a bare Go server, its own database and another tile server (tiles), how it
// grows (growth), what readers notice while others edit (edits), how many edits it keeps a second (writes), how fast an archive is baked (bake), and parcels as GeoJSON
// beside pg_featureserv (features). It starts every server it measures, each in a process of its own, over a data folder
// that was made for the purpose.
//
// Rates depend on the machine, on which the readers run as well; what lasts are ratios within one run, and processor time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// run is the command, for main and for tests.
func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "tiles":
		return runTiles(ctx, args, getenv, stdout)
	case "growth":
		return runGrowth(ctx, args, stdout)
	case "edits":
		return runEdits(ctx, args, stdout)
	case "writes":
		return runWrites(ctx, args, stdout)
	case "bake":
		return runBake(ctx, args, stdout)
	case "features":
		return runFeatures(ctx, args, getenv, stdout)
	case "bare":
		return runBare(ctx, args, stdout)
	}
	return fmt.Errorf("what is to be measured? bench tiles, growth, edits, writes, bake or features; each takes -h")
}

// common are the options of every measurement; their bounds keep a run within some minutes.
type common struct {
	bando    string        // the program measured
	data     string        // its data folder
	clients  int           // readers at once
	count    int           // different tiles in a list, at most
	rounds   int           // how often each pass is repeated, in turn with the others
	pass     time.Duration // of a repeated pass; of one over different tiles at most
	encoding string        // asked for: gzip, zstd or identity
	seed     uint64
}

// Bounds of the options.
const (
	maxClients = 64
	maxCount   = 20_000
	maxRounds  = 25
	maxPass    = time.Minute
)

func (c *common) flags(name string, stdout io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("bench "+name, flag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.StringVar(&c.bando, "bando", "bin/bando", "the program that is measured")
	flags.IntVar(&c.clients, "clients", 8, "readers at once")
	flags.IntVar(&c.count, "tiles", 2000, "different tiles of a list, at most")
	flags.IntVar(&c.rounds, "rounds", 5, "rounds of short passes that take turns")
	flags.DurationVar(&c.pass, "pass", 2*time.Second, "length of a repeated pass")
	flags.StringVar(&c.encoding, "encoding", "gzip", "asked for: gzip, zstd or identity")
	flags.Uint64Var(&c.seed, "seed", 1, "seed of the lists")
	return flags
}

func (c *common) parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.clients < 1 || c.clients > maxClients:
		return fmt.Errorf("--clients is 1 to %d", maxClients)
	case c.count < 1 || c.count > maxCount:
		return fmt.Errorf("--tiles is 1 to %d", maxCount)
	case c.rounds < 1 || c.rounds > maxRounds:
		return fmt.Errorf("--rounds is 1 to %d", maxRounds)
	case c.pass <= 0 || c.pass > maxPass:
		return fmt.Errorf("--pass is at most %s", maxPass)
	case c.encoding != "gzip" && c.encoding != "zstd" && c.encoding != "identity":
		return errors.New("--encoding is gzip, zstd or identity")
	}
	return nil
}

// say prints a line; the report's reader being gone is no reason to stop half way.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// opening tells when and where.
func opening(w io.Writer, c common) {
	say(w, "%s, %s, %d CPUs shared by servers, database and %d readers; %s",
		time.Now().Format(time.DateTime), runtime.Version(), runtime.NumCPU(), c.clients, c.encoding)
}
