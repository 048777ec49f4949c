package media

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// scene is the part of a glTF 2.0 document that says what is in a model.
type scene struct {
	Asset struct {
		Version    string `json:"version"`
		MinVersion string `json:"minVersion"`
		Generator  string `json:"generator"`
	} `json:"asset"`
	Scene              *int             `json:"scene"`
	Scenes             list[sceneNodes] `json:"scenes"`
	Nodes              list[node]       `json:"nodes"`
	Meshes             list[mesh]       `json:"meshes"`
	Accessors          list[accessor]   `json:"accessors"`
	BufferViews        list[bufferView] `json:"bufferViews"`
	Buffers            list[buffer]     `json:"buffers"`
	Images             list[texture]    `json:"images"`
	ExtensionsUsed     list[string]     `json:"extensionsUsed"`
	ExtensionsRequired list[string]     `json:"extensionsRequired"`
}

type sceneNodes struct {
	Nodes list[int] `json:"nodes"`
}

type node struct {
	Children    list[int]     `json:"children"`
	Mesh        *int          `json:"mesh"`
	Matrix      list[float64] `json:"matrix"`
	Translation list[float64] `json:"translation"`
	Rotation    list[float64] `json:"rotation"`
	Scale       list[float64] `json:"scale"`
}

type mesh struct {
	Primitives list[primitive] `json:"primitives"`
}

type primitive struct {
	Attributes map[string]int `json:"attributes"`
	Indices    *int           `json:"indices"`
	Mode       *int           `json:"mode"`
}

type accessor struct {
	BufferView    *int          `json:"bufferView"`
	ByteOffset    int64         `json:"byteOffset"`
	ComponentType int           `json:"componentType"`
	Count         int64         `json:"count"`
	Type          string        `json:"type"`
	Normalized    bool          `json:"normalized"`
	Min           list[float64] `json:"min"`
	Max           list[float64] `json:"max"`
}

type bufferView struct {
	Buffer     int   `json:"buffer"`
	ByteOffset int64 `json:"byteOffset"`
	ByteLength int64 `json:"byteLength"`
	ByteStride int64 `json:"byteStride"`
}

type buffer struct {
	URI        *string                    `json:"uri"`
	ByteLength int64                      `json:"byteLength"`
	Extensions map[string]json.RawMessage `json:"extensions"`
}

type texture struct {
	URI        *string `json:"uri"`
	MimeType   string  `json:"mimeType"`
	BufferView *int    `json:"bufferView"`
}

// Model is what a GLB holds.
type Model struct {
	// Triangles are those drawn for the scene shown first: a mesh that stands in ten places counts ten times.
	Triangles int64 `json:"triangles"`
	Meshes    int   `json:"meshes"`
	Textures  int   `json:"textures"`
	// TexturePx is the longest side of the largest texture in pixels, 0 when none could be read (KTX2).
	TexturePx int `json:"texture_px,omitempty"`
	// Min and Max are the corners of the scene in metres, in glTF's axes: x right, y up, z to the viewer.
	Min       *[3]float64 `json:"min,omitempty"`
	Max       *[3]float64 `json:"max,omitempty"`
	Generator string      `json:"generator,omitempty"`
	Used      []string    `json:"extensions_used,omitempty"`
	Required  []string    `json:"extensions_required,omitempty"`
}

// check proves that everything a scene points to is in the file, whose binary chunk holds so many bytes.
func (s *scene) check(binBytes int64) error {
	version := s.Asset.Version
	if s.Asset.MinVersion != "" {
		version = s.Asset.MinVersion
	}
	if version != "2" && !strings.HasPrefix(version, "2.") {
		return errGLBVersion.With("version", cut(version))
	}
	for i, b := range s.Buffers {
		_, fallback := b.Extensions["EXT_meshopt_compression"] // such a buffer is filled when the model is read
		switch {
		case b.URI != nil:
			return errGLBExternal.With("uri", cut(*b.URI))
		case b.ByteLength < 1 || (i > 0 && !fallback) || (i == 0 && !fallback && b.ByteLength > binBytes):
			return errGLBReference.With("buffer", i)
		}
	}
	for i, v := range s.BufferViews {
		if !in(v.Buffer, len(s.Buffers)) || v.ByteOffset < 0 || v.ByteLength < 1 || v.ByteOffset > s.Buffers[v.Buffer].ByteLength-v.ByteLength {
			return errGLBReference.With("bufferView", i)
		}
	}
	for i, a := range s.Accessors {
		if !s.sound(a) {
			return errGLBReference.With("accessor", i)
		}
	}
	for i, t := range s.Images {
		switch {
		case t.URI != nil:
			return errGLBExternal.With("uri", cut(*t.URI))
		case t.BufferView == nil || !in(*t.BufferView, len(s.BufferViews)):
			return errGLBReference.With("image", i)
		}
	}
	return nil
}

// in reports whether i is an index of n elements.
func in(i, n int) bool { return i >= 0 && i < n }

// cut keeps what a fault quotes short.
func cut(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 80)], "")
}

