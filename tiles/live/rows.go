package live

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"

	_ "embed"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"bando/geodata"
)

// roundSQL is where the public sees a feature of a layer that is shown roughly.
//
//go:embed sql/round.sql
var roundSQL string

// source reads a layer's features from PostGIS in the form that segments take.
type source struct {
	layer   geodata.Layer
	columns []geodata.Field // every attribute that some tile carries, for the widest audience
	rounded bool
	sql     string
	log     *slog.Logger
}

func newSource(l geodata.Layer, columns []geodata.Field, log *slog.Logger) source {
	s := source{layer: l, columns: columns, rounded: l.Public.Visible && l.Public.RoundM > 0, log: log}
	var b strings.Builder
	geometry := "ST_Force2D(f.geom)"
	if l.Geometry == geodata.Mixed {
		geometry = "ST_CurveToLine(" + geometry + ")"
	}
	b.WriteString("SELECT f.id, ST_AsBinary(" + geometry + ", 'NDR')")
	if s.rounded {
		width := strconv.FormatFloat(l.Public.RoundM, 'f', -1, 64) + "::float8"
		b.WriteString(", ST_AsBinary(" + strings.ReplaceAll(strings.TrimSpace(roundSQL), "{width}", width) + ", 'NDR')")
	}
	for _, c := range l.Public.When {
		b.WriteString(", f." + pgx.Identifier{c.Field}.Sanitize() + "::text")
	}
	for _, f := range columns {
		b.WriteString(", " + f.TileExpression("f."+pgx.Identifier{f.Name}.Sanitize()))
	}
	b.WriteString(" FROM " + pgx.Identifier{"layer", l.ID}.Sanitize() + " f")
	s.sql = b.String()
	return s
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

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// all streams every feature. The row given to each is good during the call.
func (s source) all(ctx context.Context, q querier, each func(row) error) error {
	rows, err := q.Query(ctx, s.sql)
	if err != nil {
		return fmt.Errorf("read layer %s: %w", s.layer.ID, err)
	}
	return s.collect(ctx, rows, each)
}

// some reads the features with these ids into a segment; those that are gone are not in it.
func (s source) some(ctx context.Context, q querier, ids []int64, b *builder) (*segment, error) {
	rows, err := q.Query(ctx, s.sql+" WHERE f.id = ANY ($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read changes of layer %s: %w", s.layer.ID, err)
	}
	b.reset()
	err = s.collect(ctx, rows, func(r row) error {
		b.add(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b.build(), nil
}

// reading is the memory in which rows are read.
type reading struct {
	decoder decoder
	values  [][]byte
	bytes   []byte
}

// collect takes the rows' bytes as they came.
func (s source) collect(ctx context.Context, rows pgx.Rows, each func(row) error) error {
	defer rows.Close()
	in := reading{values: make([][]byte, len(s.columns))}
	for rows.Next() {
		if err := s.row(ctx, &in, rows.RawValues(), rows.FieldDescriptions(), each); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read layer %s: %w", s.layer.ID, err)
	}
	return nil
}

func (s source) row(ctx context.Context, in *reading, raw [][]byte, types []pgconn.FieldDescription, each func(row) error) error {
	id := int64(binary.BigEndian.Uint64(raw[0]))
	exact, roughly, rest, types := raw[1], raw[1], raw[2:], types[2:]
	if s.rounded {
		roughly, rest, types = rest[0], rest[1:], types[1:]
	}
	conditions := len(s.layer.Public.When)
	public := s.public(rest[:conditions])
	in.bytes = in.bytes[:0]
	for i := range s.columns {
		from := len(in.bytes)
		var err error
		if in.bytes, err = appendValue(in.bytes, rest[conditions+i], types[conditions+i].DataTypeOID); err != nil {
			return fmt.Errorf("read %s of feature %d of layer %s: %w", s.columns[i].Name, id, s.layer.ID, err)
		}
		if in.values[i] = in.bytes[from:]; rest[conditions+i] == nil {
			in.values[i] = nil
		}
	}
	switch {
	case !public:
		return s.place(ctx, in, row{id: id, seen: staffBit}, exact, each)
	case !s.rounded:
		return s.place(ctx, in, row{id: id, seen: staffBit | publicBit}, exact, each)
	}
	if err := s.place(ctx, in, row{id: id, seen: staffBit}, exact, each); err != nil {
		return err
	}
	return s.place(ctx, in, row{id: id, seen: publicBit}, roughly, each)
}

// place hands a row on with its geometry; without one it is nowhere on the map. A geometry of a kind that tiles have no
// word for costs its own feature and no other.
func (s source) place(ctx context.Context, in *reading, r row, wkb []byte, each func(row) error) error {
	if wkb == nil {
		return nil
	}
	var err error
	if r.shape, err = in.decoder.decode(wkb); errors.Is(err, errWKB) {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a feature cannot be drawn", slog.String("layer", s.layer.ID),
			slog.Int64("feature", r.id), slog.String("error", err.Error()))
		return nil
	}
	if err != nil || len(r.shape.rings) == 0 {
		return err
	}
	if s.layer.Tile.LabelPoint {
		r.label = anchor(r.shape)
	}
	r.values = in.values
	return each(r)
}

// public reports whether everybody may see the feature; raw are the fields of the conditions.
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

// appendValue turns a value in PostgreSQL's binary form into an MVT value. Null appends nothing.
func appendValue(b, raw []byte, oid uint32) ([]byte, error) {
	switch {
	case raw == nil:
		return b, nil
	case oid == pgtype.TextOID || oid == pgtype.VarcharOID:
		return appendString(b, raw), nil
	case oid == pgtype.Int8OID && len(raw) == 8:
		return appendInteger(b, int64(binary.BigEndian.Uint64(raw))), nil
	case oid == pgtype.Float8OID && len(raw) == 8:
		return appendNumber(b, math.Float64frombits(binary.BigEndian.Uint64(raw))), nil
	case oid == pgtype.BoolOID && len(raw) == 1:
		return appendBool(b, raw[0] != 0), nil
	default:
		return nil, fmt.Errorf("type %d does not fit a tile", oid)
	}
}
