package media

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"bando/geodata"
)

// The structure of a GLB is read by our own code and not by a glTF library: those load buffers and pictures into memory
// to hand out geometry, while all that is wanted here is whether the file hangs together and what is in it, within
// limits that no file can exceed.

// The words of the GLB container (glTF 2.0, section 4), little endian.
const (
	glbVersion   = 2
	glbHeader    = 12
	chunkHeader  = 8
	chunkJSON    = 0x4e4f534a
	chunkBIN     = 0x004e4942
	maxSceneJSON = 8 << 20
	maxElements  = 65_536 // of each array of the scene
)

// readGLB checks a model's structure, counts what is in it, and plans its public copy: the same file with the notes of
// cameras in its pictures blanked out; nil when there are none.
func readGLB(f io.ReaderAt, size int64) (Model, plan, error) {
	c, err := readContainer(f, size)
	if err != nil {
		return Model{}, nil, err
	}
	var s scene
	if err := json.Unmarshal(c.json, &s); err != nil {
		if many, ok := errors.AsType[tooMany](err); ok {
			return Model{}, nil, errTooComplex.Wrap(many)
		}
		return Model{}, nil, errGLBScene.Wrap(err)
	}
	if err := s.check(c.bin.to - c.bin.from); err != nil {
		return Model{}, nil, err
	}
	m, err := s.measure()
	if err != nil {
		return Model{}, nil, err
	}
	public, err := s.pictures(f, size, c.bin, &m)
	return m, public, err
}

// container is the two chunks of a GLB that mean something to everybody.
type container struct {
	json []byte
	bin  part // empty when there is none
}

// readContainer walks the chunks.
func readContainer(f io.ReaderAt, size int64) (container, error) {
	var c container
	head := make([]byte, glbHeader)
	if size < glbHeader {
		return c, errGLBCut
	}
	if _, err := f.ReadAt(head, 0); err != nil {
		return c, err
	}
	if v := binary.LittleEndian.Uint32(head[4:]); v != glbVersion {
		return c, errGLBVersion.With("version", v)
	}
	switch stated := int64(binary.LittleEndian.Uint32(head[8:])); {
	case stated > size:
		return c, errGLBCut
	case stated < size:
		return c, errGLBContainer.Wrap(fmt.Errorf("the header says %d bytes, the file has %d", stated, size))
	}
	for n, at := 0, int64(glbHeader); at < size; n++ {
		if size-at < chunkHeader {
			return c, errGLBContainer
		}
		if _, err := f.ReadAt(head[:chunkHeader], at); err != nil {
			return c, err
		}
		length, kind := int64(binary.LittleEndian.Uint32(head)), binary.LittleEndian.Uint32(head[4:])
		from := at + chunkHeader
		at = from + length
		if length%4 != 0 || at > size || (n == 0) != (kind == chunkJSON) {
			return c, errGLBContainer
		}
		switch {
		case n == 0 && length > maxSceneJSON:
			return c, errTooComplex
		case n == 0:
			c.json = make([]byte, length)
			if _, err := f.ReadAt(c.json, from); err != nil {
				return c, err
			}
		case n == 1 && kind == chunkBIN:
			c.bin = part{from: from, to: at}
		}
	}
	if c.json == nil {
		return c, errGLBContainer
	}
	return c, nil
}

// tooMany is the cause of an array beyond maxElements.
type tooMany struct{}

func (tooMany) Error() string { return fmt.Sprintf("more than %d elements in one array", maxElements) }

// list is an array of the scene that does not grow beyond maxElements: a megabyte of "{},{},…" would become a hundred
// of memory otherwise.
type list[T any] []T

// UnmarshalJSON reads the array element by element.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(err, errors.New("an array is wanted"))
	}
	for d.More() {
		if len(*l) >= maxElements {
			return tooMany{}
		}
		var v T
		if err := d.Decode(&v); err != nil {
			return err
		}
		*l = append(*l, v)
	}
	_, err := d.Token()
	return err
}

// The faults of a GLB.
var (
	errGLBCut = errModel("glb_cut_short", geodata.Text{
		VI: "tệp bị thiếu phần cuối", EN: "the file is cut short",
	})
	errGLBVersion = errModel("glb_version", geodata.Text{
		VI: "tệp theo phiên bản glTF khác 2.0", EN: "the file is of a glTF version other than 2.0",
	})
	errGLBContainer = errModel("glb_container", geodata.Text{
		VI: "cấu trúc tệp (các khối) không đúng", EN: "the structure of the file (its chunks) is not sound",
	})
	errGLBScene = errModel("glb_scene", geodata.Text{
		VI: "phần mô tả cảnh (JSON) không đọc được", EN: "the description of the scene (JSON) cannot be read",
	})
	errTooComplex = errModel("glb_too_complex", geodata.Text{
		VI: "cảnh có quá nhiều thành phần; hãy gộp lưới và giảm số đối tượng",
		EN: "the scene has too many parts; join meshes and reduce the number of objects",
	})
	errGLBExternal = errModel("glb_external", geodata.Text{
		VI: "mô hình trỏ tới tệp bên ngoài (ảnh hoặc dữ liệu) không nằm trong tệp gửi lên",
		EN: "the model points to files outside (pictures or data) that are not in what was sent",
	})
	errGLBReference = errModel("glb_reference", geodata.Text{
		VI: "các phần trong mô hình trỏ tới dữ liệu không có trong tệp",
		EN: "parts of the model point to data that is not in the file",
	})
	errGLBCycle = errModel("glb_cycle", geodata.Text{
		VI: "các đối tượng trong cảnh lồng vòng vào nhau", EN: "objects of the scene contain one another in a circle",
	})
	errGLBEmpty = errModel("glb_empty", geodata.Text{
		VI: "không có bề mặt nào để hiển thị", EN: "there is no surface in it to show",
	})
)
