package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func (r result) rate() float64 {
	if r.took <= 0 {
		return 0
	}
	return float64(len(r.latencies)) / r.took.Seconds()
}

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
	var text bytes.Buffer // takes everything; what goes wrong is told at the end
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) { _, _ = fmt.Fprintf(table, strings.Repeat("%v\t", len(cells))+"\n", cells...) }
	line("pass", "requests", "per second", "p50 ms", "p99 ms", "mean bytes", "empty", "304", "failed")
	by := map[string]result{}
	for _, r := range results {
		by[r.name] = r
		n := len(r.latencies)
		line(r.name, n, int(r.rate()), ms(r.at(0.5)), ms(r.at(0.99)), r.bytes/int64(max(1, n)), r.empty, r.unchanged, r.wrong)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	ratio := func(name, a, b string) {
		if over := by[b].rate(); over > 0 && len(by[a].latencies) > 0 {
			_, _ = fmt.Fprintf(&text, "%s: %.2f\n", name, by[a].rate()/over)
		}
	}
	ratio("cached to bare Go", "cached", "bare Go, same bytes")
	ratio("cached to uncached", "cached", "uncached")
	ratio("uncached to the peer's first", "uncached", "peer, first")
	ratio("cached to the peer's second", "cached", "peer, again")
	if by["cached"].at(0.5)*3/2 > by["uncached"].at(0.5) {
		text.WriteString("The first pass was as fast as the second: these tiles were in the cache already. Start bando anew to measure it uncached.\n")
	}
	_, err := w.Write(text.Bytes())
	return err
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
