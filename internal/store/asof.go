package store

import (
	"context"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

// moment is the revision whose state a query asks for. It is ErrGivenUp where the log does not reach so far back.
func (s *Store) moment(ctx context.Context, db Querier, q Query) (geodata.Revision, error) {
	revision, oldest := q.Revision, geodata.Revision(0)
	var err error
	if revision == 0 {
		err = db.QueryRow(ctx, statement("revision_at"), q.AsOf).Scan(&revision, &oldest)
	} else {
		err = db.QueryRow(ctx, statement("given_up")).Scan(&oldest)
	}
	switch {
	case err != nil:
		return 0, failed(ctx, err, "find the revision of a moment")
	case revision < oldest:
		return 0, ErrGivenUp
	}
	return revision, nil
}

// ErrGivenUp is the fault of asking for a moment whose entries of the log were given up.
var ErrGivenUp = fault.New(fault.Gone, "history_given_up", fault.Text{
	VI: "Lịch sử trước thời điểm này đã được lược bỏ theo thời hạn lưu giữ. Hãy chọn một thời điểm muộn hơn.",
	EN: "The history before this moment was given up when its time was over. Choose a later moment.",
})

// asOf is the layer as it was after a revision, in the place of its table: the rows that have not changed since, and the others
// rewound by the log. Who does not see everything sees what could be seen then, of what can still be seen, or could when it was
// deleted: what was taken back from the public stays so.
func (v *view) asOf(revision geodata.Revision) string {
	table, layer := v.sh.table, v.arg(v.sh.layer.ID)+"::text"
	still := "true"
	if v.audience != geodata.Staff {
		still = statement("still", "{table}", table, "{layer}", layer, "{rows}", v.rows())
	}
	return strings.TrimSpace(statement("as_of", "{table}", table, "{layer}", layer, "{revision}", v.arg(revision)+"::bigint",
		"{columns}", v.sh.columns, "{values}", v.sh.values, "{still}", still))
}
