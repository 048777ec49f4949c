package postgis

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/tiles"
)

const (
	// leastFeature is about what the smallest feature takes in a tile, in bytes.
	leastFeature = 25
	// most is how many features of a layer are drawn before any is left out: more cannot fit.
	most = tiles.MaxBytes / leastFeature
	// usualFeature bounds what is expected of a small feature, in bytes, from what the layer took before.
	usualFeature = 100
)

// sketch is the layers of a tile while they are drawn, and the revision that all of them show at least.
type sketch struct {
	layers   []drawn
	revision int64
}

// drawn is one layer of a tile.
type drawn struct {
	*part
	data     []byte
	features int // that were found and may be drawn
	left     tiles.LeftOut
	cut      bool   // there are too many features to draw them all
	sieve    *sieve // once the layer is drawn coarser
}

// done reports whether drawing the layer coarser does not help.
func (d *drawn) done() bool { return d.part == nil || d.sieve != nil && d.sieve.stage == lastStage }

func (k *sketch) drawing() tiles.Drawing {
	d := tiles.Drawing{Revision: k.revision}
	for _, l := range k.layers {
		d.Layers, d.LeftOut = append(d.Layers, l.data), append(d.LeftOut, l.left)
	}
	return d
}

// size is what the layers take, in bytes.
func (k *sketch) size() (sum int) {
	for _, l := range k.layers {
		sum += len(l.data)
	}
	return sum
}

// whole draws every layer as it is, but for those with too many features.
func (s *Source) whole(ctx context.Context, r tiles.Request, parts []*part) (*sketch, error) {
	k := &sketch{layers: make([]drawn, len(parts))}
	for i, p := range parts {
		k.layers[i] = drawn{part: p, left: tiles.LeftOut{Layer: r.Layers[i]}}
	}
	rows, err := s.query(ctx, together(r.Coord, parts))
	if err != nil {
		return nil, err
	}
	var (
		nth           int
		found, specks int64
		data          []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&nth, &found, &specks, &data}, func() error {
		if nth < 0 {
			k.revision = found
			return nil
		}
		l := &k.layers[nth]
		l.data, l.features, l.left.Specks, l.cut = data, int(found-specks), int(specks), found > most
		data = nil // the next row gets bytes of its own
		return nil
	})
	return k, err
}

// fit draws layers coarser, the largest first, until all take no more than maxBytes.
func (s *Source) fit(ctx context.Context, k *sketch, maxBytes int) error {
	for i := range k.layers {
		if l := &k.layers[i]; l.cut {
			if err := s.coarser(ctx, l, maxBytes); err != nil {
				return err
			}
		}
	}
	for k.size() > maxBytes {
		var largest *drawn
		for i := range k.layers {
			if l := &k.layers[i]; !l.done() && (largest == nil || len(l.data) > len(largest.data)) {
				largest = l
			}
		}
		if largest == nil {
			return nil
		}
		room := maxBytes - (k.size() - len(largest.data))
		if err := s.coarser(ctx, largest, max(room, len(largest.data)/2)); err != nil {
			return err
		}
	}
	return nil
}

// coarser draws a layer again, a stage coarser or as many as it takes to come near the room there is. What was cut begins
// with the features as they are: those that are no specks may be few.
func (s *Source) coarser(ctx context.Context, l *drawn, room int) error {
	each := leastFeature
	if l.data != nil && l.features > 0 {
		each = min(max(len(l.data)/l.features, leastFeature), usualFeature)
	}
	switch {
	case l.sieve != nil:
		l.sieve.coarsen()
	default:
		first := 1
		if l.cut {
			first = 0
		}
		l.sieve = newSieve(boxOf(l.coord), first)
		if err := s.sift(ctx, l); err != nil {
			return err
		}
	}
	for l.sieve.count()*each > room && l.sieve.stage < lastStage {
		l.sieve.coarsen()
	}
	c, merged := l.sieve.choose()
	l.features, l.left.Specks, l.left.Merged = l.sieve.count(), l.sieve.specks, merged
	st := l.coarse(c, l.sieve.stage)
	args := append([]any{s.prepared.mode(st)}, st.args...)
	if err := s.cfg.DB.QueryRow(ctx, st.sql, args...).Scan(&l.data); err != nil {
		return fmt.Errorf("draw layer %s coarser: %w", l.layer.ID, err)
	}
	return nil
}

// sift sorts the boxes of a layer's features into cells.
func (s *Source) sift(ctx context.Context, l *drawn) error {
	rows, err := s.query(ctx, l.boxes())
	if err != nil {
		return err
	}
	noSpecks, tile := l.specks(), boxOf(l.coord)
	var in found
	_, err = pgx.ForEachRow(rows, []any{&in.id, &in.box, &in.dimension, &in.area}, func() error {
		if in.box.Valid {
			if noSpecks && in.speck(tile) {
				l.sieve.specks++
			} else {
				l.sieve.add(&in)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sort layer %s into cells: %w", l.layer.ID, err)
	}
	return nil
}

func (s *Source) query(ctx context.Context, st *statement) (pgx.Rows, error) {
	rows, err := s.cfg.DB.Query(ctx, st.sql, append([]any{s.prepared.mode(st)}, st.args...)...)
	if err != nil {
		return nil, fmt.Errorf("ask for features: %w", err)
	}
	return rows, nil
}
