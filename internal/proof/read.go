package proof

import (
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

// binaryRows asks for every column as PostgreSQL sends it between programs, so that entries are read without a copy.
func binaryRows() pgx.QueryResultFormats { return pgx.QueryResultFormats{pgx.BinaryFormatCode} }

// read takes the entry from a row of entries.sql.
func (e *entry) read(row [][]byte) error {
	const columns = 19
	if len(row) != columns {
		return fmt.Errorf("an entry of the log has %d columns, want %d", len(row), columns)
	}
	var err error
	integer := func(b []byte) int64 {
		switch len(b) {
		case 8:
			return int64(binary.BigEndian.Uint64(b)) //nolint:gosec // two's complement is what was sent
		case 4:
			return int64(int32(binary.BigEndian.Uint32(b))) //nolint:gosec // as above
		default:
			err = fmt.Errorf("an integer of the log has %d bytes", len(b))
			return 0
		}
	}
	*e = entry{
		Place: Place{geodata.Revision(integer(row[0])), int(integer(row[1]))}, micros: integer(row[2]), layer: row[3],
		feature: integer(row[4]), op: row[5], before: row[6], after: row[7], beforeGeom: row[8], afterGeom: row[9],
		who: row[11], role: row[13], via: row[14], why: row[15], evidence: row[16], salt: row[17], hash: row[18], squares: e.squares[:0],
	}
	if row[12] != nil {
		account := integer(row[12])
		e.account = &account
	}
	if row[10] == nil {
		e.squares = nil
	} else if e.squares, err = integers(e.squares, row[10]); err != nil {
		return err
	}
	return err
}

// integers reads an integer[] of one dimension.
func integers(to []int32, array []byte) ([]int32, error) {
	const empty, header, element = 12, 20, 8 // bytes
	if len(array) == empty {
		return to[:0:0], nil
	}
	if len(array) < header || (len(array)-header)%element != 0 || binary.BigEndian.Uint32(array) != 1 {
		return nil, fmt.Errorf("an array of the log has %d bytes", len(array))
	}
	for at := header; at < len(array); at += element {
		to = append(to, int32(binary.BigEndian.Uint32(array[at+4:]))) //nolint:gosec // two's complement is what was sent
	}
	return to, nil
}
