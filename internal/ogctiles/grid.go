package ogctiles

import (
	"math"
	"net/http"
	"strconv"

	"bando/geodata"
	"bando/internal/features"
	"bando/tiles"
)

// The one tile matrix set: that of the web's maps, as the OGC has registered it.
const (
	setID    = "WebMercatorQuad"
	setURI   = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	setTitle = "Google Maps Compatible for the World"
	setCRS   = "http://www.opengis.net/def/crs/EPSG/0/3857"
	crs84    = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
)

// The grid's numbers: half the world's width in EPSG:3857, in metres of the equator, and a tile's width in pixels, each
// 0.28 mm wide on the screen that scales are told for (OGC 17-083r4, 6.1).
const (
	halfWidthM = math.Pi * 6378137
	tilePx     = 256
	pixelM     = 0.00028
)

// matrixSet is the definition of a tile matrix set (OGC 17-083r4, tileMatrixSet.json).
type matrixSet struct {
	ID                string      `json:"id"`
	Title             string      `json:"title"`
	URI               string      `json:"uri"`
	CRS               string      `json:"crs"`
	OrderedAxes       []string    `json:"orderedAxes"`
	WellKnownScaleSet string      `json:"wellKnownScaleSet"`
	BoundingBox       boundingBox `json:"boundingBox"`
	TileMatrices      []matrix    `json:"tileMatrices"`
}

// matrix is one zoom of the grid.
type matrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"` // metres of the equator a pixel
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

// webMercatorQuad is the definition as far as there are tiles.
func webMercatorQuad() matrixSet {
	set := matrixSet{
		ID: setID, Title: setTitle, URI: setURI, CRS: setCRS, OrderedAxes: []string{"X", "Y"},
		WellKnownScaleSet: "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
		BoundingBox:       boundingBox{LowerLeft: [2]float64{-halfWidthM, -halfWidthM}, UpperRight: [2]float64{halfWidthM, halfWidthM}, CRS: setCRS},
	}
	for z := range tiles.MaxZoom + 1 {
		cell := math.Ldexp(2*halfWidthM/tilePx, -z)
		set.TileMatrices = append(set.TileMatrices, matrix{
			ID: strconv.Itoa(z), ScaleDenominator: cell / pixelM, CellSize: cell, CornerOfOrigin: "topLeft",
			PointOfOrigin: [2]float64{-halfWidthM, halfWidthM},
			TileWidth:     tilePx, TileHeight: tilePx, MatrixWidth: 1 << z, MatrixHeight: 1 << z,
		})
	}
	return set
}

// matrixSets answers GET /tileMatrixSets.
func (s *Service) matrixSets(w http.ResponseWriter, r *http.Request) error {
	at := s.Origin(r) + "/tileMatrixSets"
	return s.Respond(w, r, features.Document{Page: matrixSetsPage, JSON: func(ways []features.Link) any {
		return map[string]any{
			"tileMatrixSets": []map[string]any{{
				"id": setID, "title": setTitle, "uri": setURI, "crs": setCRS,
				"links": []features.Link{{Href: at + "/" + setID, Rel: "self", Type: typeJSON, Title: setTitle}},
			}},
			"links": ways,
		}
	}})
}

// matrixSet answers GET /tileMatrixSets/WebMercatorQuad.
func (s *Service) matrixSet(w http.ResponseWriter, r *http.Request) error {
	return s.Respond(w, r, features.Document{Page: matrixSetPage, JSON: func([]features.Link) any { return webMercatorQuad() }})
}

// limits are the rows and columns of one matrix in which features lie (OGC 17-083r4, tileMatrixLimits.json).
type limits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow int    `json:"minTileRow"`
	MaxTileRow int    `json:"maxTileRow"`
	MinTileCol int    `json:"minTileCol"`
	MaxTileCol int    `json:"maxTileCol"`
}

// limitsOf gives the tiles of a zoom that a box touches, those among them that only hold it in their buffers. So a tile with
// anything in it is never beyond its limits.
func limitsOf(box geodata.Extent, z int) limits {
	n := math.Ldexp(1, z)
	const reach = 1.0/tiles.BufferShare + 1.0/4096 // and a unit, for what is rounded
	index := func(share, by float64) int { return int(min(max(math.Floor(share*n+by), 0), n-1)) }
	return limits{
		TileMatrix: strconv.Itoa(z),
		MinTileCol: index(east(box[0]), -reach), MaxTileCol: index(east(box[2]), reach),
		MinTileRow: index(south(box[3]), -reach), MaxTileRow: index(south(box[1]), reach),
	}
}

// east and south tell how far of the grid's width a longitude or latitude, in degrees, lies from its corner of origin.
func east(lon float64) float64 { return (lon + 180) / 360 }

func south(lat float64) float64 { return (1 - math.Asinh(math.Tan(lat*math.Pi/180))/math.Pi) / 2 }

// join widens limits of one matrix to hold others.
func (l limits) join(o limits) limits {
	l.MinTileRow, l.MaxTileRow = min(l.MinTileRow, o.MinTileRow), max(l.MaxTileRow, o.MaxTileRow)
	l.MinTileCol, l.MaxTileCol = min(l.MinTileCol, o.MinTileCol), max(l.MaxTileCol, o.MaxTileCol)
	return l
}

// holds reports whether a tile of the limits' matrix is within them.
func (l limits) holds(c tiles.Coord) bool {
	return c.Y() >= l.MinTileRow && c.Y() <= l.MaxTileRow && c.X() >= l.MinTileCol && c.X() <= l.MaxTileCol
}
