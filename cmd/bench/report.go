package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

func (r result) rate() float64 { return float64(len(r.latencies)) / r.took.Seconds() }

// at is the latency that a share of the requests did not exceed.
func (r result) at(share float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.latencies))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// report prints the passes of one list, the first of which is bando's uncached one, and the ratios that matter.
func report(w io.Writer, results []result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "pass\trequests\tper second\tp50 ms\tp99 ms\tmean bytes\tempty\t304\tfailed\t")
	by := map[string]result{}
	for _, r := range results {
		by[r.name] = r
		n := max(1, len(r.latencies))
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.2f\t%.2f\t%d\t%d\t%d\t%d\t\n", r.name, len(r.latencies), r.rate(), ms(r.at(0.5)), ms(r.at(0.99)),
			r.bytes/int64(n), r.empty, r.unchanged, r.wrong)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	ratio := func(text, a, b string) {
		if over := by[b].rate(); over > 0 && len(by[a].latencies) > 0 {
			fmt.Fprintf(w, "%s: %.2f\n", text, by[a].rate()/over)
		}
	}
	ratio("cached to bare Go", "cached", "bare Go, same bytes")
	ratio("cached to uncached", "cached", "uncached")
	ratio("uncached to the peer's first", "uncached", "peer, first")
	ratio("cached to the peer's second", "cached", "peer, again")
	if by["cached"].at(0.5)*3/2 > by["uncached"].at(0.5) {
		fmt.Fprintln(w, "The first pass was as fast as the second: these tiles were in the cache already. Start bando anew to measure it uncached.")
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
