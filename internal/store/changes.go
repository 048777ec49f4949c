package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/past"
	"bando/internal/auth"
)

// Comparison asks what differs between the states after two revisions, feature by feature, by layer and id.
type Comparison struct {
	Who          auth.Person
	Since, Until geodata.Revision
	Layers       []string        // nil for all that the person may see
	Box          *geodata.Extent // in degrees, of where features were or are as the person sees them; nil for everywhere
	// AfterLayer and AfterID are the last feature of the page before; the first page is behind "" and 0.
	AfterLayer string
	AfterID    int64
	Limit      int
}

// Change is how a feature differs. Its revision, moment, author and reason are those of the last entry between that tells the
// reader something; where none does, the moment is zero and the revision that of the later state.
type Change struct {
	Entry
	Edits         int64           // entries between that tell the reader something
	Before, After json.RawMessage // nil where it was not there, or not for the reader
}

// candidates is how many features are compared at once.
const candidates = 500

// Changes finds what differs for the reader. More says that there are others behind them. It is past.ErrGivenUp where the log does
// not reach back to Since.
func (s *Store) Changes(ctx context.Context, q Comparison) (found []Change, more bool, err error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	if err := past.Kept(ctx, s.pool, q.Since); err != nil {
		return nil, false, keptFault(ctx, err)
	}
	lv, err := s.logView(q.Who, q.Layers)
	if err != nil {
		return nil, false, err
	}
	slices.Sort(lv.layers)
	for _, layer := range lv.layers {
		after := int64(0)
		switch cmp.Compare(layer, q.AfterLayer) {
		case -1:
			continue
		case 0:
			after = q.AfterID
		}
		for len(found) <= q.Limit {
			ids, err := s.changedFeatures(ctx, layer, q, after)
			if err != nil {
				return nil, false, err
			}
			changes, err := s.changesAmong(ctx, layer, q, ids)
			if err != nil {
				return nil, false, err
			}
			found = append(found, changes...)
			if len(ids) < candidates {
				break
			}
			after = ids[len(ids)-1]
		}
	}
	more = len(found) > q.Limit
	found = found[:min(len(found), q.Limit)]
	return found, more, s.measure(ctx, found)
}

// changedFeatures are the next features of the layer that have entries in the span.
func (s *Store) changedFeatures(ctx context.Context, layer string, q Comparison, after int64) ([]int64, error) {
	sql := statement("changed_features", "{layer}", "$1", "{since}", "$2", "{until}", "$3", "{after}", "$4", "{limit}", "$5")
	rows, err := s.pool.Query(ctx, sql, layer, q.Since, q.Until, after, candidates)
	if err == nil {
		var ids []int64
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err == nil {
			return ids, nil
		}
	}
	return nil, failed(ctx, err, "find changed features of layer %s", layer)
}

// changesAmong compares features of one layer.
func (s *Store) changesAmong(ctx context.Context, layer string, q Comparison, ids []int64) ([]Change, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	l, err := s.Layer(layer, q.Who)
	if err != nil {
		return nil, err
	}
	c := comparing{Store: s, q: q, layer: l, ids: ids}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	var changes []Change
	for _, id := range ids {
		change, differs, err := c.change(id)
		if err != nil {
			return nil, err
		}
		if differs {
			changes = append(changes, change)
		}
	}
	return changes, c.authors(ctx, changes)
}

// authors tells of each change who made it last, when and why.
func (c *comparing) authors(ctx context.Context, changes []Change) error {
	at := make(map[int64]*Change, len(changes))
	ids := make([]int64, len(changes))
	for i := range changes {
		at[changes[i].Feature], ids[i] = &changes[i], changes[i].Feature
	}
	v := c.view(c.layer, c.q.Who)
	see := v.sight(c.q.Who)
	sql := statement("changed_last", "{seen}", see.seen, "{ids}", v.arg(ids), "{layer}", v.arg(c.layer.ID), "{since}", v.arg(c.q.Since), "{until}", v.arg(c.q.Until))
	rows, err := c.pool.Query(ctx, sql, v.args...)
	if err == nil {
		var id, edits int64
		var revision geodata.Revision
		var moment time.Time
		var who, role, why string
		_, err = pgx.ForEachRow(rows, []any{&id, &revision, &moment, &who, &role, &why, &edits}, func() error {
			one := at[id]
			one.Revision, one.At, one.Role, one.Why, one.Edits = revision, moment, geodata.Role(role), why, edits
			if v.audience == geodata.Staff {
				one.Who = who
			}
			return nil
		})
	}
	if err != nil {
		return failed(ctx, err, "find who changed features of layer %s", c.layer.ID)
	}
	return nil
}
