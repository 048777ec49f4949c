package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/tiles"
)

// The zooms of a list.
const (
	firstZoom = 10
	lastZoom  = 17
)

// weight is the share of a zoom in a list, in hundredths: mostly what people look at when they work.
func weight(zoom int) int { return [...]int{1, 1, 2, 4, 8, 20, 32, 32}[zoom-firstZoom] }

//go:embed sql/places.sql
var placesSQL string

// maxPlaces bounds the places that lists are drawn from.
const maxPlaces = 200_000

// places are where people have their land: a point in each of the parcels, or of an even share of them.
func places(ctx context.Context, db *pgx.Conn, within geodata.Extent) ([]orb.Point, error) {
	rows, err := db.Query(ctx, placesSQL, within[0], within[1], within[2], within[3], maxPlaces)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p orb.Point, err error) {
		return p, row.Scan(&p[0], &p[1])
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("the layer parcels is empty; make a demo first")
	}
	return found, err
}

// draw picks different tiles that hold some of the places, the same ones for the same seed. Zooms outside the range are left
// out, and a zoom gives no more tiles than it has.
func draw(places []orb.Point, zooms [2]int, count int, seed uint64) []tiles.Coord {
	first, last, sum := max(firstZoom, zooms[0]), min(lastZoom, zooms[1]), 0
	for z := first; z <= last; z++ {
		sum += weight(z)
	}
	rng := rand.New(rand.NewPCG(seed, 10))
	order := rng.Perm(len(places))
	var list []tiles.Coord
	taken := map[tiles.Coord]bool{}
	for z := first; z <= last; z++ {
		wanted := len(list) + (count*weight(z)+sum-1)/sum
		for _, i := range order {
			if len(list) == wanted {
				break
			}
			if c := tileAt(z, places[i]); !taken[c] {
				taken[c] = true
				list = append(list, c)
			}
		}
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(len(list), count)]
}

// covering lists all tiles of a zoom that hold some of the places.
func covering(places []orb.Point, zoom int) []tiles.Coord {
	list := slices.Collect(maps.Keys(held(places, zoom)))
	slices.SortFunc(list, func(a, b tiles.Coord) int { return cmp.Or(cmp.Compare(a.X(), b.X()), cmp.Compare(a.Y(), b.Y())) })
	return list
}

// held counts the places in each tile of a zoom.
func held(places []orb.Point, zoom int) map[tiles.Coord]int {
	counts := map[tiles.Coord]int{}
	for _, p := range places {
		counts[tileAt(zoom, p)]++
	}
	return counts
}

// usual is the median of how many places the tiles of a zoom hold, each weighed by its places: a tile at the edge of the
// land is less usual than it is frequent.
func usual(places []orb.Point, zoom int) int {
	counts := slices.Sorted(maps.Values(held(places, zoom)))
	seen := 0
	for _, n := range counts {
		if seen += n; 2*seen >= len(places) {
			return n
		}
	}
	return 0
}

// alike lists the tiles of a zoom that hold about as many places, so that demos are compared at the same density.
func alike(places []orb.Point, zoom, count int, seed uint64) []tiles.Coord {
	var list []tiles.Coord
	for c, n := range held(places, zoom) {
		if 4*n >= 3*count && 4*n <= 5*count {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b tiles.Coord) int { return cmp.Or(cmp.Compare(a.X(), b.X()), cmp.Compare(a.Y(), b.Y())) })
	rng := rand.New(rand.NewPCG(seed, 10))
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// tileAt is the tile in which a place lies (lon, lat in degrees, EPSG:4326; spherical mercator, EPSG:3857).
func tileAt(z int, at orb.Point) tiles.Coord {
	n := float64(int64(1) << z)
	x, y := (at[0]+180)/360*n, (1-math.Asinh(math.Tan(at[1]*math.Pi/180))/math.Pi)/2*n
	c, err := tiles.NewCoord(int64(z), int64(x), int64(y))
	if err != nil {
		panic(fmt.Sprintf("a place beyond the map: %v", at)) // the database keeps places within it
	}
	return c
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

// middle is the median of values, which it sorts.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
