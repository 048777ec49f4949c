package demo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// GLB returns a small model of a stilt house (binary glTF 2.0, metres, Y up, the front towards +Z), built from boxes: the
// 3D model of the site ModelSiteID. The same bytes every time.
func GLB() []byte {
	m := stiltHouse()
	var data bytes.Buffer
	doc := gltf{Asset: gltfAsset{Version: "2.0", Generator: Source}, Scenes: []gltfScene{{Nodes: []int{0}}}}
	mesh := gltfMesh{Name: "nhà sàn"}
	for i, part := range m {
		doc.Materials = append(doc.Materials, gltfMaterial{Name: part.name, Surface: gltfSurface{Color: part.color, Metallic: 0, Roughness: 0.9}})
		position := doc.add(&data, part.positions, true)
		normal := doc.add(&data, part.normals, false)
		mesh.Primitives = append(mesh.Primitives, gltfPrimitive{Attributes: map[string]int{"POSITION": position, "NORMAL": normal}, Material: i})
	}
	doc.Nodes, doc.Meshes = []gltfNode{{Mesh: 0, Name: "nhà sàn"}}, []gltfMesh{mesh}
	doc.Buffers = []gltfBuffer{{Length: data.Len()}}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("demo: the house cannot be written: %v", err)) // only numbers and names: cannot happen
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	var out bytes.Buffer
	word := func(v uint32) { out.Write(binary.LittleEndian.AppendUint32(nil, v)) }
	word(0x46546C67) // "glTF"
	word(2)
	word(uint32(12 + 8 + len(text) + 8 + data.Len()))
	word(uint32(len(text)))
	word(0x4E4F534A) // "JSON"
	out.Write(text)
	word(uint32(data.Len()))
	word(0x004E4942) // "BIN"
	out.Write(data.Bytes())
	return out.Bytes()
}

// solid is what is built of one material: triangles with flat normals.
type solid struct {
	name      string
	color     [4]float32
	positions [][3]float32
	normals   [][3]float32
}

type vertex [3]float64

func (s *solid) triangle(a, b, c vertex) {
	u, v := vertex{b[0] - a[0], b[1] - a[1], b[2] - a[2]}, vertex{c[0] - a[0], c[1] - a[1], c[2] - a[2]}
	n := vertex{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	size := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
	for _, p := range [3]vertex{a, b, c} {
		s.positions = append(s.positions, [3]float32{float32(p[0]), float32(p[1]), float32(p[2])})
		s.normals = append(s.normals, [3]float32{float32(n[0] / size), float32(n[1] / size), float32(n[2] / size)})
	}
}

func (s *solid) quad(a, b, c, d vertex) {
	s.triangle(a, b, c)
	s.triangle(a, c, d)
}

// box stands at x, y, z (its lowest corner).
func (s *solid) box(x, y, z, wide, high, deep float64) {
	at := func(i, j, k float64) vertex { return vertex{x + i*wide, y + j*high, z + k*deep} }
	s.quad(at(0, 0, 1), at(1, 0, 1), at(1, 1, 1), at(0, 1, 1))
	s.quad(at(1, 0, 0), at(0, 0, 0), at(0, 1, 0), at(1, 1, 0))
	s.quad(at(0, 0, 0), at(0, 0, 1), at(0, 1, 1), at(0, 1, 0))
	s.quad(at(1, 0, 1), at(1, 0, 0), at(1, 1, 0), at(1, 1, 1))
	s.quad(at(0, 1, 1), at(1, 1, 1), at(1, 1, 0), at(0, 1, 0))
	s.quad(at(0, 0, 0), at(1, 0, 0), at(1, 0, 1), at(0, 0, 1))
}

// stiltHouse is 12 m wide and 8 m deep, its floor 2.2 m above the ground.
func stiltHouse() []*solid {
	wood := &solid{name: "gỗ", color: [4]float32{0.36, 0.23, 0.13, 1}}
	wall := &solid{name: "phên tre", color: [4]float32{0.72, 0.56, 0.33, 1}}
	roof := &solid{name: "mái", color: [4]float32{0.30, 0.28, 0.26, 1}}
	for i := range 5 {
		for j := range 4 {
			wood.box(-5.6+2.75*float64(i), 0, -3.6+2.3*float64(j), 0.24, 2.2, 0.24)
		}
	}
	wood.box(-6, 2.2, -4, 12, 0.2, 9.2) // the floor, with a gallery in front
	for i := range 13 {
		wood.box(-5.95+0.99*float64(i), 2.4, 5.05, 0.07, 0.8, 0.07)
	}
	wood.box(-6, 3.2, 5.03, 12, 0.08, 0.12) // the rail
	for i := range 9 {
		wood.box(4.2, 0.25*float64(i), 7.4-0.27*float64(i), 1.2, 0.06, 0.3) // the stairs
	}
	wall.box(-5.6, 2.4, -3.7, 11.2, 2.3, 0.1)
	wall.box(-5.6, 2.4, -3.7, 0.1, 2.3, 7.4)
	wall.box(5.5, 2.4, -3.7, 0.1, 2.3, 7.4)
	for _, x := range [...]float64{-5.6, -1.6, 1.0, 4.6} {
		wall.box(x, 2.4, 3.6, 1.0, 2.3, 0.1) // the front, with openings between
	}
	wall.box(-5.6, 4.3, 3.6, 11.2, 0.4, 0.1)
	gable(roof)
	return []*solid{wood, wall, roof}
}

// gable lays a thick roof with two slopes and closed ends.
func gable(s *solid) {
	const x, eave, ridge, front, back, thick = 6.8, 4.3, 7.6, 5.6, -4.9, 0.25
	for _, y := range [...]float64{0, thick} {
		a, b := vertex{-x, eave + y, front}, vertex{x, eave + y, front}
		c, d := vertex{x, ridge + y, 0.3}, vertex{-x, ridge + y, 0.3}
		e, f := vertex{x, eave + y, back}, vertex{-x, eave + y, back}
		if y > 0 {
			s.quad(a, b, c, d)
			s.quad(d, c, e, f)
		} else {
			s.quad(d, c, b, a)
			s.quad(f, e, c, d)
		}
	}
	s.triangle(vertex{-5.6, 4.7, -3.7}, vertex{-5.6, 4.7, 3.7}, vertex{-5.6, ridge, 0.3})
	s.triangle(vertex{5.6, 4.7, 3.7}, vertex{5.6, 4.7, -3.7}, vertex{5.6, ridge, 0.3})
	s.box(-x, ridge, 0.1, 2*x, thick+0.2, 0.4)
}