// sound reports whether an accessor's elements lie in its buffer view (glTF 2.0, section 3.6.2.4).
func (s *scene) sound(a accessor) bool {
	component := map[int]int64{5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}[a.ComponentType]
	parts := map[string]int64{"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}[a.Type]
	if component == 0 || parts == 0 || a.Count < 1 || a.Count > MaxBytes*16 || a.ByteOffset < 0 {
		return false
	}
	if a.BufferView == nil { // compressed by an extension, or zeros
		return true
	}
	if !in(*a.BufferView, len(s.BufferViews)) {
		return false
	}
	v := s.BufferViews[*a.BufferView]
	element := component * parts
	stride := max(v.ByteStride, element)
	return stride <= 1<<16 && a.ByteOffset <= v.ByteLength && (a.Count-1)*stride+element <= v.ByteLength-a.ByteOffset
}

// measure walks the scene that is shown first.
func (s *scene) measure() (Model, error) {
	m := Model{
		Meshes: len(s.Meshes), Textures: len(s.Images), Generator: cut(s.Asset.Generator),
		Used: quoted(s.ExtensionsUsed), Required: quoted(s.ExtensionsRequired),
	}
	first := 0
	if s.Scene != nil {
		first = *s.Scene
	}
	if !in(first, len(s.Scenes)) {
		return m, errGLBEmpty
	}
	w := walk{scene: s, model: &m, seen: make([]bool, len(s.Nodes))}
	for _, root := range s.Scenes[first].Nodes {
		if err := w.node(root, identity()); err != nil {
			return m, err
		}
	}
	if m.Triangles == 0 {
		return m, errGLBEmpty
	}
	return m, nil
}

func quoted(names []string) []string {
	short := make([]string, 0, min(len(names), 64))
	for _, n := range names[:cap(short)] {
		short = append(short, cut(n))
	}
	slices.Sort(short)
	return slices.Compact(short)
}

type walk struct {
	*scene
	model *Model
	seen  []bool
}

// node adds a node and what hangs below it. The nodes of a scene are trees (glTF 2.0, section 3.5.2), so none is met
// twice; what is left to visit is kept in a list, since a chain may be as long as the scene.
func (w *walk) node(root int, at matrix) error {
	type visit struct {
		node int
		at   matrix
	}
	left := []visit{{root, at}}
	for len(left) > 0 {
		v := left[len(left)-1]
		left = left[:len(left)-1]
		if !in(v.node, len(w.Nodes)) {
			return errGLBReference.With("node", v.node)
		}
		if w.seen[v.node] {
			return errGLBCycle.With("node", v.node)
		}
		w.seen[v.node] = true
		n := w.Nodes[v.node]
		here := v.at.times(n.local())
		if n.Mesh != nil {
			if err := w.mesh(*n.Mesh, here); err != nil {
				return err
			}
		}
		for _, child := range n.Children {
			left = append(left, visit{child, here})
		}
	}
	return nil
}

func (w *walk) mesh(i int, at matrix) error {
	if !in(i, len(w.Meshes)) {
		return errGLBReference.With("mesh", i)
	}
	for _, p := range w.Meshes[i].Primitives {
		position, has := p.Attributes["POSITION"]
		if !has {
			continue // nothing to see
		}
		if !in(position, len(w.Accessors)) || (p.Indices != nil && !in(*p.Indices, len(w.Accessors))) {
			return errGLBReference.With("mesh", i)
		}
		vertices := w.Accessors[position].Count
		if p.Indices != nil {
			vertices = w.Accessors[*p.Indices].Count
		}
		w.model.Triangles += triangles(p.Mode, vertices)
		w.extend(w.Accessors[position], at)
	}
	return nil
}

// triangles counts those of a primitive by its mode (glTF 2.0, section 5.24.4): lists, strips and fans.
func triangles(mode *int, vertices int64) int64 {
	switch {
	case mode == nil || *mode == 4:
		return vertices / 3
	case *mode == 5 || *mode == 6:
		return max(0, vertices-2)
	default:
		return 0
	}
}

// extend widens the model's corners by those of a primitive where it stands.
func (w *walk) extend(a accessor, at matrix) {
	if len(a.Min) != 3 || len(a.Max) != 3 {
		return
	}
	unit := a.unit()
	for corner := range 8 {
		var p [3]float64
		for axis := range 3 {
			p[axis] = a.Min[axis] / unit
			if corner>>axis&1 == 1 {
				p[axis] = a.Max[axis] / unit
			}
		}
		q := at.point(p)
		if math.IsNaN(q[0]+q[1]+q[2]) || math.IsInf(q[0]+q[1]+q[2], 0) {
			return
		}
		if w.model.Min == nil {
			low, high := q, q
			w.model.Min, w.model.Max = &low, &high
		}
		for axis := range 3 {
			w.model.Min[axis] = min(w.model.Min[axis], q[axis])
			w.model.Max[axis] = max(w.model.Max[axis], q[axis])
		}
	}
}

// unit is what a quantised coordinate is divided by (KHR_mesh_quantization).
func (a accessor) unit() float64 {
	if !a.Normalized {
		return 1
	}
	return map[int]float64{5120: 127, 5121: 255, 5122: 32767, 5123: 65535}[a.ComponentType]
}
