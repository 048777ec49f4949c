package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
)

// A step ends after so many tiles or bytes: what a kill may cost.
const (
	stepTiles = 1024
	stepBytes = 16 << 20
)

// The journal is lines of text, each with its checksum before it. The first names the work, every other is a step: data
// reaches the disk before the line that speaks of it does, so a step that is whole in the journal and whose data has its
// sum is true, however the program or the machine ended.

// opening is the first line.
type opening struct {
	Format   int    `json:"format"`
	Identity string `json:"identity"`
}

// journalFormat changes with the meaning of the lines.
const journalFormat = 1

// step is every other line: the tiles that were added since the step before.
type step struct {
	Next  uint64      `json:"next"` // every tile before it has been seen to
	End   uint64      `json:"end"`  // of the tile data
	Sum   string      `json:"sum"`  // SHA-256 of the data since the step before
	Tiles [][3]uint64 `json:"tiles"`

	from uint64 // where the data began
}

// Sync makes what was added so far last: a Writer that is made for the same work goes on behind it.
func (w *Writer) Sync() error {
	if w.next == w.begun.Next && len(w.step.Tiles) == 0 {
		return nil
	}
	if err := errors.Join(w.out.Flush(), w.file.Sync()); err != nil {
		return noRoom(fmt.Errorf("write tiles: %w", err))
	}
	w.step.Next, w.step.End, w.step.Sum = w.next, w.end, w.digest()
	if err := w.note(w.step); err != nil {
		return noRoom(fmt.Errorf("write the journal: %w", err))
	}
	w.step = step{from: w.end, Tiles: w.step.Tiles[:0]}
	w.sum.Reset()
	return nil
}

func (w *Writer) digest() string { return base64.RawURLEncoding.EncodeToString(w.sum.Sum(nil)) }

// note adds a line to the journal.
func (w *Writer) note(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w.journal, "%08x %s\n", checksum(text), text); err != nil {
		return err
	}
	return w.journal.Sync()
}

func checksum(text []byte) uint32 { return crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)) }

// resume goes on where the journal ends, or begins anew.
func (w *Writer) resume() error {
	lines := bufio.NewReader(w.journal)
	var first opening
	length, err := readLine(lines, &first)
	switch {
	case errors.Is(err, io.EOF) && length == 0: // there is none
		return w.beginAnew("")
	case err != nil || first.Format != journalFormat:
		return w.beginAnew(Damaged)
	case first.Identity != w.work.Identity:
		return w.beginAnew(Changed)
	}
	good := int64(length)
	for {
		var s step
		length, err := readLine(lines, &s)
		if err != nil || !w.repeat(s) {
			break // torn, or the end
		}
		good += int64(length)
	}
	w.begun.Next, w.begun.Tiles = w.next, w.tiles
	return w.cut(good)
}

// cut leaves what the journal speaks of.
func (w *Writer) cut(journal int64) error {
	if err := errors.Join(w.journal.Truncate(journal), w.file.Truncate(dataOffset+int64(w.end))); err != nil {
		return fmt.Errorf("cut what was begun: %w", err)
	}
	_, fileErr := w.file.Seek(dataOffset+int64(w.end), io.SeekStart)
	_, journalErr := w.journal.Seek(journal, io.SeekStart)
	w.step.from = w.end
	w.sum.Reset()
	return errors.Join(fileErr, journalErr)
}

func (w *Writer) beginAnew(why string) error {
	w.begun.Anew = why
	if err := errors.Join(w.file.Truncate(0), w.cut(0)); err != nil {
		return err
	}
	return w.note(opening{journalFormat, w.work.Identity})
}

// repeat takes a step of the journal over, if its data is there and whole.
func (w *Writer) repeat(s step) bool {
	if s.End < w.end || s.Next < w.next || s.End-w.end > stepBytes+maxTile {
		return false
	}
	data := make([]byte, s.End-w.end)
	if _, err := w.file.ReadAt(data, dataOffset+int64(w.end)); err != nil {
		return false
	}
	sum := sha256.Sum256(data)
	if base64.RawURLEncoding.EncodeToString(sum[:]) != s.Sum {
		return false
	}
	for _, t := range s.Tiles {
		at := extent{t[1], t[2]}
		if at.offset >= w.end && at.offset+at.length <= s.End {
			w.places[keyOf(data[at.offset-w.end:][:at.length])] = at
		}
		w.enter(t[0], at)
	}
	w.next, w.end = s.Next, s.End
	return true
}

// readLine reads one line and tells its length in bytes. A line that is torn or was changed is an error.
func readLine(lines *bufio.Reader, into any) (length int, err error) {
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return len(line), err
	}
	const head = len("00000000 ")
	if len(line) <= head {
		return len(line), errors.New("a line of the journal is too short")
	}
	sum, err := strconv.ParseUint(string(line[:head-1]), 16, 32)
	if text := line[head : len(line)-1]; err != nil || uint32(sum) != checksum(text) {
		return len(line), errors.New("a line of the journal is damaged")
	}
	return len(line), json.Unmarshal(line[head:], into)
}
