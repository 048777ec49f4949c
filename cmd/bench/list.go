package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/tiles"
)

// The zooms of a list.
const (
	firstZoom = 10
	lastZoom  = 17
)

// valleys is the part of the demo commune where people have their land; the mountains around it are mostly empty tiles,
// which would flatter every figure.
func valleys() geodata.Extent { return geodata.Extent{103.590, 22.283, 103.700, 22.374} }

// weight is the share of a zoom in a list, in hundredths: mostly what people look at when they work.
func weight(zoom int) int { return [...]int{1, 1, 2, 4, 8, 20, 32, 32}[zoom-firstZoom] }

// tileList draws different tiles over an extent, the same ones for the same seed. Zooms outside the range are left out, and
// a zoom gives no more tiles than it has.
func tileList(extent geodata.Extent, zooms [2]int, count int, seed uint64) []tiles.Coord {
	first, last, sum := max(firstZoom, zooms[0]), min(lastZoom, zooms[1]), 0
	for z := first; z <= last; z++ {
		sum += weight(z)
	}
	rng := rand.New(rand.NewPCG(seed, 10))
	var list []tiles.Coord
	for z := first; z <= last; z++ {
		all := covering(extent, z)
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		list = append(list, all[:min(len(all), (count*weight(z)+sum-1)/sum)]...)
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(len(list), count)]
}

// covering lists the tiles of a zoom that meet the extent.
func covering(extent geodata.Extent, z int) []tiles.Coord {
	x0, y0 := tileAt(z, extent[0], extent[3])
	x1, y1 := tileAt(z, extent[2], extent[1])
	var all []tiles.Coord
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			if c, err := tiles.NewCoord(int64(z), x, y); err == nil {
				all = append(all, c)
			}
		}
	}
	return all
}

// tileAt is the tile in which a place lies (lon, lat in degrees, EPSG:4326; spherical mercator, EPSG:3857).
func tileAt(z int, lon, lat float64) (x, y int64) {
	n := float64(int64(1) << z)
	return int64((lon + 180) / 360 * n), int64((1 - math.Asinh(math.Tan(lat*math.Pi/180))/math.Pi) / 2 * n)
}

// addresses fills a URL template for every tile.
func addresses(template, layers string, list []tiles.Coord) []string {
	urls := make([]string, len(list))
	for i, c := range list {
		urls[i] = strings.NewReplacer("{layers}", layers, "{z}", strconv.Itoa(c.Z()), "{x}", strconv.Itoa(c.X()), "{y}", strconv.Itoa(c.Y())).Replace(template)
	}
	return urls
}

// describe counts the tiles of each zoom.
func describe(list []tiles.Coord) string {
	count := map[int]int{}
	for _, c := range list {
		count[c.Z()]++
	}
	parts := []string{fmt.Sprintf("%d tiles", len(list))}
	for z := range tiles.MaxZoom {
		if count[z] > 0 {
			parts = append(parts, fmt.Sprintf("z%d %d", z, count[z]))
		}
	}
	return strings.Join(parts, ", ")
}
