package bake

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/klauspost/compress/gzip"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/archive"
)

// Job is what is to be baked from what.
type Job struct {
	Plan Plan
	// Source makes tiles uncompressed, all of them at Revision.
	Source   tiles.Source
	Covers   Covers
	Revision geodata.Revision
	// Workers is how many tiles are drawn at once, at least one.
	Workers int
	// Progress, if any, is told now and then; calls do not overlap.
	Progress func(Progress)
}

// Progress tells how far the work is.
type Progress struct {
	Seen, Total int    // tiles seen to, of those that may hold something
	Tiles       uint64 // tiles in the archive
	Bytes       uint64 // of their data, contents that repeat counted once
}

const (
	// batchTiles is how many tiles a worker draws at a time.
	batchTiles = 16
	// ahead is how many batches a worker may be before the one that is written: tiles take very different times.
	ahead = 4
	// packLevel is gzip's effort. Against 1 it makes six layers of the demo 10 % smaller for 15 % more processor time in all;
	// 9 would save another 1 % and take twice as long.
	packLevel = 6
)

// batch is some tiles in order, and what came of them.
type batch struct {
	coords []tiles.Coord
	packed [][]byte
	err    error
	done   chan struct{}
}

// Run adds to the writer what it does not have yet. When ctx ends, or a tile cannot be made, everything added so far is
// kept for another time.
func Run(ctx context.Context, w *archive.Writer, j Job) (err error) {
	walk := walker{plan: j.Plan, ids: j.Plan.IDs(), covers: j.Covers}
	progress, err := j.count(ctx, walk, w)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	workers := max(j.Workers, 1)
	work := make(chan *batch)
	order := make(chan *batch, ahead*workers)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	for range workers {
		group.Go(func() { j.serve(ctx, walk.ids, work) })
	}
	walk.from = w.Begun().Next
	listed := make(chan error, 1)
	group.Go(func() {
		defer close(order)
		defer close(work)
		listed <- list(ctx, walk, work, order)
	})
	for b := range order {
		if err := j.add(ctx, w, b, &progress); err != nil {
			return keep(w, err)
		}
	}
	return keep(w, <-listed)
}

// keep makes last what was added, whatever ended the work.
func keep(w *archive.Writer, err error) error {
	if failed := w.Sync(); err == nil {
		return failed
	}
	return err
}

// count lists the tiles once before any is drawn, to know how many there are.
func (j Job) count(ctx context.Context, walk walker, w *archive.Writer) (p Progress, err error) {
	next := w.Begun().Next
	err = walk.walk(ctx, func(c tiles.Coord) error {
		p.Total++
		if archive.TileID(c) < next {
			p.Seen++
		}
		return nil
	})
	return p, err
}

// list hands the tiles out in batches: to whoever draws them, and in order to the writer.
func list(ctx context.Context, walk walker, work, order chan<- *batch) error {
	b := &batch{done: make(chan struct{})}
	hand := func() error {
		for _, to := range []chan<- *batch{order, work} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b = &batch{done: make(chan struct{})}
		return nil
	}
	err := walk.walk(ctx, func(c tiles.Coord) error {
		b.coords = append(b.coords, c)
		if len(b.coords) < batchTiles {
			return nil
		}
		return hand()
	})
	if err == nil && len(b.coords) > 0 {
		err = hand()
	}
	return err
}

// add writes a batch when it is drawn.
func (j Job) add(ctx context.Context, w *archive.Writer, b *batch, p *Progress) error {
	select {
	case <-b.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	for i, data := range b.packed {
		if err := w.Add(b.coords[i], data); err != nil {
			return err
		}
	}
	if b.err != nil {
		return b.err
	}
	p.Seen += len(b.coords)
	p.Tiles, p.Bytes = w.Counts()
	if j.Progress != nil {
		j.Progress(*p)
	}
	return nil
}

// serve draws batches until there are none.
func (j Job) serve(ctx context.Context, ids []string, work <-chan *batch) {
	var p packer
	for b := range work {
		b.packed = make([][]byte, 0, len(b.coords))
		for _, c := range b.coords {
			var data []byte
			if data, b.err = j.draw(ctx, &p, ids, c); b.err != nil {
				break
			}
			b.packed = append(b.packed, data)
		}
		close(b.done)
	}
}

func (j Job) draw(ctx context.Context, p *packer, ids []string, c tiles.Coord) ([]byte, error) {
	t, err := j.Source.Tile(ctx, tiles.Request{Layers: ids, Audience: string(j.Plan.Audience), Coord: c})
	switch {
	case err != nil:
		return nil, fmt.Errorf("tile %s: %w", c, err)
	case t.Encoding != tiles.Identity:
		return nil, fmt.Errorf("tile %s comes compressed as %s", c, t.Encoding)
	case t.Revision != int64(j.Revision):
		return nil, fmt.Errorf("tile %s shows revision %d instead of %d", c, t.Revision, j.Revision)
	case len(t.Data) == 0:
		return nil, nil
	}
	return p.pack(t.Data)
}

// packer compresses tiles, each with the same bytes for the same tile.
type packer struct {
	gzip *gzip.Writer
	out  bytes.Buffer
}

func (p *packer) pack(data []byte) (packed []byte, err error) {
	if p.gzip == nil {
		if p.gzip, err = gzip.NewWriterLevel(nil, packLevel); err != nil {
			return nil, err
		}
	}
	p.out.Reset()
	p.gzip.Reset(&p.out)
	if _, err := p.gzip.Write(data); err != nil {
		return nil, fmt.Errorf("compress a tile: %w", err)
	}
	if err := p.gzip.Close(); err != nil {
		return nil, fmt.Errorf("compress a tile: %w", err)
	}
	return bytes.Clone(p.out.Bytes()), nil
}
