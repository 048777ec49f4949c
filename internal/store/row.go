package store

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

// binaryRows asks PostgreSQL for every column in its binary form, which a sheet reads.
func binaryRows(args []any) []any {
	return append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)
}

// sheet is how a row becomes GeoJSON text: bytes are appended to bytes, which takes a third of the time that PostgreSQL
// needs to write the same (BenchmarkItems). Its columns are those that view.sheet selects: id, revision, the geometry unless
// it is skipped, whether the row is the reader's own where that matters, the attributes, the keys of the order as text.
type sheet struct {
	geometry bool
	own      bool
	revision bool // among the attributes
	fields   []sheetField
	plot     plotter
	order    order
}

type sheetField struct {
	key     string // as JSON, with the colon
	kind    geodata.FieldType
	ownOnly bool // given only in rows that are the reader's own
}

// read makes the row an item, whose text it appends to b.
func (s *sheet) read(raw [][]byte, b []byte) (Item, error) {
	item := Item{ID: int64(binary.BigEndian.Uint64(raw[0])), Revision: geodata.Revision(binary.BigEndian.Uint64(raw[1])), order: &s.order}
	raw = raw[2:]
	b = strconv.AppendInt(append(b, `{"type":"Feature","id":`...), item.ID, 10)
	b = append(b, `,"geometry":`...)
	if s.geometry {
		var err error
		if b, err = s.appendGeometry(b, raw[0]); err != nil {
			return item, geometryFault(item.ID, err)
		}
		raw = raw[1:]
	} else {
		b = append(b, "null"...)
	}
	own := true
	if s.own {
		own, raw = len(raw[0]) == 1 && raw[0][0] == 1, raw[1:]
	}
	b = append(b, `,"properties":{`...)
	for i, f := range s.fields {
		if f.ownOnly && !own {
			continue
		}
		b = appendValue(append(b, f.key...), f.kind, raw[i])
		b = append(b, ',')
	}
	if s.revision {
		b = strconv.AppendInt(append(b, `"revision":`...), int64(item.Revision), 10)
	} else if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	item.JSON = append(b, '}', '}')
	item.keys = raw[len(s.fields):]
	return item, nil
}

func (s *sheet) appendGeometry(b, ewkb []byte) ([]byte, error) {
	if ewkb == nil {
		return append(b, "null"...), nil
	}
	return s.plot.append(b, ewkb)
}

// appendValue writes one attribute as JSON out of PostgreSQL's binary form.
func appendValue(b []byte, kind geodata.FieldType, raw []byte) []byte {
	if raw == nil {
		return append(b, "null"...)
	}
	switch kind {
	case geodata.Integer:
		return strconv.AppendInt(b, int64(binary.BigEndian.Uint64(raw)), 10)
	case geodata.Number:
		return appendFloat(b, math.Float64frombits(binary.BigEndian.Uint64(raw)))
	case geodata.Boolean:
		return strconv.AppendBool(b, raw[0] == 1)
	case geodata.Date:
		return appendDate(b, int32(binary.BigEndian.Uint32(raw)))
	case geodata.DateTime:
		return appendInstant(b, int64(binary.BigEndian.Uint64(raw)))
	case geodata.Strings:
		return appendStrings(b, raw)
	case geodata.Object:
		return append(b, raw[1:]...) // jsonb is sent as its version and its text
	case geodata.Place:
		return appendPlace(b, raw)
	default:
		return appendString(b, raw)
	}
}

// appendFloat writes the shortest decimal that is the number, as encoding/json does; JSON has no word for what is no number.
func appendFloat(b []byte, x float64) []byte {
	switch size := math.Abs(x); {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return append(b, "null"...)
	case size != 0 && (size < 1e-6 || size >= 1e21):
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	default:
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
}

// epoch is where PostgreSQL counts days and microseconds from, 2000-01-01, in seconds of Unix.
const epoch = 946_684_800

func appendDate(b []byte, days int32) []byte {
	switch days {
	case math.MaxInt32:
		return append(b, `"infinity"`...)
	case math.MinInt32:
		return append(b, `"-infinity"`...)
	}
	at := time.Unix(epoch+86_400*int64(days), 0).UTC()
	return append(at.AppendFormat(append(b, '"'), time.DateOnly), '"')
}

func appendInstant(b []byte, micros int64) []byte {
	switch micros {
	case math.MaxInt64:
		return append(b, `"infinity"`...)
	case math.MinInt64:
		return append(b, `"-infinity"`...)
	}
	at := time.UnixMicro(epoch*1_000_000 + micros).UTC()
	return append(at.AppendFormat(append(b, '"'), "2006-01-02T15:04:05.999999Z"), '"')
}

// appendStrings writes a text[]: dimensions, a flag, the members' type, each dimension's length and first index, then the
// members with their lengths, -1 for null (PostgreSQL's array_send).
func appendStrings(b, raw []byte) []byte {
	b = append(b, '[')
	if dimensions := binary.BigEndian.Uint32(raw); dimensions > 0 {
		for rest := raw[12+8*dimensions:]; len(rest) >= 4; {
			n := int32(binary.BigEndian.Uint32(rest))
			rest = rest[4:]
			if n < 0 {
				b = append(b, "null,"...)
				continue
			}
			b = append(appendString(b, rest[:n]), ',')
			rest = rest[n:]
		}
	}
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, ']')
}

// appendPlace writes [lon, lat] of a point with all of its digits.
func appendPlace(b, ewkb []byte) []byte {
	r := &wkbReader{rest: ewkb}
	r.header()
	at := r.take(16)
	if at == nil {
		return append(b, "null"...)
	}
	b = appendFloat(append(b, '['), float(at))
	return append(appendFloat(append(b, ','), float(at[8:])), ']')
}

const hexDigits = "0123456789abcdef"

// appendString writes text, which PostgreSQL keeps as UTF-8, with the escapes that JSON demands (RFC 8259, section 7).
func appendString[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
