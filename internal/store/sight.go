package store

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/auth"
)

// logView is what one reader sees of the log's entries (alias e) of several layers, as SQL.
type logView struct {
	who    auth.Person
	layers []string
	// hazy are the layers whose features are shown rounded: of their entries no place is told.
	hazy []string
	// seen and name are as in a sight, for every layer.
	seen, name string
	args       []any
}

// logView puts together what the reader sees of the named layers, or of all where names is nil. A name that is none of a layer that
// the reader may know of is geodata.ErrNoLayer.
func (s *Store) logView(who auth.Person, names []string) (*logView, error) {
	lv := &logView{who: who, layers: []string{}, hazy: []string{}}
	for _, name := range names {
		if _, err := s.Layer(name, who); err != nil {
			return nil, err
		}
	}
	var seen, name strings.Builder
	for _, l := range s.catalogue.Layers() {
		if _, err := s.Layer(l.ID, who); err != nil || names != nil && !slices.Contains(names, l.ID) {
			continue
		}
		lv.layers = append(lv.layers, l.ID)
		v := s.viewAfter(l, who, lv.args)
		if v.rounded() {
			lv.hazy = append(lv.hazy, l.ID)
		}
		see := v.sight(who)
		lv.args = v.args
		seen.WriteString(" WHEN " + literal(l.ID) + " THEN " + see.seen)
		name.WriteString(" WHEN " + literal(l.ID) + " THEN " + see.name)
	}
	lv.seen, lv.name = "true", "NULL"
	if name.Len() > 0 {
		lv.name = "CASE e.layer" + name.String() + " END"
	}
	if who.Audience() != geodata.Staff && seen.Len() > 0 {
		lv.seen = "CASE e.layer" + seen.String() + " ELSE false END"
	}
	return lv, nil
}

// arg adds a parameter and gives its place.
func (lv *logView) arg(value any) string {
	lv.args = append(lv.args, value)
	return "$" + strconv.Itoa(len(lv.args))
}

// put completes a statement over the log. The view's own parameters stand first, so that statements may add theirs.
func (lv *logView) put(name string, parts ...string) (string, []any) {
	given := slices.Clone(lv.args)
	all := []string{"{seen}", lv.seen, "{name}", lv.name}
	for i := 0; i+1 < len(parts); i += 2 {
		all = append(all, parts[i], parts[i+1])
	}
	layers := len(given) + 1
	all = append(all, "{layers}", "$"+strconv.Itoa(layers))
	return statement(name, all...), append(given, lv.layers)
}

// squares are blocks of zoom 24 tiles, y southwards, as the log keeps them.
const squaresAcross = 1 << 24

// squareOf is the tile in which a place lies.
func squareOf(lon, lat float64) (x, y int) {
	phi := max(-85.06, min(85.06, lat)) * math.Pi / 180
	cut := func(v float64) int { return int(max(0, min(squaresAcross-1, math.Floor(v)))) }
	return cut((lon + 180) / 360 * squaresAcross), cut((1 - math.Log(math.Tan(phi)+1/math.Cos(phi))/math.Pi) / 2 * squaresAcross)
}

// boxOf is the box in degrees around a block of tiles.
func boxOf(west, north, east, south int) geodata.Extent {
	lon := func(x int) float64 { return round6(float64(x)/squaresAcross*360 - 180) }
	lat := func(y int) float64 {
		return round6(math.Atan(math.Sinh(math.Pi*(1-2*float64(y)/squaresAcross))) * 180 / math.Pi)
	}
	return geodata.Extent{lon(west), lat(south + 1), lon(east + 1), lat(north)}
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// place is the expressions of the block in which an entry lies: where the feature was and is, for whoever sees it all, else where it is
// after the entry, or was before a deletion.
func (lv *logView) place() (west, north, east, south string) {
	if lv.who.Audience() == geodata.Staff {
		return "least(e.squares[1], e.squares[5])", "least(e.squares[2], e.squares[6])", "greatest(e.squares[3], e.squares[7])", "greatest(e.squares[4], e.squares[8])"
	}
	hazy := lv.arg(lv.hazy)
	at := func(back int) string {
		return "CASE WHEN e.layer <> ALL (" + hazy + "::text[]) THEN e.squares[cardinality(e.squares) - " + strconv.Itoa(back) + "] END"
	}
	return at(3), at(2), at(1), at(0)
}

// near narrows the view to entries that lie in a box of degrees.
func (lv *logView) near(box geodata.Extent) {
	x0, y1 := squareOf(box[0], box[1])
	x1, y0 := squareOf(box[2], box[3])
	west, north, east, south := lv.place()
	in := west + " <= " + lv.arg(x1) + " AND " + east + " >= " + lv.arg(x0) + " AND " + north + " <= " + lv.arg(y1) + " AND " + south + " >= " + lv.arg(y0)
	lv.seen = "(" + in + " AND " + lv.seen + ")"
}

// by narrows the view to entries of a role, or of an account for whoever may read its name.
func (lv *logView) by(who string) {
	test := "e.role = " + lv.arg(who)
	if lv.who.Audience() == geodata.Staff {
		test = "(e.who = " + lv.arg(who) + " OR " + test + ")"
	}
	lv.seen = "(" + test + " AND " + lv.seen + ")"
}
