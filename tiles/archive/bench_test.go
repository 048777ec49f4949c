package archive

import "testing"

// BenchmarkTile compares a tile that is kept with one that is read again, from a file and from a store on this machine.
func BenchmarkTile(b *testing.B) {
	whole := worded("one")
	s := newStore(b)
	s.put(whole)
	for name, open := range map[string]way{"file": fromFile, "store": func(t testing.TB, _ []byte) (*Archive, error) { return s.archive(t), nil }} {
		for _, kept := range []bool{true, false} {
			what := name + "/read"
			if kept {
				what = name + "/kept"
			}
			b.Run(what, func(b *testing.B) {
				a, request := opened(b, open, whole), at(b, 0, 0, 0)
				b.ReportAllocs()
				for b.Loop() {
					if v := a.current.Load(); !kept && v != nil {
						clear(v.tiles.young)
					}
					if _, err := a.Tile(b.Context(), request); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
