package proof

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
)

//go:embed sql/snapshot.sql
var snapshotSQL string

//go:embed sql/told.sql
var toldSQL string

//go:embed sql/rows.sql
var rowsSQL string

// state is a feature as the log or its table has it.
type state struct {
	feature    int64
	revision   int64
	there      bool
	whole      bool                       // all of it is known, from its creation on
	properties map[string]json.RawMessage // as PostgreSQL writes jsonb; those that are null are left out of a table's
	shape      []byte                     // EWKB
	placed     bool                       // the shape is known
}

// compareRows holds every layer's table against what the log made of it, as of the transaction's moment. Features not
// changed since the log was pruned are not told of any more.
func compareRows(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx, catalogue *geodata.Catalogue, pruned geodata.Revision, found *faults) (rows int64, err error) {
	var snapshot string
	if err := tx.QueryRow(ctx, snapshotSQL).Scan(&snapshot); err != nil {
		return 0, fmt.Errorf("share the moment: %w", err)
	}
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, moment, func(second pgx.Tx) error {
		if _, err := second.Exec(ctx, "SET TRANSACTION SNAPSHOT "+quoted(snapshot)); err != nil {
			return fmt.Errorf("join the moment: %w", err)
		}
		for _, l := range catalogue.Layers() {
			c := comparison{layer: l, pruned: pruned, found: found, defaults: defaultsOf(l)}
			if err := c.run(ctx, tx, second); err != nil {
				return fmt.Errorf("compare layer %s: %w", l.ID, err)
			}
			rows += c.rows
		}
		return nil
	})
	return rows, err
}

