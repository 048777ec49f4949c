// Package past is the layers as they were: the revision of the log that a moment has, and a layer as it was after a revision,
// as SQL in the place of its table. Features and tiles of a moment are both read from it.
package past

import (
	"context"
	_ "embed"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/fault"
)

var (
	//go:embed sql/layer.sql
	layerSQL string
	//go:embed sql/entries_of.sql
	entriesOfSQL string
	//go:embed sql/features_near.sql
	featuresNearSQL string
	//go:embed sql/still.sql
	stillSQL string
	//go:embed sql/revision_at.sql
	revisionAtSQL string
	//go:embed sql/given_up.sql
	givenUpSQL string
)

// ErrGivenUp is the fault of asking for a moment whose entries of the log were given up.
var ErrGivenUp = fault.New(fault.Gone, "history_given_up", fault.Text{
	VI: "Lịch sử trước thời điểm này đã được lược bỏ theo thời hạn lưu giữ. Hãy chọn một thời điểm muộn hơn.",
	EN: "The history before this moment was given up when its time was over. Choose a later moment.",
})

// Querier is the part of a connection that is asked for revisions.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// RevisionAt is the newest revision at a moment, 0 before the first. It is ErrGivenUp where the log does not reach so far back.
func RevisionAt(ctx context.Context, db Querier, at time.Time) (geodata.Revision, error) {
	var revision geodata.Revision
	if err := db.QueryRow(ctx, revisionAtSQL, at).Scan(&revision); err != nil {
		return 0, err
	}
	return revision, Kept(ctx, db, revision)
}

// Kept refuses a revision that the log does not reach back to: it is ErrGivenUp.
func Kept(ctx context.Context, db Querier, revision geodata.Revision) error {
	var givenUp geodata.Revision
	if err := db.QueryRow(ctx, givenUpSQL).Scan(&givenUp); err != nil {
		return err
	}
	if revision < givenUp {
		return ErrGivenUp
	}
	return nil
}

// Layer is a layer as it was after a revision: the rows that have not changed since, and the others rewound by the log. All
// but the declaration is SQL; values in it are places of parameters.
type Layer struct {
	geodata.Layer
	Revision string // a bigint
	// Seen is the condition, over a row f, of what the reader sees; "" for who sees everything. Who does not sees what could be
	// seen then, of what can still be seen, or could when it was deleted: what was taken back from the public stays so. That it
	// could be seen then is for the reader of this SQL to ask, as of a table.
	Seen string
	// Near is a condition on the geometry "{geom}", such as "{geom} && …", that spares rewinding what lay elsewhere; "" for
	// everywhere. Rows for which it is false may be given all the same.
	Near string
	// Among are ids, a bigint[], that alone are given, wherever they lie; "" for all.
	Among string
}

// SQL is the layer in brackets, with the columns of its table.
func (l Layer) SQL() string {
	table, id := named(l.ID)
	var columns, values []string
	for _, f := range l.AllFields() {
		name := pgx.Identifier{f.Name}.Sanitize()
		columns, values = append(columns, name), append(values, "r."+name)
	}
	rows, entries, still := "", "bando.log e WHERE layer = {layer} AND revision > {revision}", "true"
	of := func(features string) string {
		return strings.Replace(strings.TrimSpace(entriesOfSQL), "{features}", strings.TrimRight(features, "\n"), 1)
	}
	switch {
	case l.Among != "":
		rows = " AND id = ANY (" + l.Among + ")"
		entries = of("SELECT DISTINCT feature FROM unnest(" + l.Among + ") feature")
	case l.Near != "":
		near := func(column string) string { return strings.ReplaceAll(l.Near, "{geom}", column) }
		rows = " AND " + near("geom")
		entries = of(strings.NewReplacer("{here}", near("geom"), "{there}", near("before_geom")).Replace(featuresNearSQL))
	}
	if l.Seen != "" {
		still = Still(l.ID, "past.feature", l.Seen)
	}
	sql := strings.NewReplacer("{rows}", rows, "{entries}", entries, "{still}", still).Replace(strings.TrimSpace(layerSQL))
	return strings.NewReplacer("{table}", table, "{layer}", id, "{revision}", l.Revision,
		"{columns}", strings.Join(columns, ", "), "{values}", strings.Join(values, ", ")).Replace(sql)
}

// Still is the condition, as SQL, that what could be seen of a feature can be seen still: by the condition seen, over a row f, it is
// there for the reader, or was when it was deleted.
func Still(layer, feature, seen string) string {
	table, id := named(layer)
	return strings.NewReplacer("{table}", table, "{layer}", id, "{feature}", feature, "{seen}", seen).Replace(strings.TrimSpace(stillSQL))
}

// named is the layer's table, and its name as a constant.
func named(layer string) (table, id string) {
	return pgx.Identifier{"layer", layer}.Sanitize(), "'" + strings.ReplaceAll(layer, "'", "''") + "'"
}
