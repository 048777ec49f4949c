package ogctiles

import (
	"net/http"
	"strconv"
	"strings"

	"bando/internal/fault"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/serve"
)

// Faults of the address of a tile.
var (
	errNotInGrid = fault.New(fault.Invalid, "tile_not_in_grid", fault.Text{
		VI: "Địa chỉ ô bản đồ không đúng. Viết {tileMatrix}/{tileRow}/{tileCol}: tileMatrix từ 0 đến 22, tileRow và tileCol từ 0 đến 2^tileMatrix − 1.",
		EN: "This is no address of a tile. Write {tileMatrix}/{tileRow}/{tileCol}: tileMatrix from 0 to 22, tileRow and tileCol from 0 to 2^tileMatrix − 1.",
	})
	errBeyond = fault.New(fault.NotFound, "tile_beyond_limits", fault.Text{
		VI: "Ô bản đồ này nằm ngoài phạm vi dữ liệu. Xem giới hạn (tileMatrixSetLimits) ở địa chỉ của bộ ô bản đồ.",
		EN: "This tile lies beyond the data. See tileMatrixSetLimits at the tileset's address.",
	})
)

func coordOf(r *http.Request) (tiles.Coord, error) {
	var n [3]int64
	for i, name := range []string{"tileMatrix", "tileRow", "tileCol"} {
		text := r.PathValue(name)
		var err error
		// Digits alone, none of them an idle nought: anything else would be another address of the same tile.
		if n[i], err = strconv.ParseInt(text, 10, 64); err != nil || strconv.FormatInt(n[i], 10) != text {
			return tiles.Coord{}, errNotInGrid.WithField(name).Wrap(err)
		}
	}
	c, err := tiles.NewCoord(n[0], n[2], n[1])
	if err != nil {
		return c, errNotInGrid.Wrap(err)
	}
	return c, nil
}

// tile answers GET and HEAD of a tileset's {tileMatrix}/{tileRow}/{tileCol} as package serve does, from the same cache, but
// for a tile with nothing in it: within the limits that is 200 with no bytes, which is what an empty vector tile is; beyond
// them there is no tile.
func (s *Service) tile(w http.ResponseWriter, r *http.Request) error {
	coord, err := coordOf(r)
	if err != nil {
		return err
	}
	chosen, err := s.choose(r)
	if err != nil {
		return err
	}
	if drawn := chosen.inZoom(coord.Z()); len(drawn) > 0 {
		z, x, y := coord.Z(), coord.X(), coord.Y()
		r.SetPathValue("layers", ids(drawn))
		r.SetPathValue("z", strconv.Itoa(z))
		r.SetPathValue("x", strconv.Itoa(x))
		r.SetPathValue("y", strconv.Itoa(y))
		held := &unlessEmpty{ResponseWriter: w}
		if err := s.Tiles.Tile(held, r); err != nil || !held.empty {
			return err
		}
	} else {
		s.readersHeaders(w, r)
	}
	if within, some := chosen.limitsAt(s.locate(r.Context(), chosen), coord.Z()); !some || !within.holds(coord) {
		return errBeyond.With("tile", strings.Join([]string{r.PathValue("tileMatrix"), r.PathValue("tileRow"), r.PathValue("tileCol")}, "/"))
	}
	if web.NotModified(w, r, `"empty"`) {
		return nil
	}
	w.Header().Set("Content-Type", serve.MediaType)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	return nil
}

// unlessEmpty holds back the answer that there is nothing in a tile.
type unlessEmpty struct {
	http.ResponseWriter
	empty bool
}

// WriteHeader passes every status on but 204.
func (u *unlessEmpty) WriteHeader(status int) {
	if status == http.StatusNoContent {
		u.empty = true
		return
	}
	u.ResponseWriter.WriteHeader(status)
}
