package demo

import (
	"bytes"
	"encoding/binary"
	"math"
)

// gltf is as much of a glTF 2.0 document as a house needs.
type gltf struct {
	Asset       gltfAsset      `json:"asset"`
	Scene       int            `json:"scene"`
	Scenes      []gltfScene    `json:"scenes"`
	Nodes       []gltfNode     `json:"nodes"`
	Meshes      []gltfMesh     `json:"meshes"`
	Materials   []gltfMaterial `json:"materials"`
	Accessors   []gltfAccessor `json:"accessors"`
	BufferViews []gltfView     `json:"bufferViews"`
	Buffers     []gltfBuffer   `json:"buffers"`
}

type gltfAsset struct {
	Version   string `json:"version"`
	Generator string `json:"generator"`
}

type gltfScene struct {
	Nodes []int `json:"nodes"`
}

type gltfNode struct {
	Mesh int    `json:"mesh"`
	Name string `json:"name"`
}

type gltfMesh struct {
	Name       string          `json:"name"`
	Primitives []gltfPrimitive `json:"primitives"`
}

type gltfPrimitive struct {
	Attributes map[string]int `json:"attributes"`
	Material   int            `json:"material"`
}

type gltfMaterial struct {
	Name    string      `json:"name"`
	Surface gltfSurface `json:"pbrMetallicRoughness"`
}

type gltfSurface struct {
	Color     [4]float32 `json:"baseColorFactor"`
	Metallic  float32    `json:"metallicFactor"`
	Roughness float32    `json:"roughnessFactor"`
}

type gltfAccessor struct {
	View  int       `json:"bufferView"`
	Type  int       `json:"componentType"`
	Count int       `json:"count"`
	Shape string    `json:"type"`
	Min   []float32 `json:"min,omitempty"`
	Max   []float32 `json:"max,omitempty"`
}

type gltfView struct {
	Buffer int `json:"buffer"`
	Offset int `json:"byteOffset"`
	Length int `json:"byteLength"`
	Target int `json:"target"`
}

type gltfBuffer struct {
	Length int `json:"byteLength"`
}

// add writes vectors to the binary chunk and returns the number of their accessor; positions must tell their bounds.
func (g *gltf) add(data *bytes.Buffer, vectors [][3]float32, bounds bool) int {
	const float, vertices = 5126, 34962
	g.BufferViews = append(g.BufferViews, gltfView{Offset: data.Len(), Length: 12 * len(vectors), Target: vertices})
	a := gltfAccessor{View: len(g.BufferViews) - 1, Type: float, Count: len(vectors), Shape: "VEC3"}
	low, high := []float32{math.MaxFloat32, math.MaxFloat32, math.MaxFloat32}, []float32{-math.MaxFloat32, -math.MaxFloat32, -math.MaxFloat32}
	for _, v := range vectors {
		for i, x := range v {
			low[i], high[i] = min(low[i], x), max(high[i], x)
			data.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)))
		}
	}
	if bounds {
		a.Min, a.Max = low, high
	}
	g.Accessors = append(g.Accessors, a)
	return len(g.Accessors) - 1
}
