package revert

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/store"
)

// page is how many features are read and compared at once.
const page = 1_000

// plan is one attempt: what the revision did, compared with what is there.
type plan struct {
	*Reverter
	who       auth.Person
	q         Request
	published bool
	last      bool // no other attempt will follow

	results []Result
	refused int            // of the results, those that never came to the door
	sent    []int          // by the change's place in the batch, the place of its result
	names   []string       // by the change's place in the batch
	unseen  bool           // something of the revision is not for the person to see
	back    map[string]int // features that come again, by layer
	refresh bool           // hamlets' shares of coverage are to be computed anew
}

// changes are what sets the revision's features back, in the reverse of its order.
func (p *plan) changes(ctx context.Context) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		found := 0
		for below := math.MaxInt32; ; {
			deeds, err := p.store.Deeds(ctx, p.q.Revision, below, page, p.q.Features)
			if err == nil {
				found += len(deeds)
				err = p.compare(ctx, deeds, yield)
			}
			if err == errStopped { //nolint:errorlint // it is ours and never wrapped
				return
			}
			if err == nil && len(deeds) < page {
				if p.q.Features != nil && found < len(p.q.Features) {
					yield(geodata.Change{}, ErrNotOfRevision)
				}
				return
			}
			if err != nil {
				yield(geodata.Change{}, err)
				return
			}
			below = deeds[len(deeds)-1].Last
		}
	}
}

// errStopped says that the door takes no more.
var errStopped = fmt.Errorf("no more changes are taken")

// compare reads the features as they are and hands on what sets them back.
func (p *plan) compare(ctx context.Context, deeds []store.Deed, yield func(geodata.Change, error) bool) error {
	ids := map[string][]int64{}
	for _, d := range deeds {
		ids[d.Layer] = append(ids[d.Layer], d.ID)
	}
	rows := map[string]map[int64]store.Row{}
	for layer, list := range ids {
		var err error
		if rows[layer], err = p.store.Rows(ctx, layer, list); err != nil {
			return err
		}
	}
	for _, d := range deeds {
		l, err := p.store.Catalogue().Layer(d.Layer)
		if err != nil {
			return err
		}
		c := comparison{Deed: d, layer: l, fields: p.fields(l)}
		if row, there := rows[d.Layer][d.ID]; there {
			c.now = &row
		}
		if !p.sees(c) {
			p.unseen = true
			continue
		}
		change, err := p.judge(ctx, c)
		if err != nil {
			return err
		}
		if change != nil && !yield(*change, nil) {
			return errStopped
		}
	}
	return nil
}

// fields are the attributes that are compared and set back: those that bando computes follow their rules, but what a publication
// wrote is its own.
func (p *plan) fields(l geodata.Layer) []geodata.Field {
	var fields []geodata.Field
	for _, f := range l.AllFields() {
		if !f.Computed || (p.published && l.ID != "hamlets") {
			fields = append(fields, f)
		}
	}
	return fields
}

// sees says whether the person sees the feature, as it is or as the revision found it.
func (p *plan) sees(c comparison) bool {
	if _, err := p.store.Layer(c.Layer, p.who); err != nil {
		return false
	}
	f := geodata.Feature{ID: c.ID, Properties: c.Before}
	if c.now != nil {
		f.Properties = c.now.Properties
	}
	return auth.MaySee(p.who, c.layer, f)
}

// judge makes the change that sets one feature back; nil where there is nothing to do, or something in the way.
func (p *plan) judge(ctx context.Context, c comparison) (*geodata.Change, error) {
	result := Result{Layer: c.Layer, ID: c.ID, Did: edit.Unchanged}
	change, conflict, err := c.change()
	if err != nil {
		return nil, err
	}
	if conflict == nil && change != nil && change.Op != geodata.Delete {
		conflict, err = p.arrives(ctx, c, *change, result)
		if err != nil {
			return nil, err
		}
	}
	if conflict != nil {
		result.Did, result.Conflict = edit.Refused, p.told(c, conflict)
		p.refused++
		change = nil
	}
	p.results = append(p.results, result)
	if change != nil {
		p.sent = append(p.sent, len(p.results)-1)
		p.names = append(p.names, c.name())
		if change.Op == geodata.Create {
			p.back[c.Layer]++
		}
		p.refresh = p.refresh || p.published || (c.Layer == "hamlets" && (change.HasGeometry || change.Op == geodata.Delete))
	}
	return change, nil
}

