package live

import (
	"context"
	"slices"

	"bando/geodata"
	"bando/tiles"
)

// Drafter draws layers of a tile, uncompressed, so that they take no more than maxBytes where drawing them coarser can do
// it. Errors are as those of a tiles.Source.
type Drafter interface {
	Draw(ctx context.Context, r tiles.Request, maxBytes int) (tiles.Drawing, error)
}

// elsewhere is the layers of a tile that are not drawn from memory.
type elsewhere struct {
	request  tiles.Request // of those layers alone
	drawing  tiles.Drawing
	revision geodata.Revision
}

// ask has the layers drawn that are not in memory, all in one go. Without the database they are drawn as they were, if each
// has been read before: what was true is better than nothing, and says how old it is.
func (e *Engine) ask(ctx context.Context, r tiles.Request, drawings []drawing) (elsewhere, error) {
	var ids []string
	known := true
	for _, d := range drawings {
		if !d.held() {
			ids = append(ids, d.layer.declared.ID)
			known = known && d.view != nil
		}
	}
	if len(ids) == 0 {
		return elsewhere{}, nil
	}
	r.Layers = ids
	made, err := e.cfg.Fallback.Draw(ctx, r, tiles.MaxBytes)
	switch {
	case err == nil:
		return elsewhere{request: r, drawing: made, revision: geodata.Revision(made.Revision)}, nil
	case ctx.Err() == nil && known:
		return elsewhere{}, nil
	default:
		return elsewhere{}, err
	}
}

// place is where a layer is in the drawing; -1 for one that is drawn from memory.
func (w elsewhere) place(d drawing) int { return slices.Index(w.request.Layers, d.layer.declared.ID) }

// part is one layer in the tile that is being made.
type part struct {
	drawing
	from, to int
	stage    int
	left     left
	asked    bool // drawn elsewhere
	done     bool // drawing it coarser does not help
}

// left counts what is not in a layer of a tile.
type left struct {
	specks int // areas and lines much smaller than a pixel
	merged int // features that another one stands for
}

// put adds a layer that was drawn elsewhere.
func (a *artist) put(d drawing, data []byte, out tiles.LeftOut) {
	from := len(a.out)
	a.out = append(a.out, data...)
	a.parts = append(a.parts, part{drawing: d, from: from, to: len(a.out), left: left{out.Specks, out.Merged}, asked: true})
}

// fit draws layers of the tile coarser, the largest first, until it is small enough, and says what was left out.
func (e *Engine) fit(ctx context.Context, a *artist, w elsewhere) error {
	room := maxTileBytes - tiles.LeftOutRoom*(1+len(a.parts))
	for len(a.out) > room {
		i := a.largest()
		switch {
		case i < 0:
			a.tellLeft()
			return nil
		case a.parts[i].asked:
			if err := e.askLess(ctx, a, w, room); err != nil {
				return err
			}
		default:
			a.redraw(ctx, i)
			if err := ctx.Err(); err != nil {
				return err // the layer is not whole
			}
		}
	}
	a.tellLeft()
	return nil
}

// largest is the part that takes most of those which can be drawn coarser; -1 if none can.
func (a *artist) largest() int {
	largest := -1
	for i, p := range a.parts {
		if !p.done && (largest < 0 || p.to-p.from > a.parts[largest].to-a.parts[largest].from) {
			largest = i
		}
	}
	return largest
}

// askLess has the layers drawn elsewhere once more, in what the others leave, or in half of what they took.
func (e *Engine) askLess(ctx context.Context, a *artist, w elsewhere, room int) error {
	took := 0
	for _, p := range a.parts {
		if p.asked {
			took += p.to - p.from
		}
	}
	less, err := e.cfg.Fallback.Draw(ctx, w.request, max(room-(len(a.out)-took), took/2))
	if err != nil {
		return err
	}
	// It may show a later revision than before, and so shows at least what the tile says.
	takes := 0
	for i, p := range a.parts {
		if !p.asked {
			continue
		}
		k := w.place(p.drawing)
		p.left = left{less.LeftOut[k].Specks, less.LeftOut[k].Merged}
		a.replace(i, less.Layers[k], p)
		takes += len(less.Layers[k])
	}
	for i := range a.parts {
		a.parts[i].done = a.parts[i].done || a.parts[i].asked && takes >= took
	}
	return nil
}

func (a *artist) redraw(ctx context.Context, i int) {
	was := a.parts[i]
	drawn, now := a.layer(ctx, nil, was.drawing, was.stage+1)
	now.done = now.stage == lastStage
	a.replace(i, drawn, now)
}

// replace puts what was drawn anew in the place of a part.
func (a *artist) replace(i int, drawn []byte, now part) {
	was := a.parts[i]
	grown := len(drawn) - (was.to - was.from)
	a.out = slices.Replace(a.out, was.from, was.to, drawn...)
	now.from, now.to = was.from, was.from+len(drawn)
	a.parts[i] = now
	for k := i + 1; k < len(a.parts); k++ {
		a.parts[k].from += grown
		a.parts[k].to += grown
	}
}

// tellLeft adds the layer that tells what was left out, where something was.
func (a *artist) tellLeft() {
	var some [16]tiles.LeftOut
	all := some[:0]
	for _, p := range a.parts {
		all = append(all, tiles.LeftOut{Layer: p.layer.declared.ID, Specks: p.left.specks, Merged: p.left.merged})
	}
	a.out = tiles.AppendLeftOut(a.out, all)
}
