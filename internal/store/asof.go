package store

import (
	"context"

	"bando/geodata"
	"bando/geodata/past"
	"bando/internal/fault"
)

// moment is the revision whose state a query asks for. It is past.ErrGivenUp where the log does not reach so far back.
func (s *Store) moment(ctx context.Context, db Querier, q Query) (revision geodata.Revision, err error) {
	if revision = q.Revision; revision == 0 {
		revision, err = past.RevisionAt(ctx, db, q.AsOf)
	} else {
		err = past.Kept(ctx, db, revision)
	}
	if fault.KindOf(err) == fault.Gone {
		return 0, err
	}
	if err != nil {
		return 0, failed(ctx, err, "find the revision of a moment")
	}
	return revision, nil
}

// asOf is the layer as it was after a revision, in the place of its table, about where the query asks.
func (v *view) asOf(revision geodata.Revision, q Query) (string, error) {
	then := past.Layer{Layer: v.sh.layer, Revision: v.arg(revision) + "::bigint"}
	if v.audience != geodata.Staff {
		then.Seen = v.rows()
	}
	if q.Box != nil {
		boxes, err := v.boxes(*q.Box)
		if err != nil {
			return "", err
		}
		then.Near = v.near(boxes)
	}
	return then.SQL(), nil
}
