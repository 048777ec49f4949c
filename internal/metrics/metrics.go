// Package metrics counts what the server does and tells it in Prometheus' text format.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bando/internal/feed"
	"bando/tiles/cache"
	"bando/tiles/live"
	"bando/tiles/serve"
)

// Sources are what is looked at when the metrics are asked for.
type Sources struct {
	Layers *live.Engine
	Cache  *cache.Cache
	Feed   *feed.Feed
}

// Metrics is an http.Handler. Tile and Follow take what is counted as it happens.
type Metrics struct {
	http.Handler

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	lag      prometheus.Histogram
}

// New makes the metrics of one server.
func New(s Sources) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bando_tile_requests_total", Help: "Tile requests, by the way of the tile and the status of the answer.",
		}, []string{"way", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bando_tile_seconds", Help: "Time to answer a tile request, by the way of the tile.",
			Buckets: prometheus.ExponentialBuckets(50e-6, 2, 16), // 50 µs to 1.6 s
		}, []string{"way"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bando_tile_bytes_total", Help: "Bytes of tiles that were sent, by the way of the tile.",
		}, []string{"way"}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "bando_feed_lag_seconds", Help: "Time from a change's commit until tiles, pages and summaries follow it.",
			Buckets: prometheus.ExponentialBuckets(1e-3, 2, 16), // 1 ms to 33 s
		}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.seconds, m.bytes, m.lag, &state{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// The ways as they are counted: a tile made for an earlier request is "cached" however it was made.
const cached, failed = "cached", "none"

func wayOf(s serve.Seen) string {
	switch {
	case s.Cached:
		return cached
	case s.Way == "":
		return failed
	default:
		return string(s.Way)
	}
}

// Tile counts one answer. serve.Config.Observe takes it.
func (m *Metrics) Tile(s serve.Seen) {
	way := wayOf(s)
	m.requests.WithLabelValues(way, strconv.Itoa(s.Status)).Inc()
	m.seconds.WithLabelValues(way).Observe(s.Took.Seconds())
	m.bytes.WithLabelValues(way).Add(float64(s.Bytes))
}

// Follow notes how late a batch of the log is followed. Register it with the feed as the last follower.
func (m *Metrics) Follow(b feed.Batch) {
	if n := len(b.Entries); n > 0 {
		m.lag.Observe(max(0, time.Since(b.Entries[n-1].At)).Seconds())
	}
}

// state collects what is true at the moment of asking.
type state struct{ Sources }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("bando_"+name, help, labels, nil)
}

// Describe sends nothing: the layers are known only when they are looked at, so the collector is an unchecked one.
func (s *state) Describe(chan<- *prometheus.Desc) {}

// Collect sends the values of now.
func (s *state) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(name, help string, v int64) {
		to <- prometheus.MustNewConstMetric(desc(name, help), prometheus.CounterValue, float64(v))
	}
	layerState := desc("layer_state", "1 for the way that the layer's tiles go.", "layer", "state")
	layerBytes := desc("layer_memory_bytes", "Memory that the layer takes.", "layer")
	layerFeatures := desc("layer_features", "Features of the layer in memory; while it is loading, those read so far.", "layer")
	for id, way := range s.Layers.Ways() {
		for _, state := range []live.State{live.Waiting, live.Loading, live.Memory, live.Database} {
			gauge(layerState, oneIf(way.State == state), id, string(state))
		}
		gauge(layerBytes, float64(way.Bytes), id)
		gauge(layerFeatures, float64(way.Features), id)
	}
	gauge(desc("layer_memory_max_bytes", "Memory that all layers together may take."), float64(s.Layers.MaxBytes()))
	gauge(desc("feed_revision", "The revision of the log up to which everything follows."), float64(s.Feed.Head()))
	gauge(desc("feed_live", "1 while the log is followed."), oneIf(s.Feed.Live()))
	st := s.Cache.Stats()
	gauge(desc("tile_cache_entries", "Tiles that the cache holds."), float64(st.Entries))
	gauge(desc("tile_cache_bytes", "Memory that the cache takes."), float64(st.Bytes))
	gauge(desc("tile_cache_max_bytes", "Memory that the cache may take."), float64(st.MaxBytes))
	counter("tile_cache_hits_total", "Tiles served from the cache.", st.Hits)
	counter("tile_cache_misses_total", "Tiles made because the cache did not hold them.", st.Misses)
	counter("tile_cache_joined_total", "Requests that waited for a tile another one had made.", st.Joined)
	counter("tile_cache_stale_total", "Tiles found older than a change, and made anew.", st.Stale)
	counter("tile_cache_evicted_total", "Tiles dropped to make room.", st.Evicted)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
