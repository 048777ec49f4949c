package live

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"bando/geodata"
	"bando/tiles"
)

// BenchmarkTile draws tiles of parcels out of 300,000.
func BenchmarkTile(b *testing.B) {
	e := offline(b)
	e.hold("parcels", e.parcels(300_000))
	for z := 13; z <= 18; z++ {
		b.Run(fmt.Sprintf("zoom=%d", z), func(b *testing.B) {
			var some []tiles.Request
			for i := range int64(16) {
				some = append(some, tileAt(b, z, middleLon, middleLat, i%4-2, i/4-2, geodata.Staff, "parcels"))
			}
			bytes, n := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				tile, err := e.Tile(b.Context(), some[n%len(some)])
				if err != nil {
					b.Fatal(err)
				}
				bytes += len(tile.Data)
				n++
			}
			b.ReportMetric(float64(bytes)/float64(n), "tile-bytes")
		})
	}
}

// BenchmarkLayOut lays a million parcels out, and tells what one costs in memory.
func BenchmarkLayOut(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		e := offline(b)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		v := e.hold("parcels", e.parcels(n))
		b.ReportMetric(time.Since(began).Seconds(), "s/million")
		runtime.GC()
		runtime.ReadMemStats(&after)
		vertices := 0
		for _, s := range v.segments {
			vertices += len(s.vertices)
		}
		b.ReportMetric(float64(vertices)/n, "vertices/parcel")
		b.ReportMetric(float64(v.bytes)/n, "B/parcel")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heap-B/parcel")
		runtime.KeepAlive(e)
	}
}
