package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"strings"
	"testing"
)

func TestAModelIsCountedAndMeasured(t *testing.T) {
	scene := `{"asset":{"version":"2.0","generator":"test"},"scenes":[{"nodes":[0,2]}],
		"nodes":[{"children":[1],"translation":[10,0,0]},{"mesh":0,"scale":[2,2,2]},{"mesh":0,"rotation":[0,0.7071067811865476,0,0.7071067811865476]}],
		"meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1},{"attributes":{"POSITION":0},"mode":5},{"attributes":{"POSITION":0},"mode":1},{"attributes":{}}]}],
		"accessors":[{"bufferView":0,"componentType":5126,"count":4,"type":"VEC3","min":[0,0,0],"max":[1,2,3]},{"bufferView":1,"componentType":5123,"count":6,"type":"SCALAR"}],
		"bufferViews":[{"buffer":0,"byteLength":48},{"buffer":0,"byteOffset":48,"byteLength":12}],"buffers":[{"byteLength":60}],
		"extensionsUsed":["KHR_texture_transform","EXT_x","EXT_x"],"extensionsRequired":["EXT_x"]}`
	found, err := examined(t, glbOf(scene, make([]byte, 60)))
	if err != nil {
		t.Fatal(err)
	}
	m := found.meta.Model
	if m.Triangles != 2*(2+2) || m.Meshes != 1 || m.Generator != "test" {
		t.Errorf("counted %+v", m)
	}
	// The first stands at x 10…12, twice as large; the second is turned a quarter about y: x is its z, z its −x.
	for axis, want := range [3][2]float64{{0, 12}, {0, 4}, {-1, 6}} {
		if math.Abs(m.Min[axis]-want[0]) > 1e-9 || math.Abs(m.Max[axis]-want[1]) > 1e-9 {
			t.Errorf("it reaches from %v to %v", *m.Min, *m.Max)
		}
	}
	if fmt.Sprint(m.Used, m.Required) != "[EXT_x KHR_texture_transform] [EXT_x]" {
		t.Errorf("extensions %v %v", m.Used, m.Required)
	}
	if len(found.meta.Warnings) != 0 {
		t.Errorf("warned of %v", found.meta.Warnings)
	}
}

func TestAHeavyModelIsTakenWithAWarning(t *testing.T) {
	found, err := examined(t, glbOf(triangleScene, make([]byte, 2_100_000)))
	if err != nil || len(found.meta.Warnings) != 1 || found.meta.Warnings[0].Code != "first_view_over_2mb" || found.meta.Warnings[0].VI == "" {
		t.Errorf("%+v, %v", found.meta.Warnings, err)
	}
}

func TestAModelThatCannotBeShownIsRefused(t *testing.T) {
	good := sampleGLB()
	with := func(old, replacement string) []byte {
		changed := strings.Replace(triangleScene, old, replacement, 1)
		if changed == triangleScene {
			t.Fatalf("nothing of %q was changed", old)
		}
		return glbOf(changed, make([]byte, 36))
	}
	edited := func(at int, b ...byte) []byte {
		c := bytes.Clone(good)
		copy(c[at:], b)
		return c
	}
	chain := `{"mesh":0}`
	for i := range 3000 {
		chain += fmt.Sprintf(`,{"children":[%d]}`, i)
	}
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"version 1":               {edited(4, 1), "glb_version"},
		"cut short":               {good[:len(good)-1], "glb_cut_short"},
		"something behind":        {append(bytes.Clone(good), 0, 0, 0, 0), "glb_container"},
		"a chunk too long":        {edited(12, 0xff, 0xff, 0, 0), "glb_container"},
		"no JSON chunk":           {edited(16, 'B', 'I', 'N', 0), "glb_container"},
		"only a header":           {append([]byte("glTF\x02\x00\x00\x00"), 12, 0, 0, 0), "glb_container"},
		"broken JSON":             {with(`"scene":0`, `"scene":`), "glb_scene"},
		"asset version 3":         {with(`"version":"2.0"`, `"version":"3.0"`), "glb_version"},
		"a newer least version":   {with(`"version":"2.0"`, `"version":"2.0","minVersion":"20.1"`), "glb_version"},
		"buffer outside":          {with(`"byteLength":36}]}`, `"byteLength":36,"uri":"https://example.org/a.bin"}]}`), "glb_external"},
		"picture outside":         {with(`"scene":0`, `"scene":0,"images":[{"uri":"../../etc/passwd"}]`), "glb_external"},
		"picture of nothing":      {with(`"scene":0`, `"scene":0,"images":[{"bufferView":9}]`), "glb_reference"},
		"buffer larger than file": {with(`"byteLength":36}]}`, `"byteLength":40}]}`), "glb_reference"},
		"view beyond its buffer":  {with(`{"buffer":0,"byteLength":36}`, `{"buffer":0,"byteOffset":4,"byteLength":36}`), "glb_reference"},
		"view that overflows":     {with(`{"buffer":0,"byteLength":36}`, `{"buffer":0,"byteOffset":9223372036854775807,"byteLength":36}`), "glb_reference"},
		"accessor beyond":         {with(`"count":3`, `"count":4`), "glb_reference"},
		"accessor that overflows": {with(`"count":3`, `"count":9223372036854775807`), "glb_reference"},
		"negative offset":         {with(`"count":3`, `"count":3,"byteOffset":-12`), "glb_reference"},
		"node that is not there":  {with(`"nodes":[0]`, `"nodes":[7]`), "glb_reference"},
		"mesh that is not there":  {with(`{"mesh":0}`, `{"mesh":-1}`), "glb_reference"},
		"a node in itself":        {with(`{"mesh":0}`, `{"mesh":0,"children":[0]}`), "glb_cycle"},
		"nothing to see":          {with(`"POSITION":0`, `"NORMAL":0`), "glb_empty"},
		"points only":             {with(`{"attributes":{"POSITION":0}}`, `{"attributes":{"POSITION":0},"mode":0}`), "glb_empty"},
		"no scene":                {with(`"scene":0`, `"scene":4`), "glb_empty"},
		"a million nodes":         {with(`"nodes":[{"mesh":0}]`, `"nodes":[{"mesh":0}`+strings.Repeat(`,{}`, maxElements)+`]`), "glb_too_complex"},
	} {
		_, err := examined(t, c.content)
		if err == nil {
			t.Errorf("%s is taken", name)
			continue
		}
		t.Run(name, func(t *testing.T) { want(t, err, c.code) })
	}
	if _, err := examined(t, with(`"nodes":[{"mesh":0}]`, `"nodes":[`+chain+`]`)); err != nil {
		t.Errorf("a long chain of nodes: %v", err)
	}
}

