// Command bench asks a running bando for the same list of tiles in several ways and prints what it saw: rate, latency and
// bytes, beside a bare Go server that hands out the same bytes, and beside another tile server if one is named.
//
// It starts no bando. "Uncached" means tiles that nobody asked for since bando started, so measure a fresh one. Rates depend
// on the machine; only the ratios within one run last.
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
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what can be chosen; the bounds keep a run within a few minutes.
type options struct {
	url, peer string
	sets      []string // comma lists of layers
	clients   int
	count     int           // different tiles in a list, at most
	pass      time.Duration // of each repeated pass
	seed      uint64
}

// Bounds of the options.
const (
	maxClients = 64
	maxCount   = 20_000
	maxPass    = time.Minute
)

// sixLayers are what an officer has open at once.
const sixLayers = "land_use,forest_lots,parcels,hamlets,buildings,roads"

func readOptions(args []string, getenv func(string) string, stdout io.Writer) (options, error) {
	o := options{sets: []string{"parcels", sixLayers}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.StringVar(&o.url, "url", "http://127.0.0.1:8080", "the running bando; loopback only")
	flags.StringVar(&o.peer, "peer", getenv("PEER_TILES"), "another server's tiles as a URL with {layers} {z} {x} {y}, loopback only (environment PEER_TILES)")
	flags.Func("layers", "a comma list of layers; repeat for several lists (default parcels, then six layers)", func(s string) error {
		if o.sets[0] == "parcels" && len(o.sets) == 2 && o.sets[1] == sixLayers {
			o.sets = nil
		}
		o.sets = append(o.sets, s)
		return nil
	})
	flags.IntVar(&o.clients, "clients", 8, "readers at once")
	flags.IntVar(&o.count, "tiles", 1500, "different tiles, at most")
	flags.DurationVar(&o.pass, "pass", 4*time.Second, "length of each repeated pass")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the list")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.clients < 1 || o.clients > maxClients:
		return o, fmt.Errorf("--clients is 1 to %d", maxClients)
	case o.count < 1 || o.count > maxCount:
		return o, fmt.Errorf("--tiles is 1 to %d", maxCount)
	case o.pass <= 0 || o.pass > maxPass:
		return o, fmt.Errorf("--pass is at most %s", maxPass)
	}
	o.url = strings.TrimSuffix(o.url, "/")
	for _, url := range []string{o.url, o.peer} {
		if err := checkLoopback(url); err != nil {
			return o, err
		}
	}
	return o, nil
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	o, err := readOptions(args, getenv, stdout)
	if err != nil {
		return err
	}
	c := newClient(o.clients)
	defer c.close()
	if _, err := fmt.Fprintf(stdout, "%s, %s, %d CPUs, %d clients on the same machine\n",
		time.Now().Format(time.DateTime), runtime.Version(), runtime.NumCPU(), o.clients); err != nil {
		return err
	}
	for _, set := range o.sets {
		if err := measure(ctx, c, o, set, stdout); err != nil {
			return err
		}
	}
	return nil
}

// measure runs all passes over one list of layers.
func measure(ctx context.Context, c *client, o options, set string, stdout io.Writer) error {
	zooms, err := c.zooms(ctx, o.url+"/tiles/"+set+".json")
	if err != nil {
		return err
	}
	list := tileList(valleys(), zooms, o.count, o.seed)
	if len(list) == 0 {
		return fmt.Errorf("the zooms of %s, %d to %d, hold none of the tiles that are measured", set, zooms[0], zooms[1])
	}
	urls := addresses(o.url+"/tiles/{layers}/{z}/{x}/{y}", set, list)
	if _, err := fmt.Fprintf(stdout, "\n%s: %s\n", set, describe(list)); err != nil {
		return err
	}
	var results []result
	first, err := c.once(ctx, "uncached", urls)
	if err != nil {
		return err
	}
	cached := c.again(ctx, "cached", urls, nil, o.pass)
	unchanged := c.again(ctx, "cached, 304", urls, first.tags, o.pass)
	bare, err := serveBare(first.bodies)
	if err != nil {
		return err
	}
	fixed := c.again(ctx, "bare Go, same bytes", bare.addresses, nil, o.pass)
	if err := bare.close(); err != nil {
		return err
	}
	results = append(results, first, cached, unchanged, fixed)
	if o.peer != "" {
		there := addresses(o.peer, set, list)
		peer, err := c.once(ctx, "peer, first", there)
		if err != nil {
			return fmt.Errorf("peer: %w", err)
		}
		results = append(results, peer, c.again(ctx, "peer, again", there, nil, o.pass))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return report(stdout, results)
}
