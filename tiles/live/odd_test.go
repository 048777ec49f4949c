package live

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
)

// Awkward geometries, each by its name, in the one tile of zoom 0 and in the tile of zoom 12 where its middle is.
func TestAwkwardGeometries(t *testing.T) {
	square := func(x, y, side float64) orb.Ring {
		return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
	}
	hole := square(20, 20, 10)
	hole.Reverse()
	huge := orb.Ring{}
	for i := range 100_000 {
		angle, r := 2*math.Pi*float64(i)/100_000, 20+0.001*math.Sin(float64(i))
		huge = append(huge, orb.Point{100 + r*math.Cos(angle), 20 + r*math.Sin(angle)})
	}
	huge = append(huge, huge[0])
	for name, c := range map[string]struct {
		geometry orb.Geometry
		world    string // the type it has in the tile of the world; empty when it is not there
	}{
		"an empty line":                         {orb.LineString{}, ""},
		"an empty collection":                   {orb.Collection{}, ""},
		"a point without a place":               {orb.Point{math.NaN(), math.NaN()}, ""},
		"several parts":                         {orb.MultiPolygon{{square(10, 10, 20)}, {square(60, 10, 20)}}, "MultiPolygon"},
		"parts that overlap":                    {orb.MultiPolygon{{square(10, 10, 20)}, {square(20, 20, 20)}}, "Polygon"},
		"a hole":                                {orb.Polygon{square(10, 10, 40), hole}, "Polygon"},
		"a hole wound like its outer ring":      {orb.Polygon{square(10, 10, 40), square(20, 20, 10)}, "Polygon"},
		"a hole as large as its outer ring":     {orb.Polygon{square(10, 10, 40), square(10, 10, 40)}, ""},
		"an island in a hole":                   {orb.MultiPolygon{{square(0, 0, 60), square(10, 10, 40)}, {square(20, 20, 20)}}, "MultiPolygon"},
		"a point on the antimeridian, east":     {orb.Point{180, 10}, "Point"},
		"a point on the antimeridian, west":     {orb.Point{-180, 10}, "Point"},
		"an area that ends at the antimeridian": {orb.Polygon{square(160, 10, 20)}, "Polygon"},
		"a point beyond mercator's edge":        {orb.Point{10, 86}, ""},
		"an area beyond mercator's edge":        {orb.Polygon{{{10, 86}, {20, 86}, {20, 89}, {10, 86}}}, ""},
		"an area across mercator's edge":        {orb.Polygon{{{10, 60}, {50, 60}, {50, 89}, {10, 89}, {10, 60}}}, "Polygon"},
		"no area, points in line":               {orb.Polygon{{{10, 10}, {20, 10}, {40, 10}, {10, 10}}}, ""},
		"no area, one point":                    {orb.Polygon{{{10, 10}, {10, 10}, {10, 10}, {10, 10}}}, ""},
		"repeated points":                       {orb.Polygon{{{10, 10}, {10, 10}, {40, 10}, {40, 10}, {40, 40}, {40, 40}, {10, 10}}}, "Polygon"},
		"repeated points of a line":             {orb.LineString{{10, 10}, {10, 10}, {40, 10}, {40, 10}}, "LineString"},
		"a line of one place":                   {orb.LineString{{10, 10}, {10, 10}}, ""},
		"a bow tie, of which one wing is kept":  {orb.Polygon{{{10, 10}, {50, 50}, {50, 10}, {10, 40}, {10, 10}}}, "Polygon"},
		"a ring of 100,000 points":              {orb.Polygon{huge}, "Polygon"},
		"a collection of all kinds":             {orb.Collection{orb.Point{1, 1}, orb.LineString{{0, 0}, {9, 9}}, orb.Polygon{square(10, 10, 30)}}, "Polygon"},
		"a collection in a collection":          {orb.Collection{orb.Collection{orb.LineString{{0, 0}, {40, 40}}}}, "LineString"},
	} {
		t.Run(name, func(t *testing.T) {
			var d decoder
			s, err := d.decode(wkb.MustMarshal(c.geometry, binary.LittleEndian))
			if err != nil {
				t.Fatal(err)
			}
			e := offline(t)
			e.hold("facilities", func(add func(row)) {
				if len(s.rings) > 0 { // or it is nowhere, as source.place has it
					add(row{id: 7, seen: publicBit | staffBit, shape: s})
				}
			})
			l := e.layers["facilities"]
			a := newArtist()
			draw := func(z, x, y int) orb.Geometry {
				a.begin(z, x, y)
				data, _ := a.layer(t.Context(), nil, drawing{layer: l, view: l.view.Load(), columns: &columns{}, bit: publicBit}, 0)
				if len(data) == 0 {
					return nil
				}
				layers, err := mvt.Unmarshal(data)
				if err != nil {
					t.Fatal(err)
				}
				return layers[0].Features[0].Geometry
			}
			got := draw(0, 0, 0)
			if kind := kindOf(got); kind != c.world {
				t.Errorf("the world shows %q, want %q", kind, c.world)
			}
			if len(s.rings) > 0 {
				middle := s.box.centre()
				near := draw(12, int(middle.x>>20), int(middle.y>>20))
				for _, g := range []orb.Geometry{got, near} {
					if g != nil && g.Dimensions() == 2 {
						checkPolygon(t, g)
					}
				}
			}
		})
	}
}

func kindOf(g orb.Geometry) string {
	if g == nil {
		return ""
	}
	return g.GeoJSONType()
}
