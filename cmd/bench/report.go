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

// report prints the passes, each as the median of its rounds with the lowest and the highest, and the ratios that matter.
// A ratio is taken within each round, where both sides met the same noise.
func report(w io.Writer, t *table) error {
	var text bytes.Buffer // takes everything; what goes wrong is told at the end
	grid := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) { _, _ = fmt.Fprintf(grid, strings.Repeat("%v\t", len(cells))+"\n", cells...) }
	line("pass", "requests", "per second", "(low–high)", "p50 ms", "p99 ms", "bytes", "server µs", "database µs", "reader µs", "empty", "304", "failed")
	for _, name := range t.names {
		rates, all := t.rates(name), t.all(name)
		n := len(all.latencies)
		line(name, n, int(middle(rates)), fmt.Sprintf("(%.0f–%.0f)", slices.Min(rates), slices.Max(rates)),
			ms(all.at(0.5)), ms(all.at(0.99)), all.bytes/int64(max(1, n)),
			all.each(all.server).Microseconds(), all.each(all.database).Microseconds(), all.each(all.client).Microseconds(),
			fmt.Sprintf("%.1f%%", 100*float64(all.empty)/float64(max(1, n))), all.unchanged, all.wrong)
		if all.first != nil {
			line("  ("+all.first.Error()+")", "", "", "", "", "", "", "", "", "", "", "", "")
		}
	}
	if err := grid.Flush(); err != nil {
		return err
	}
	for _, r := range ratios() {
		if values := t.ratio(r.of, r.over, (*seen).rate); len(values) > 0 {
			_, _ = fmt.Fprintf(&text, "%-46s %s%s\n", r.of+" / "+r.over+":", spread(values), r.bar)
		}
	}
	cost := func(s *seen) float64 { return float64(s.each(s.server + s.database)) }
	for _, r := range [][2]string{{bareGo, fromCache}, {peerUncached, fromMemory}, {fromDatabase, fromMemory}} {
		if values := t.ratio(r[0], r[1], cost); len(values) > 0 {
			_, _ = fmt.Fprintf(&text, "processor time, %-30s %s\n", r[0]+" / "+r[1]+":", spread(values))
		}
	}
	p99 := func(s *seen) float64 { return float64(s.at(0.99)) }
	if values := t.ratio(peerUncached, fromMemory, p99); len(values) > 0 {
		_, _ = fmt.Fprintf(&text, "p99, %-41s %s\n", peerUncached+" / "+fromMemory+":", spread(values))
	}
	if len(t.rounds[fromMemory]) > 0 {
		_, _ = fmt.Fprintf(&text, "p99 uncached, ms: %s (bar for six layers: 15)\n", ms(t.all(fromMemory).at(0.99)))
	}
	_, err := w.Write(text.Bytes())
	return err
}

// wanted is a ratio of rates and the bar it is held to.
type wanted struct{ of, over, bar string }

func ratios() []wanted {
	return []wanted{
		{fromCache, bareGo, " (bar: 0.8)"},
		{unchanged, fromCache, " (bar: 1)"},
		{unchanged, bareGo, " (bar: 1)"},
		{fromMemory, fromDatabase, " (bar: 5)"},
		{fromMemory, peerUncached, " (bar for six layers: 12)"},
		{fromCache, peerCached, ""},
		{fromCache, fromDatabase, " (bar: 40)"},
	}
}

// ratio compares two passes round by round.
func (t *table) ratio(of, over string, by func(*seen) float64) []float64 {
	var values []float64
	a, b := t.rounds[of], t.rounds[over]
	for i := range min(len(a), len(b)) {
		if below := by(&b[i]); below > 0 {
			values = append(values, by(&a[i])/below)
		}
	}
	return values
}

func (t *table) rates(name string) []float64 {
	var rates []float64
	for _, s := range t.rounds[name] {
		rates = append(rates, s.rate())
	}
	return rates
}

// all adds up the rounds of a pass.
func (t *table) all(name string) *seen {
	var sum seen
	for _, s := range t.rounds[name] {
		sum.add(s)
	}
	return &sum
}

// spread writes the median of values with the lowest and the highest.
func spread(values []float64) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", middle(values), slices.Min(values), slices.Max(values))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
