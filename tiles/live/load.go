package live

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"bando/geodata"
)

// source reads a layer's features from PostGIS in the form that segments take.
type source struct {
	layer   geodata.Layer
	columns []geodata.Field // every attribute that some tile carries, for the widest audience
	sql     string
}

func newSource(l geodata.Layer, columns []geodata.Field) source {
	var b strings.Builder
	b.WriteString("SELECT f.id, ST_AsBinary(ST_Force2D(f.geom), 'NDR')")
	for _, c := range l.Public.When {
		b.WriteString(", f." + pgx.Identifier{c.Field}.Sanitize() + "::text")
	}
	for _, f := range columns {
		b.WriteString(", " + f.TileExpression("f."+pgx.Identifier{f.Name}.Sanitize()))
	}
	b.WriteString(" FROM " + pgx.Identifier{"layer", l.ID}.Sanitize() + " f")
	return source{layer: l, columns: columns, sql: b.String()}
}

// publicBit and staffBit say in row.seen who may see a feature.
const (
	publicBit = 1 << iota
	staffBit
)

func bitOf(a geodata.Audience) uint8 {
	if a == geodata.Staff {
		return staffBit
	}
	return publicBit
}

// all streams every feature.
func (s source) all(ctx context.Context, tx pgx.Tx, each func(row) error) error {
	rows, err := tx.Query(ctx, s.sql)
	if err != nil {
		return fmt.Errorf("read layer %s: %w", s.layer.ID, err)
	}
	return s.collect(rows, each)
}

// some reads the features with these ids; those that are gone are not among them.
func (s source) some(ctx context.Context, q querier, ids []int64) ([]row, error) {
	rows, err := q.Query(ctx, s.sql+" WHERE f.id = ANY ($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read changes of layer %s: %w", s.layer.ID, err)
	}
	var found []row
	err = s.collect(rows, func(r row) error {
		found = append(found, r)
		return nil
	})
	return found, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// collect takes the rows' bytes as they came. A feature with several kinds of geometry becomes several rows.
func (s source) collect(rows pgx.Rows, each func(row) error) error {
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues()
		types := rows.FieldDescriptions()
		r := row{id: int64(binary.BigEndian.Uint64(raw[0])), seen: staffBit}
		if s.public(raw[2:]) {
			r.seen |= publicBit
		}
		r.values = make([][]byte, len(s.columns))
		offset := 2 + len(s.layer.Public.When)
		for i := range s.columns {
			value, err := message(raw[offset+i], types[offset+i].DataTypeOID)
			if err != nil {
				return fmt.Errorf("read %s of feature %d of layer %s: %w", s.columns[i].Name, r.id, s.layer.ID, err)
			}
			r.values[i] = value
		}
		if err := s.shapes(r, raw[1], each); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read layer %s: %w", s.layer.ID, err)
	}
	return nil
}

func (s source) shapes(r row, wkb []byte, each func(row) error) error {
	if wkb == nil {
		return nil
	}
	shapes, err := decode(wkb)
	if err != nil {
		return fmt.Errorf("read the geometry of feature %d of layer %s: %w", r.id, s.layer.ID, err)
	}
	for _, shape := range shapes {
		r.shape = shape
		if s.layer.Tile.LabelPoint {
			r.label = anchor(shape)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

// public reports whether everybody may see the feature; raw begins with the fields of the conditions.
func (s source) public(raw [][]byte) bool {
	if !s.layer.Public.Visible {
		return false
	}
	for i, c := range s.layer.Public.When {
		properties := map[string]any{}
		if raw[i] != nil {
			properties[c.Field] = string(raw[i])
		}
		if !c.Holds(properties) {
			return false
		}
	}
	return true
}

// message turns a value in PostgreSQL's binary form into an MVT value; nil is null.
func message(raw []byte, oid uint32) ([]byte, error) {
	switch {
	case raw == nil:
		return nil, nil
	case oid == pgtype.TextOID || oid == pgtype.VarcharOID:
		return stringValue(string(raw)), nil
	case oid == pgtype.Int8OID && len(raw) == 8:
		return integerValue(int64(binary.BigEndian.Uint64(raw))), nil
	case oid == pgtype.Float8OID && len(raw) == 8:
		return numberValue(math.Float64frombits(binary.BigEndian.Uint64(raw))), nil
	case oid == pgtype.BoolOID && len(raw) == 1:
		return boolValue(raw[0] != 0), nil
	default:
		return nil, fmt.Errorf("type %d does not fit a tile", oid)
	}
}
