package archive

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/internal/fault"
	"bando/tiles"
)

// Faults of writing an archive.
var (
	// ErrExists is the fault of writing to where a file is already.
	ErrExists = fault.New(fault.Conflict, "archive_exists", fault.Text{
		VI: "Đã có tệp này. Ghi --force để thay tệp cũ, hoặc chọn tên khác bằng --out.",
		EN: "This file is there already. Give --force to replace it, or choose another name with --out.",
	})
	// ErrFolder is the fault of a place where no file can be made.
	ErrFolder = fault.New(fault.Invalid, "archive_folder", fault.Text{
		VI: "Không tạo được tệp ở đây. Hãy kiểm tra thư mục có tồn tại và có quyền ghi.",
		EN: "No file can be made there. See that the folder is there and may be written to.",
	})
	// ErrInUse is the fault of two programs that write one archive.
	ErrInUse = fault.New(fault.Conflict, "archive_in_use", fault.Text{
		VI: "Một lệnh khác đang ghi tệp này. Hãy đợi lệnh đó xong, hoặc chọn tên khác bằng --out.",
		EN: "Another command is writing this file. Wait until it is done, or choose another name with --out.",
	})
	// ErrNoRoom is the fault of a full disk; what was written is kept.
	ErrNoRoom = fault.New(fault.Busy, "archive_no_room", fault.Text{
		VI: "Ổ đĩa đã đầy. Hãy giải phóng dung lượng rồi chạy lại đúng lệnh này: việc sẽ tiếp tục từ chỗ dừng.",
		EN: "The disk is full. Make room and give the same command again: it goes on from where it was.",
	})
	// ErrNothing is the fault of an archive without a tile.
	ErrNothing = fault.New(fault.NotFound, "archive_empty", fault.Text{
		VI: "Không có dữ liệu nào trong phạm vi, các lớp và các mức phóng đã chọn, nên không có gì để ghi.",
		EN: "There is no data within the bounds, layers and zooms chosen, so there is nothing to write.",
	})
)

// dataOffset is where tile data begins: behind the header and the root directory, which the format wants in the first
// 16,384 bytes. Metadata and leaf directories follow the data, so that tiles are written once, where they stay.
const dataOffset = rootEnd

// Work is what decides every byte of an archive, and where it goes.
type Work struct {
	Path string
	// Identity names the data, the options and the program; work begun under another identity is not gone on with.
	Identity string
	// Replace allows that there is a file at Path.
	Replace bool
}

// Check tells early whether the archive can lie where it is to go: ErrExists or ErrFolder.
func (w Work) Check() error {
	if info, err := os.Stat(w.Path); err == nil && (info.IsDir() || !w.Replace) {
		return ErrExists.With("file", w.Path)
	}
	folder := filepath.Dir(w.Path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return ErrFolder.With("folder", folder).Wrap(err)
	}
	return nil
}

// Writer writes one clustered PMTiles v3 archive of gzip-packed vector tiles. Until Finish all lies in files beside it,
// Path.part and Path.part.journal; a Writer made for the same work goes on there, whatever ended the first. It is not
// safe for concurrent use.
type Writer struct {
	work    Work
	file    *os.File
	out     *bufio.Writer
	journal *os.File
	begun   Begun

	entries  []pmtiles.EntryV3
	places   map[[sha256.Size / 2]byte]extent // of distinct contents, by their hash
	next     uint64                           // every tile before it has been seen to
	end      uint64                           // of the tile data
	tiles    uint64
	sum      hash.Hash // of the data since the last step
	step     step      // what has been added since the last step
	finished bool
}

// Begun tells how the work was found.
type Begun struct {
	// Next is the id of the first tile that is still to be added: zero at the beginning.
	Next uint64
	// Tiles is how many tiles are there already.
	Tiles uint64
	// Anew says why work that lay there was thrown away: another identity (Changed), or nothing in it to trust (Damaged).
	Anew string
}

// Reasons to begin anew.
const (
	Changed = "changed"
	Damaged = "damaged"
)

