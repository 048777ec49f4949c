package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb/encoding/mvt"

	"bando/tiles"
)

// sample is how many tiles are decoded to see whether two servers draw the same.
const sample = 200

// agree decodes a part of the list from both servers and tells in how many tiles which layers hold the same features, so that
// nobody is compared on empty tiles.
func (m *comparison) agree(ctx context.Context, b *bando, set string, list []tiles.Coord, other peer) error {
	list = list[:min(len(list), sample)]
	pick := load{readers: 1, once: true, keep: true}
	ours, err := pick.run(ctx, b.tiles, b.tiles.tiles(set, "identity", list))
	if err != nil {
		return err
	}
	theirs, err := pick.run(ctx, other.at, other.at.tiles(other.layers, "identity", list))
	if err != nil {
		return err
	}
	type tally struct{ same, tiles, ours, theirs int }
	by, empty := map[string]*tally{}, 0
	for i := range list {
		mine, err := featuresOf(ours.kept[i].body)
		if err != nil {
			return fmt.Errorf("bando's tile %s: %w", list[i], err)
		}
		yours, err := featuresOf(theirs.kept[i].body)
		if err != nil {
			return fmt.Errorf("the peer's tile %s: %w", list[i], err)
		}
		if len(mine) == 0 {
			empty++
		}
		for layer := range strings.SplitSeq(set, ",") {
			t := by[layer]
			if t == nil {
				t = &tally{}
				by[layer] = t
			}
			if len(mine[layer])+len(yours[layer]) == 0 {
				continue
			}
			t.tiles++
			t.ours, t.theirs = t.ours+len(mine[layer]), t.theirs+len(yours[layer])
			if slices.Equal(mine[layer], yours[layer]) {
				t.same++
			}
		}
	}
	say(m.out, "what is drawn, over %d tiles (%d of ours empty):", len(list), empty)
	for layer := range strings.SplitSeq(set, ",") {
		t := by[layer]
		say(m.out, "  %-12s %7d features here, %7d at the peer; the same in %d of %d tiles", layer, t.ours, t.theirs, t.same, t.tiles)
	}
	return nil
}

// featuresOf lists the ids of a tile by layer, in order.
func featuresOf(data []byte) (map[string][]float64, error) {
	found := map[string][]float64{}
	if len(data) == 0 {
		return found, nil
	}
	decoded, err := mvt.Unmarshal(data)
	if err != nil {
		return nil, err
	}
	for _, l := range decoded {
		for _, f := range l.Features {
			id, ok := f.ID.(float64)
			if !ok {
				return nil, fmt.Errorf("a feature of %s has no id", l.Name)
			}
			found[l.Name] = append(found[l.Name], id)
		}
		slices.Sort(found[l.Name])
	}
	return found, nil
}