func TestTheTexturesOfAPublicModelTellNoPlace(t *testing.T) {
	loud := hiker
	loud.trailer = "secret trailer"
	for kind, c := range map[string]struct {
		photo []byte
		wide  int
	}{
		"image/jpeg": {sampleJPEG(t, hiker), 4}, "image/png": {samplePNGWith(t, loud), 4}, "image/webp": {sampleWebP(loud), 1},
	} {
		t.Run(kind, func(t *testing.T) { textureTellsNothing(t, kind, c.photo, c.wide) })
	}
}

func textureTellsNothing(t *testing.T, kind string, photo []byte, wide int) {
	t.Helper()
	if !bytes.Contains(photo, []byte("secret")) || !bytes.Contains(photo, []byte("2026:05:01")) {
		t.Fatal("the texture tells nothing to begin with")
	}
	bin := append(make([]byte, 36), photo...)
	scene := strings.Replace(triangleScene, `{"buffer":0,"byteLength":36}`, fmt.Sprintf(`{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":%d}`, len(photo)), 1)
	scene = strings.Replace(scene, `"buffers":[{"byteLength":36}]`, fmt.Sprintf(`"buffers":[{"byteLength":%d}],"images":[{"bufferView":1,"mimeType":%q}]`, len(bin), kind), 1)
	whole := glbOf(scene, bin)
	found, err := examined(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if found.meta.Model.Textures != 1 || found.meta.Model.TexturePx != wide {
		t.Errorf("textures %+v", found.meta.Model)
	}
	var copied bytes.Buffer
	if err := found.public.write(&copied, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	public := copied.Bytes()
	if len(public) != len(whole) || bytes.Contains(public, []byte("secret")) || bytes.Contains(public, []byte("2026:05:01")) {
		t.Error("the public copy is of another size or holds the camera's notes")
	}
	at := len(whole) - len(bin) - (4-len(bin)%4)%4 + 36
	if bytes.Contains(public, []byte("II*\x00")) {
		t.Error("Exif is in the public copy")
	}
	if _, _, err := image.Decode(bytes.NewReader(public[at : at+len(photo)])); err != nil {
		t.Errorf("the texture of the public copy cannot be read: %v", err)
	}
	if _, err := examined(t, public); err != nil {
		t.Errorf("the public copy is no model: %v", err)
	}
}

func FuzzGLB(f *testing.F) {
	f.Add(sampleGLB())
	f.Add(glbOf(`{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"children":[0]}]}`, nil))
	f.Add(binary.LittleEndian.AppendUint32([]byte("glTF\x02\x00\x00\x00"), 12))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, public, err := readGLB(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if m.Triangles < 1 {
			t.Errorf("a model without triangles is taken: %+v", m)
		}
		if public == nil {
			return
		}
		var out bytes.Buffer
		if err := public.write(&out, bytes.NewReader(b)); err != nil || out.Len() != len(b) {
			t.Errorf("the public copy has %d of %d bytes, %v", out.Len(), len(b), err)
		}
	})
}
