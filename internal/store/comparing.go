package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/past"
)

// comparing is some features of one layer as the reader sees them in two states.
type comparing struct {
	*Store
	q     Comparison
	layer geodata.Layer
	ids   []int64

	before, after map[int64]Item
	placed        map[int64]bool // lie in the box, before or after; nil when none is asked for
	still         map[int64]bool // what could be seen of them can be seen still; nil when that needs no look
}

func (c *comparing) read(ctx context.Context) (err error) {
	if c.q.Box != nil {
		c.placed = map[int64]bool{}
	}
	if c.before, err = c.state(ctx, c.q.Since); err != nil {
		return err
	}
	if c.after, err = c.state(ctx, c.q.Until); err != nil {
		return err
	}
	v := c.view(c.layer, c.q.Who)
	if v.audience == geodata.Staff || len(v.judgedBy(c.q.Who)) == 0 {
		return nil
	}
	c.still = map[int64]bool{}
	sql := "SELECT wanted.id FROM unnest(" + v.arg(c.ids) + "::bigint[]) AS wanted(id) WHERE " + v.still("wanted.id")
	return c.mark(ctx, sql, v.args, c.still)
}

// state reads the features after a revision, those too of which nothing may be told since they were taken back.
func (c *comparing) state(ctx context.Context, revision geodata.Revision) (map[int64]Item, error) {
	v := c.view(c.layer, c.q.Who)
	source := past.Layer{Layer: c.layer, Revision: v.arg(revision) + "::bigint", Among: v.arg(c.ids) + "::bigint[]"}.SQL()
	visible := v.rows()
	columns, sheet, err := v.sheet(Query{Layer: c.layer.ID}, order{layer: c.layer.ID})
	if err != nil {
		return nil, err
	}
	sql := statement("rows", "{columns}", columns, "{source}", source, "{where}", visible, "{order}", "f.id", "{limit}", "ALL")
	rows, err := c.pool.Query(ctx, sql, binaryRows(v.args)...)
	if err != nil {
		return nil, failed(ctx, err, "read layer %s after revision %d", c.layer.ID, revision)
	}
	items := make(map[int64]Item, len(c.ids))
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		item, err := sheet.read(row.RawValues(), nil)
		items[item.ID] = item
		return struct{}{}, err
	})
	if err != nil {
		return nil, failed(ctx, err, "read layer %s after revision %d", c.layer.ID, revision)
	}
	if c.q.Box == nil {
		return items, nil
	}
	in, err := v.within(Box{Extent: *c.q.Box})
	if err != nil {
		return nil, err
	}
	return items, c.mark(ctx, "SELECT f.id FROM "+source+" f WHERE "+visible+" AND "+in, v.args, c.placed)
}

// mark notes the ids that a question finds.
func (c *comparing) mark(ctx context.Context, sql string, args []any, found map[int64]bool) error {
	rows, err := c.pool.Query(ctx, sql, args...)
	if err == nil {
		var id int64
		_, err = pgx.ForEachRow(rows, []any{&id}, func() error { found[id] = true; return nil })
	}
	if err != nil {
		return failed(ctx, err, "compare features of layer %s", c.layer.ID)
	}
	return nil
}

// change is how a feature differs, if it does.
func (c *comparing) change(id int64) (Change, bool, error) {
	before, was := c.before[id]
	after, is := c.after[id]
	one := Change{Entry: Entry{Layer: c.layer.ID, Feature: id, Op: geodata.Delete, Revision: c.q.Until, Changed: map[string]FromTo{}, Shape: Shape{Dimension: -1}}}
	if c.still != nil && !c.still[id] {
		// It was taken back: who has it learns that it has to go, and nothing else. Where it was is hidden, so no box leaves it out.
		return one, was && !is, nil
	}
	if c.placed != nil && !c.placed[id] {
		return one, false, nil
	}
	switch {
	case is && was:
		one.Op = geodata.Update
	case is:
		one.Op = geodata.Create
	case !was:
		return one, false, nil
	}
	if is {
		one.Revision = after.Revision
	}
	one.Before, one.After = before.JSON, after.JSON
	differs, err := one.compare(c.shapes[c.layer.ID])
	return one, differs, err
}

// told is a feature as the reader sees it.
type told struct {
	Geometry   json.RawMessage
	Properties json.RawMessage
}

// parts takes a feature apart; nil is one without anything.
func (sh *shape) parts(feature json.RawMessage) (geometry *string, properties map[string]any, err error) {
	if feature == nil {
		return nil, nil, nil
	}
	var one told
	if err := json.Unmarshal(feature, &one); err != nil {
		return nil, nil, fmt.Errorf("read a feature of layer %s: %w", sh.layer.ID, err)
	}
	if text := string(one.Geometry); text != "null" {
		geometry = &text
	}
	properties, err = sh.decode(one.Properties)
	return geometry, properties, err
}

// compare fills in what differs between before and after, and reports whether anything does. The revision alone is no difference.
func (c *Change) compare(sh *shape) (bool, error) {
	here, was, err := sh.parts(c.Before)
	if err != nil {
		return false, err
	}
	there, is, err := sh.parts(c.After)
	if err != nil {
		return false, err
	}
	for _, f := range sh.fields {
		if from, to := was[f.Name], is[f.Name]; !reflect.DeepEqual(from, to) {
			c.Changed[f.Name] = FromTo{from, to}
		}
	}
	c.GeometryChanged = !reflect.DeepEqual(here, there)
	for _, properties := range []map[string]any{is, was} {
		for _, name := range []string{"name", "code"} {
			if text, ok := properties[name].(string); ok && c.Name == "" {
				c.Name = text
			}
		}
	}
	return c.Op != geodata.Update || len(c.Changed) > 0 || c.GeometryChanged, nil
}

// measure tells how far the shapes of changes changed.
func (s *Store) measure(ctx context.Context, changes []Change) error {
	var which []int
	var before, after []*string
	for i := range changes {
		if !changes[i].GeometryChanged {
			continue
		}
		sh := s.shapes[changes[i].Layer]
		here, _, err := sh.parts(changes[i].Before)
		if err != nil {
			return err
		}
		there, _, err := sh.parts(changes[i].After)
		if err != nil {
			return err
		}
		which, before, after = append(which, i), append(before, here), append(after, there)
	}
	if len(which) == 0 {
		return nil
	}
	sql := statement("changed_shapes", "{before}", "$1", "{after}", "$2", "{zone}", envelope(zone(), storageSRID))
	rows, err := s.pool.Query(ctx, sql, before, after)
	if err == nil {
		var n int
		var m Shape
		_, err = pgx.ForEachRow(rows, []any{&n, &m.Dimension, &m.AreaBefore, &m.AreaAfter, &m.LengthBefore, &m.LengthAfter, &m.Moved}, func() error {
			changes[which[n-1]].Shape = m
			return nil
		})
	}
	if err != nil {
		return failed(ctx, err, "measure %d shapes", len(which))
	}
	return nil
}