// quoted writes a name that PostgreSQL itself gave, for a statement that takes no parameters.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// defaultsOf are the values that a column has by itself: an attribute declared after a row was made fills it without an entry.
func defaultsOf(l geodata.Layer) map[string]string {
	defaults := map[string]string{}
	for _, f := range l.AllFields() {
		switch v := f.Default.(type) {
		case nil:
		case bool:
			defaults[f.Name] = strconv.FormatBool(v)
		case float64:
			defaults[f.Name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			defaults[f.Name] = string(appendText(nil, fmt.Append(nil, v)))
		}
	}
	return defaults
}

type comparison struct {
	layer    geodata.Layer
	pruned   geodata.Revision
	defaults map[string]string
	found    *faults
	rows     int64
}

// run goes through the log's features and the table's rows side by side.
func (c *comparison) run(ctx context.Context, log, table pgx.Tx) error {
	entries, err := log.Query(ctx, toldSQL, binaryRows(), c.layer.ID)
	if err != nil {
		return err
	}
	defer entries.Close()
	var columns []string
	for _, f := range c.layer.AllFields() {
		columns = append(columns, "f."+pgx.Identifier{f.Name}.Sanitize())
	}
	statement := strings.NewReplacer("{table}", pgx.Identifier{"layer", c.layer.ID}.Sanitize(), "{columns}", strings.Join(columns, ", ")).Replace(rowsSQL)
	kept, err := table.Query(ctx, statement, binaryRows())
	if err != nil {
		return err
	}
	defer kept.Close()
	told := teller{rows: entries}
	want, more, err := told.next()
	for err == nil && kept.Next() {
		c.rows++
		row := kept.RawValues()
		have := state{feature: int64(binary.BigEndian.Uint64(row[0])), revision: int64(binary.BigEndian.Uint64(row[1])), there: true, shape: row[3]} //nolint:gosec // two's complement
		if err = json.Unmarshal(row[2], &have.properties); err != nil {
			break
		}
		for err == nil && more && want.feature < have.feature {
			c.absent(want)
			want, more, err = told.next()
		}
		if more && want.feature == have.feature {
			c.compare(want, have)
			want, more, err = told.next()
		} else if have.revision > int64(c.pruned) || c.pruned == 0 {
			c.fault(have, "", "bảng có, nhật ký không có", "it is in the table and not in the log")
		}
	}
	for err == nil && more {
		c.absent(want)
		want, more, err = told.next()
	}
	if err == nil {
		err = kept.Err()
	}
	return err
}

func (c *comparison) absent(want state) {
	if want.there {
		c.fault(want, "", "nhật ký có, bảng không còn", "the log has it, the table does not")
	}
}

func (c *comparison) compare(want, have state) {
	switch {
	case !want.there:
		c.fault(have, "", "nhật ký nói đã xóa, bảng vẫn còn", "the log says that it was deleted, the table has it")
		return
	case want.revision != have.revision:
		c.fault(have, "revision", fmt.Sprintf("bảng ghi lần %d, nhật ký ghi lần %d", have.revision, want.revision),
			fmt.Sprintf("the table says revision %d, the log %d", have.revision, want.revision))
	}
	if want.placed && !bytes.Equal(want.shape, have.shape) {
		c.fault(have, "geometry", "hình trong bảng khác nhật ký", "the table's shape is another than the log's")
	}
	for _, f := range c.layer.AllFields() {
		value, known := want.properties[f.Name]
		actual, set := have.properties[f.Name]
		switch {
		case known && string(value) == "null", !known && want.whole:
			if set && (known || string(actual) != c.defaults[f.Name]) {
				c.fault(have, f.Name, "bảng có giá trị, nhật ký nói trống", "the table has a value, the log says none")
			}
		case known && !bytes.Equal(value, actual):
			c.fault(have, f.Name, "giá trị trong bảng khác nhật ký", "the table's value is another than the log's")
		}
	}
}

func (c *comparison) fault(s state, field, vi, en string) {
	if field != "" {
		vi, en = field+": "+vi, field+": "+en
	}
	c.found.add(Fault{Kind: Row, Layer: c.layer.ID, Feature: s.feature, Detail: geodata.Text{
		VI: fmt.Sprintf("%s số %d: %s. Bảng đã bị sửa mà không qua nhật ký.", c.layer.ID, s.feature, vi),
		EN: fmt.Sprintf("%s %d: %s. The table was changed past the log.", c.layer.ID, s.feature, en),
	}})
}

// teller puts the log's entries together, feature by feature.
type teller struct {
	rows  pgx.Rows
	ahead bool // a row was read that belongs to the next feature
}

// next gives the next feature's state; false after the last.
func (t *teller) next() (state, bool, error) {
	if !t.ahead && !t.rows.Next() {
		return state{}, false, t.rows.Err()
	}
	s := state{feature: featureOf(t.rows), properties: map[string]json.RawMessage{}}
	first, done := true, false
	for {
		row := t.rows.RawValues()
		op := string(row[2])
		if first {
			s.revision = int64(binary.BigEndian.Uint64(row[1])) //nolint:gosec // two's complement
			s.there = op != string(geodata.Delete)
			first = false
		}
		if !done && op != string(geodata.Delete) {
			if err := s.older(row); err != nil {
				return s, false, err
			}
		}
		// What was before a feature was made, or deleted, is another story.
		if op == string(geodata.Create) {
			done, s.whole = true, s.whole || !done
		} else if op == string(geodata.Delete) {
			done = true
		}
		if t.ahead = t.rows.Next(); !t.ahead || featureOf(t.rows) != s.feature {
			return s, true, t.rows.Err()
		}
	}
}

func featureOf(rows pgx.Rows) int64 {
	return int64(binary.BigEndian.Uint64(rows.RawValues()[0])) //nolint:gosec // two's complement
}

// older adds what an older entry says and no newer one did.
func (s *state) older(row [][]byte) error {
	var after map[string]json.RawMessage
	if err := json.Unmarshal(row[3], &after); err != nil {
		return fmt.Errorf("read what entry of revision %d left: %w", binary.BigEndian.Uint64(row[1]), err)
	}
	for name, value := range after {
		if _, newer := s.properties[name]; !newer {
			s.properties[name] = value
		}
	}
	if moved := row[5][0] != 0; !s.placed && (moved || string(row[2]) == string(geodata.Create)) {
		s.shape, s.placed = slices.Clone(row[4]), true
	}
	return nil
}
