package main

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata/layers"
	"bando/tiles"
)

//go:embed sql/parcel_indexes.sql
var parcelIndexesSQL string

//go:embed sql/copy_parcels.sql
var copyParcelsSQL string

// firstCopy and its followers replace the first two digits of the former commune's code in the copies; the demo's codes are lower.
const firstCopy = 50

// beyond copies the parcels side by side until there are more than fit into the memory allowed, and asks for tiles then.
func (g *growth) beyond(ctx context.Context, w *grown) error {
	began := time.Now()
	if err := w.stand.copyParcels(ctx, g.fallback/w.parcels); err != nil {
		return err
	}
	found, err := places(ctx, w.stand.db, everywhere)
	if err != nil {
		return err
	}
	say(g.out, "\n%d parcels, --memory %s: copied in the database beside the log in %.0f s", g.fallback/w.parcels*w.parcels, g.memory, time.Since(began).Seconds())
	b, err := w.stand.serve(ctx, "--memory", g.memory, "--cache", "64MB")
	if err != nil {
		return err
	}
	defer b.stop()
	first, err := b.firstTile(ctx, g.encoding, tileAt(16, found[len(found)/2]))
	if err != nil {
		return err
	}
	if err := b.settled(ctx); err != nil {
		return err
	}
	ready := time.Since(b.began)
	list := draw(found, [2]int{14, lastZoom}, g.count/4, g.seed)
	list = slices.DeleteFunc(list, func(c tiles.Coord) bool { return c.Z() < 14 })
	l := load{readers: g.clients, once: true, during: maxPass, servers: []*process{b.process}}
	s, err := l.run(ctx, b.tiles, b.tiles.tiles("parcels", g.encoding, list))
	if err != nil {
		return err
	}
	u, err := usageOf(b.pid())
	if err != nil {
		return err
	}
	say(g.out, "  first tile %.2f s after the start (bar: 1), every layer has found its way after %.2f s", first.Seconds(), ready.Seconds())
	say(g.out, "  %d tiles, %d readers: p50 %s ms, p99 %s ms, %d empty, %d failed", len(s.latencies), g.clients, ms(s.at(0.5)), ms(s.at(0.99)), s.empty, s.wrong)
	say(g.out, "  resident %d MB, at most %d MB (allowed: %s for layers, 64MB for tiles, and the program itself)", u.resident>>20, u.top>>20, g.memory)
	return b.told(ctx, g)
}

// told prints what /health says of the memory and the way of parcels.
func (b *bando) told(ctx context.Context, g *growth) error {
	var health struct {
		Layers map[string]struct {
			State string
			Bytes int
		}
		Memory int `json:"memory_bytes"`
		Max    int `json:"max_memory_bytes"`
	}
	if err := b.json(ctx, "/health", &health); err != nil {
		return err
	}
	say(g.out, "  /health: parcels from %s; layers take %d of %d bytes", health.Layers["parcels"].State, health.Memory, health.Max)
	return nil
}

// copyParcels lays copies of all parcels side by side, until there are that many times as many. The triggers rest meanwhile:
// nothing is written to the log, since nobody serves these rows yet. The indexes are made again at the end, which is faster.
func (s *stand) copyParcels(ctx context.Context, times int) error {
	catalogue, err := layers.Builtin()
	if err != nil {
		return err
	}
	l, err := catalogue.Layer("parcels")
	if err != nil {
		return err
	}
	var columns strings.Builder
	for _, f := range l.AllFields() {
		if f.Name != "former_commune" && f.Name != "source_ref" {
			columns.WriteString(", " + pgx.Identifier{f.Name}.Sanitize())
		}
	}
	rows, err := s.db.Query(ctx, parcelIndexesSQL)
	if err != nil {
		return err
	}
	type index struct{ Name, Definition string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByName[index])
	if err != nil {
		return err
	}
	if firstCopy+times > 99 {
		return fmt.Errorf("%d copies are too many", times)
	}
	do := func(sql string, args ...any) {
		if err == nil {
			if _, err = s.db.Exec(ctx, sql, args...); err != nil {
				err = fmt.Errorf("%s: %w", sql, err)
			}
		}
	}
	do("ALTER TABLE layer.parcels DISABLE TRIGGER USER")
	for _, i := range indexes {
		do("DROP INDEX layer." + pgx.Identifier{i.Name}.Sanitize())
	}
	var last int64
	var width float64
	if err == nil {
		err = s.db.QueryRow(ctx, "SELECT max(id), ST_XMax(ST_Extent(geom)) - ST_XMin(ST_Extent(geom)) + 0.01 FROM layer.parcels").Scan(&last, &width)
	}
	for n := 1; n < times; n++ {
		do(fmt.Sprintf(copyParcelsSQL, columns.String(), columns.String()), float64(n)*width, strconv.Itoa(firstCopy+n), last)
	}
	for _, i := range indexes {
		do(i.Definition)
	}
	do("ALTER TABLE layer.parcels ENABLE TRIGGER USER")
	do("ANALYZE layer.parcels")
	return err
}
