package store

import (
	"context"
	"strings"
	"time"

	"bando/geodata"
)

// asOf is the layer as it was at a moment, in the place of its table: the rows that have not changed since, and the others
// rewound by the log. Who does not see everything sees what could be seen then, of what can still be seen, or could when it was
// deleted: what was taken back from the public stays so.
func (s *Store) asOf(ctx context.Context, v *view, at time.Time) (string, error) {
	var revision geodata.Revision
	if err := s.pool.QueryRow(ctx, statement("revision_at"), at).Scan(&revision); err != nil {
		return "", failed(ctx, err, "find the revision of %s", at.Format(time.RFC3339))
	}
	table, layer := v.sh.table, v.arg(v.sh.layer.ID)+"::text"
	still := "true"
	if v.audience != geodata.Staff {
		still = statement("still", "{table}", table, "{layer}", layer, "{rows}", v.rows())
	}
	return strings.TrimSpace(statement("as_of", "{table}", table, "{layer}", layer, "{revision}", v.arg(revision)+"::bigint",
		"{columns}", v.sh.columns, "{values}", v.sh.values, "{still}", still)), nil
}
