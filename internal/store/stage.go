package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata"
)

// Staged is one row to be written: Create, Update (the whole row) or Delete. Ord is its place among those staged at once.
type Staged struct {
	Ord int
	Op  geodata.Op
	ID  int64 // zero: the table gives one
	// Moved says that EWKB is new; nil then removes the geometry.
	Moved bool
	EWKB  []byte
	// Properties is every attribute in the forms of Coerce; absent ones become null.
	Properties map[string]any
}

// fewRows is how many rows a statement takes along as its parameters. More of them are laid out in a table with an
// index first; for a single edit that table would cost more than the edit.
const fewRows = 16

// Stage is rows of one layer on their way in: laid out so that rules can ask about them all at once, then written.
// Statements given to it name them "{staged}", a list WITH … begins with; it has the columns ord, op, id, moved, geom
// (EPSG:4326), geom_m (EPSG:9205) and props.
type Stage struct {
	tx       pgx.Tx
	sh       *shape
	rows     []Staged
	measured bool
	inTable  bool
}

// Stage lays rows out. With measured their geometry is there in metres too. Again says that the transaction has staged
// rows before; those are gone then.
func (s *Store) Stage(ctx context.Context, tx pgx.Tx, layer string, rows []Staged, measured, again bool) (*Stage, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	st := &Stage{tx: tx, sh: sh, rows: rows, measured: measured}
	if len(rows) <= fewRows {
		return st, nil
	}
	for _, name := range []string{"stage_table", "stage_index", "clear"} {
		if name == "clear" && !again {
			continue
		}
		if _, err := tx.Exec(ctx, statement(name)); err != nil {
			return nil, fmt.Errorf("make room for rows of layer %s: %w", layer, err)
		}
	}
	text, args, err := st.put(statement("stage"))
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, text, args...); err != nil {
		return nil, fmt.Errorf("stage rows of layer %s: %w", layer, err)
	}
	st.inTable = true
	return st, nil
}

// put completes a statement: where the staged rows are, and the parameters that bring them.
func (st *Stage) put(sql string) (string, []any, error) {
	if st.inTable {
		return strings.NewReplacer("{staged}", statement("staged_table"), "{ords}", "$1::integer[]").Replace(sql), nil, nil
	}
	n := len(st.rows)
	ords, ops, ids := make([]int32, n), make([]string, n), make([]*int64, n)
	moved, wkbs, props := make([]bool, n), make([][]byte, n), make([]*string, n)
	for i, r := range st.rows {
		ords[i], ops[i], moved[i], wkbs[i] = int32(r.Ord), string(r.Op), r.Moved, r.EWKB
		if r.ID != 0 {
			ids[i] = &st.rows[i].ID
		}
		if r.Op == geodata.Delete {
			continue
		}
		text, err := st.sh.encode(r.Properties)
		if err != nil {
			return "", nil, err
		}
		props[i] = &text
	}
	staged := statement("staged_inline", "{measured}", strconv.FormatBool(st.measured))
	sql = strings.NewReplacer("{staged}", staged, "{ords}", "$7::integer[]").Replace(sql)
	return sql, []any{ords, ops, ids, moved, wkbs, props}, nil
}

// Query asks about the staged rows. Where the statement says "{ords}", it means those of ords.
func (st *Stage) Query(ctx context.Context, sql string, ords []int) (pgx.Rows, error) {
	text, args, err := st.put(sql)
	if err != nil {
		return nil, err
	}
	if strings.Contains(sql, "{ords}") {
		args = append(args, ords)
	}
	return st.tx.Query(ctx, text, args...)
}

// Drop takes refused rows back.
func (st *Stage) Drop(ctx context.Context, ords []int) error {
	if st.inTable {
		if _, err := st.tx.Exec(ctx, statement("unstage"), ords); err != nil {
			return fmt.Errorf("take refused rows back: %w", err)
		}
	}
	st.rows = slices.DeleteFunc(slices.Clone(st.rows), func(r Staged) bool { return slices.Contains(ords, r.Ord) })
	return nil
}

// Referring counts, by the Ord of each staged feature that is to be deleted, the features of a layer whose field refers
// to it.
func (st *Stage) Referring(ctx context.Context, layer, field string) (map[int]int64, error) {
	table := pgx.Identifier{"layer", layer}.Sanitize()
	rows, err := st.Query(ctx, statement("referring", "{table}", table, "{field}", ident(field)), nil)
	if err != nil {
		return nil, fmt.Errorf("count what refers to layer %s: %w", st.sh.layer.ID, err)
	}
	return byOrd(rows)
}

// Keep writes the staged rows into the layer's table and tells the ids of those created, by Ord.
func (st *Stage) Keep(ctx context.Context) (map[int]int64, error) {
	layer := st.sh.layer.ID
	ops := map[geodata.Op]bool{}
	for _, r := range st.rows {
		ops[r.Op] = true
	}
	created := map[int]int64{}
	if ops[geodata.Create] {
		rows, err := st.Query(ctx, statement("create", "{table}", st.sh.table, "{columns}", st.sh.columns, "{values}", st.sh.values, "{name}", literal(st.sh.table)), nil)
		if err == nil {
			created, err = byOrd(rows)
		}
		if err != nil {
			return nil, fmt.Errorf("write new features of layer %s: %w", layer, err)
		}
	}
	if ops[geodata.Update] {
		if err := st.exec(ctx, statement("update", "{table}", st.sh.table, "{assign}", st.sh.assign)); err != nil {
			return nil, fmt.Errorf("change features of layer %s: %w", layer, err)
		}
	}
	if ops[geodata.Delete] {
		if err := st.exec(ctx, statement("delete", "{table}", st.sh.table)); err != nil {
			return nil, fmt.Errorf("delete features of layer %s: %w", layer, err)
		}
	}
	return created, nil
}

func (st *Stage) exec(ctx context.Context, sql string) error {
	text, args, err := st.put(sql)
	if err != nil {
		return err
	}
	_, err = st.tx.Exec(ctx, text, args...)
	return err
}

// byOrd collects rows of an ord and a number.
func byOrd(rows pgx.Rows) (map[int]int64, error) {
	found := map[int]int64{}
	var ord int
	var n int64
	_, err := pgx.ForEachRow(rows, []any{&ord, &n}, func() error { found[ord] = n; return nil })
	return found, err
}

// literal writes a string constant.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// encode writes attributes as jsonb_populate_record reads them.
func (sh *shape) encode(properties map[string]any) (string, error) {
	row := make(map[string]any, len(properties))
	for name, v := range properties {
		if p, ok := v.(orb.Point); ok {
			v = fmt.Sprintf("SRID=4326;POINT(%s %s)", strconv.FormatFloat(p[0], 'g', -1, 64), strconv.FormatFloat(p[1], 'g', -1, 64))
		}
		row[name] = v
	}
	text, err := json.Marshal(row)
	if err != nil {
		return "", fmt.Errorf("write the attributes of layer %s: %w", sh.layer.ID, err)
	}
	return string(text), nil
}
