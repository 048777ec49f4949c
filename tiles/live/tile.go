package live

import (
	"bytes"
	"context"

	"bando/geodata"
	"bando/tiles"
)

// Tile makes one tile, uncompressed and without a tag. A layer that is unknown or not for the audience is
// geodata.ErrNoLayer. Layers that are not in memory are drawn by the fallback into the same tile; the revision is then that
// of the oldest part.
func (e *Engine) Tile(ctx context.Context, r tiles.Request) (tile tiles.Tile, err error) {
	if err := ctx.Err(); err != nil {
		return tiles.Tile{}, err
	}
	head := geodata.Revision(e.head.Load()) // before the views, which can only be newer
	var some [16]drawing
	drawings, err := e.plan(some[:0], r)
	if err != nil {
		return tiles.Tile{}, err
	}
	a := e.artist()
	defer e.rest(a)
	defer a.caught(&err)
	a.begin(r.Coord.Z(), r.Coord.X(), r.Coord.Y())
	elsewhere, err := e.ask(ctx, r, drawings)
	if err != nil {
		return tiles.Tile{}, err
	}
	revision := head
	for i, d := range drawings {
		shown := elsewhere.revision
		if k := elsewhere.place(d); k >= 0 {
			a.put(d, elsewhere.drawing.Layers[k], elsewhere.drawing.LeftOut[k])
		} else {
			shown = a.memory(ctx, d, head)
		}
		if err := ctx.Err(); err != nil {
			return tiles.Tile{}, err // the layer is not whole
		}
		if i == 0 || shown < revision {
			revision = shown
		}
	}
	if err := e.fit(ctx, a, elsewhere); err != nil {
		return tiles.Tile{}, err
	}
	return tiles.Tile{Data: bytes.Clone(a.out), Revision: int64(revision), Way: wayOf(drawings)}, nil
}

// wayOf tells how the layers of a tile go.
func wayOf(drawings []drawing) tiles.Way {
	inMemory := 0
	for _, d := range drawings {
		if d.held() {
			inMemory++
		}
	}
	switch inMemory {
	case len(drawings):
		return tiles.FromMemory
	case 0:
		return tiles.FromDatabase
	default:
		return tiles.FromBoth
	}
}

func (e *Engine) artist() *artist {
	select {
	case a := <-e.artists:
		return a
	default:
		return newArtist()
	}
}

// rest keeps an artist and its memory for the next tile, unless there are enough or a huge tile has made it large.
func (e *Engine) rest(a *artist) {
	clear(a.parts) // they hold views
	if cap(a.out)+24*cap(a.hits)+40*cap(a.groups) > maxRest {
		return
	}
	select {
	case e.artists <- a:
	default:
	}
}

// maxRest bounds the memory that an artist at rest keeps, in bytes.
const maxRest = 8 << 20

// plan lists what is to be drawn, with the views of now.
func (e *Engine) plan(drawings []drawing, r tiles.Request) ([]drawing, error) {
	if len(r.Layers) == 0 {
		return nil, geodata.ErrNoLayer
	}
	bit := bitOf(geodata.Audience(r.Audience))
	for _, id := range r.Layers {
		l := e.layers[id]
		if l == nil || !l.declared.Sees(geodata.Audience(r.Audience)) {
			declared, err := e.cfg.Catalogue.Layer(id)
			if err != nil {
				return nil, err
			}
			if !declared.Sees(geodata.Audience(r.Audience)) {
				return nil, geodata.ErrNoLayer.With("collection", id)
			}
			continue // it has no tiles
		}
		if c := l.sheets[r.Coord.Z()][bit>>1]; c != nil {
			drawings = append(drawings, drawing{layer: l, view: l.view.Load(), columns: c, bit: bit})
		}
	}
	return drawings, nil
}

// held reports whether the layer is in memory and true.
func (d drawing) held() bool { return d.view != nil && !d.view.behind }

// memory draws a layer from its view. It shows head, or what it was read with when that is more; one that is behind shows
// what it was read with.
func (a *artist) memory(ctx context.Context, d drawing, head geodata.Revision) geodata.Revision {
	var p part
	a.out, p = a.layer(ctx, a.out, d, 0)
	a.parts = append(a.parts, p)
	if !d.held() {
		return d.view.revision
	}
	return max(head, d.view.revision)
}
