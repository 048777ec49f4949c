package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"

	"bando/geodata"
)

// Hash is the hash of an entry, and by it of everything before.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Place is where an entry stands in the log.
type Place struct {
	Revision geodata.Revision
	Ordinal  int
}

// whole is the place behind all entries of a revision.
func whole(r geodata.Revision) Place { return Place{r, math.MaxInt32} }

// String is the place as people write it: 12.3 is the third entry of revision 12, and 12 the whole revision.
func (p Place) String() string {
	if p.Ordinal == math.MaxInt32 {
		return strconv.FormatInt(int64(p.Revision), 10)
	}
	return strconv.FormatInt(int64(p.Revision), 10) + "." + strconv.Itoa(p.Ordinal)
}

// follows reports whether the place is the next one after another: within its revision, or first of the next.
func (p Place) follows(q Place) bool {
	return (p.Revision == q.Revision && p.Ordinal == q.Ordinal+1) || (p.Revision == q.Revision+1 && p.Ordinal == 1)
}

// entry is an entry of the log as it is chained. Its bytes stay only until the next one is read.
type entry struct {
	Place
	micros                int64 // since 1970
	layer                 []byte
	feature               int64
	op                    []byte
	before, after         []byte // JSON as PostgreSQL writes it; nil is null
	beforeGeom, afterGeom []byte // EWKB, little-endian
	squares               []int32
	who                   []byte
	account               *int64
	role, via, why        []byte
	evidence              []byte // JSON
	salt                  []byte // a UUID as text
	hash                  []byte // what the log says it is
}

// line appends the entry as docs/proof.md writes it: a JSON array with the separators of PostgreSQL's json_build_array.
func (e *entry) line(to []byte) []byte {
	to = append(to, '[')
	to = strconv.AppendInt(to, int64(e.Revision), 10)
	to = append(to, ", "...)
	to = strconv.AppendInt(to, int64(e.Ordinal), 10)
	to = append(to, ", "...)
	to = strconv.AppendInt(to, e.micros, 10)
	to = appendText(append(to, ", "...), e.layer)
	to = append(to, ", "...)
	to = strconv.AppendInt(to, e.feature, 10)
	to = appendText(append(to, ", "...), e.op)
	to = appendRaw(append(to, ", "...), e.before)
	to = appendRaw(append(to, ", "...), e.after)
	to = appendHex(append(to, ", "...), e.beforeGeom)
	to = appendHex(append(to, ", "...), e.afterGeom)
	to = appendIntegers(append(to, ", "...), e.squares)
	to = appendText(append(to, ", "...), e.who)
	to = append(to, ", "...)
	if e.account == nil {
		to = append(to, "null"...)
	} else {
		to = strconv.AppendInt(to, *e.account, 10)
	}
	to = appendText(append(to, ", "...), e.role)
	to = appendText(append(to, ", "...), e.via)
	to = appendText(append(to, ", "...), e.why)
	to = appendRaw(append(to, ", "...), e.evidence)
	to = appendText(append(to, ", "...), e.salt)
	return append(to, ']')
}

// chain gives the hash of the entry behind another, and the space that it used for the line.
func (e *entry) chain(previous Hash, space []byte) (hash Hash, used []byte) {
	used = hex.AppendEncode(space[:0], previous[:])
	used = e.line(append(used, '\n'))
	return sha256.Sum256(used), used
}

// says reports whether the log gives the entry this hash.
func (e *entry) says(hash Hash) bool { return bytes.Equal(e.hash, hash[:]) }

func appendRaw(to, text []byte) []byte {
	if text == nil {
		return append(to, "null"...)
	}
	return append(to, text...)
}

func appendHex(to, data []byte) []byte {
	if data == nil {
		return append(to, "null"...)
	}
	return append(hex.AppendEncode(append(to, '"'), data), '"')
}

func appendIntegers(to []byte, list []int32) []byte {
	if list == nil {
		return append(to, "null"...)
	}
	to = append(to, '[')
	for i, n := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = strconv.AppendInt(to, int64(n), 10)
	}
	return append(to, ']')
}

// appendText writes a JSON string with the escapes that PostgreSQL uses, and no others.
func appendText(to, text []byte) []byte {
	const digits = "0123456789abcdef"
	if text == nil {
		return append(to, "null"...)
	}
	to = append(to, '"')
	for _, c := range text {
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\b':
			to = append(to, `\b`...)
		case '\f':
			to = append(to, `\f`...)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			if c < ' ' {
				to = append(to, `\u00`...)
				to = append(to, digits[c>>4], digits[c&15])
				continue
			}
			to = append(to, c)
		}
	}
	return append(to, '"')
}