// NewWriter opens the work: what was begun under the same identity, or new. Faults: ErrExists, ErrFolder, ErrInUse, ErrNoRoom.
func NewWriter(work Work) (w *Writer, err error) {
	if err := work.Check(); err != nil {
		return nil, err
	}
	w = &Writer{work: work, places: map[[sha256.Size / 2]byte]extent{}, sum: sha256.New()}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
			w = nil
		}
	}()
	if w.file, err = os.OpenFile(w.part(), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return w, ErrFolder.With("folder", filepath.Dir(work.Path)).Wrap(err)
	}
	// The kernel's lock ends with the process, however it ends.
	if err = syscall.Flock(int(w.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return w, ErrInUse.With("file", work.Path).Wrap(err)
	}
	if w.journal, err = os.OpenFile(w.notes(), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return w, ErrFolder.With("folder", filepath.Dir(work.Path)).Wrap(err)
	}
	if err = w.resume(); err != nil {
		return w, noRoom(err)
	}
	w.out = bufio.NewWriterSize(w.file, 1<<20)
	return w, nil
}

func (w *Writer) part() string  { return w.work.Path + ".part" }
func (w *Writer) notes() string { return w.work.Path + ".part.journal" }

// Begun tells how the work was found.
func (w *Writer) Begun() Begun { return w.begun }

// Counts tells how many tiles are in the archive, and the bytes of their data, each content counted once.
func (w *Writer) Counts() (tiles, bytes uint64) { return w.tiles, w.end }

// TileID is a tile's place in the order in which an archive holds tiles: by zoom, then along a Hilbert curve.
func TileID(c tiles.Coord) uint64 { return idOf(c) }

// TileAt is the tile of an id. Ids beyond the grid are an error.
func TileAt(id uint64) (tiles.Coord, error) {
	if id >= idEnd(tiles.MaxZoom) {
		return tiles.Coord{}, fmt.Errorf("tile id %d is beyond zoom %d", id, tiles.MaxZoom)
	}
	z, x, y := pmtiles.IDToZxy(id)
	return tiles.NewCoord(int64(z), int64(x), int64(y))
}

// FirstID is the id of a zoom's first tile.
func FirstID(zoom int) uint64 { return (uint64(1)<<(2*zoom) - 1) / 3 }

// Add adds the next tile, packed with gzip; without data it notes that nothing is there. Ids ascend from call to call.
func (w *Writer) Add(c tiles.Coord, data []byte) error {
	id := idOf(c)
	if id < w.next {
		return fmt.Errorf("tile %s comes after tile id %d", c, w.next-1)
	}
	if len(data) > maxTile {
		return fmt.Errorf("tile %s has %d bytes, more than %d", c, len(data), maxTile)
	}
	if len(data) > 0 {
		at, err := w.keep(data)
		if err != nil {
			return err
		}
		w.enter(id, at)
		w.step.Tiles = append(w.step.Tiles, [3]uint64{id, at.offset, at.length})
	}
	w.next = id + 1
	if len(w.step.Tiles) >= stepTiles || w.end-w.step.from >= stepBytes {
		return w.Sync()
	}
	return nil
}

// keep writes a content unless it is there.
func (w *Writer) keep(data []byte) (extent, error) {
	key := keyOf(data)
	if at, known := w.places[key]; known {
		return at, nil
	}
	if _, err := io.MultiWriter(w.out, w.sum).Write(data); err != nil {
		return extent{}, noRoom(fmt.Errorf("write a tile: %w", err))
	}
	at := extent{w.end, uint64(len(data))}
	w.places[key] = at
	w.end += at.length
	return at, nil
}

func keyOf(data []byte) (key [sha256.Size / 2]byte) {
	sum := sha256.Sum256(data)
	copy(key[:], sum[:])
	return key
}

// enter lists a tile in the directory. Neighbours with one content share an entry.
func (w *Writer) enter(id uint64, at extent) {
	w.tiles++
	if n := len(w.entries); n > 0 {
		last := &w.entries[n-1]
		if last.TileID+uint64(last.RunLength) == id && last.Offset == at.offset && uint64(last.Length) == at.length {
			last.RunLength++
			return
		}
	}
	w.entries = append(w.entries, pmtiles.EntryV3{TileID: id, Offset: at.offset, Length: uint32(at.length), RunLength: 1})
}

// noRoom tells a full disk from other errors of writing.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ErrNoRoom.Wrap(err)
	}
	return err
}

// Close gives the files back. Work that is not finished stays for another time.
func (w *Writer) Close() error {
	var errs []error
	for _, f := range []*os.File{w.file, w.journal} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	w.file, w.journal = nil, nil
	return errors.Join(errs...)
}