// arrives asks whether the person may bring back the state that the change brings back.
func (p *plan) arrives(ctx context.Context, c comparison, change geodata.Change, result Result) (*Conflict, error) {
	var now map[string]any
	then := map[string]any{}
	if c.now != nil {
		now = c.now.Properties
		maps.Copy(then, now)
	}
	for name, v := range change.Properties {
		if v == nil {
			delete(then, name)
		} else {
			then[name] = v
		}
	}
	err := p.review.MayArrive(ctx, p.who, c.layer, c.ID, now, then, p.q.Revision)
	f, isFault := fault.As(err)
	switch {
	case err == nil:
		return nil, nil //nolint:nilnil // nothing is in the way
	case !isFault || f.Kind() == fault.Internal || f.Kind() == fault.Busy || (!p.q.Each && hard(f)):
		return nil, err
	default:
		return conflictOf(result, c.name(), f), nil
	}
}

// comparison is what the revision did to a feature beside the feature as it is.
type comparison struct {
	store.Deed
	layer  geodata.Layer
	fields []geodata.Field
	now    *store.Row // nil where it is not there
}

func (c comparison) name() string {
	sides := []map[string]any{c.Before, c.After}
	if c.now != nil {
		sides = append([]map[string]any{c.now.Properties}, sides...)
	}
	for _, field := range []string{"name", "code"} {
		for _, side := range sides {
			if text, _ := side[field].(string); text != "" {
				return text
			}
		}
	}
	return ""
}

// change makes what sets the feature back, or tells what is in the way; neither where it is as it was.
func (c comparison) change() (*geodata.Change, *Conflict, error) {
	switch {
	case !c.Was && (!c.Is || c.now == nil): // it came and went, or has gone since
		return nil, nil, nil
	case !c.Was:
		return c.remove()
	case c.now == nil && !c.Is:
		return c.restore()
	case c.now == nil:
		return nil, c.conflict(codeDeleted), nil
	case !c.Is:
		return c.occupied()
	default:
		return c.setBack()
	}
}

// remove takes away what the revision brought, where it is still what the revision brought.
func (c comparison) remove() (*geodata.Change, *Conflict, error) {
	conflict := c.conflict(codeChanged)
	for _, f := range c.fields {
		if now := c.now.Properties[f.Name]; !same(now, c.After[f.Name]) {
			conflict.add(f, nil, c.After[f.Name], now)
		}
	}
	conflict.Geometry = c.Moved && !sameShape(c.now.EWKB, c.AfterShape)
	if conflict.some() {
		return nil, conflict, nil
	}
	return &geodata.Change{Layer: c.Layer, Op: geodata.Delete, ID: c.ID, Expect: &c.now.Revision}, nil, nil
}

// restore brings back what the revision deleted, under its old id.
func (c comparison) restore() (*geodata.Change, *Conflict, error) {
	change := &geodata.Change{Layer: c.Layer, Op: geodata.Create, ID: c.ID, Properties: map[string]any{}}
	for _, f := range c.fields {
		change.Properties[f.Name] = c.Before[f.Name]
	}
	err := shape(change, c.BeforeShape)
	return change, nil, err
}

// occupied tells of an id that is a feature's again.
func (c comparison) occupied() (*geodata.Change, *Conflict, error) {
	conflict := c.conflict(codeTaken)
	for _, f := range c.fields {
		if now := c.now.Properties[f.Name]; !same(now, c.Before[f.Name]) {
			conflict.add(f, c.Before[f.Name], nil, now)
		}
	}
	conflict.Geometry = !sameShape(c.now.EWKB, c.BeforeShape)
	if conflict.some() {
		return nil, conflict, nil
	}
	return nil, nil, nil
}

// setBack sets back what the revision changed, where nobody has changed it since.
func (c comparison) setBack() (*geodata.Change, *Conflict, error) {
	change := &geodata.Change{Layer: c.Layer, Op: geodata.Merge, ID: c.ID, Properties: map[string]any{}, Expect: &c.now.Revision}
	conflict := c.conflict(codeChanged)
	for _, f := range c.fields {
		back, touched := c.Before[f.Name]
		set, now := c.After[f.Name], c.now.Properties[f.Name]
		switch {
		case !touched || same(back, set) || same(now, back):
		case same(now, set):
			change.Properties[f.Name] = back
		default:
			conflict.add(f, back, set, now)
		}
	}
	if c.Moved && !sameShape(c.BeforeShape, c.AfterShape) && !sameShape(c.now.EWKB, c.BeforeShape) {
		conflict.Geometry = !sameShape(c.now.EWKB, c.AfterShape)
		if err := shape(change, c.BeforeShape); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case conflict.some():
		return nil, conflict, nil
	case len(change.Properties) == 0 && !change.HasGeometry:
		return nil, nil, nil
	}
	return change, nil, nil
}

// shape gives the change its geometry.
func shape(c *geodata.Change, bytes []byte) (err error) {
	c.HasGeometry = true
	if bytes != nil {
		c.Geometry, err = ewkb.Decode(bytes)
	}
	return err
}
