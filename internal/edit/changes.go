package edit

import (
	"fmt"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/fault"
)

// one is a change on its way, or the fault of what could not be read as one.
type one struct {
	geodata.Change
	fault *fault.Error
}

type puller func() (geodata.Change, error, bool)

// take reads changes for one chunk. Ended says that no more will come.
func take(next puller, each bool) (got []one, ended bool, err error) {
	vertices := 0
	for len(got) < chunkSize && vertices < chunkVertices {
		c, err, ok := next()
		if !ok {
			return got, true, nil
		}
		o := one{Change: c}
		if err != nil {
			f, isFault := fault.As(err)
			if !each || !isFault || (f.Kind() != fault.Invalid && f.Kind() != fault.Required) {
				return nil, false, fmt.Errorf("read change %d: %w", len(got)+1, err)
			}
			o.fault = f
		}
		vertices += ewkb.Vertices(c.Geometry)
		got = append(got, o)
	}
	return got, false, nil
}

// changes gives a batch's changes in chunks that one set of statements can keep.
type changes struct {
	catalogue *geodata.Catalogue
	head      []one
	next      puller
	ended     bool
	each      bool
}

// chunk gives the next changes of one layer and one kind of operation, each to another feature, so that their order
// among themselves does not matter. It is empty at the end.
func (c *changes) chunk() ([]one, error) {
	if len(c.head) == 0 && !c.ended {
		var err error
		if c.head, c.ended, err = take(c.next, c.each); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	n := 0
	for ; n < len(c.head); n++ {
		o := c.head[n]
		if o.Layer != c.head[0].Layer || kindOf(o.Op) != kindOf(c.head[0].Op) {
			break
		}
		if is := c.identity(o); is != "" {
			if seen[is] {
				break
			}
			seen[is] = true
		}
	}
	chunk := c.head[:n:n]
	c.head = c.head[n:]
	return chunk, nil
}

// identity is what tells the change's feature from others, as far as it is given: its id, its key or its place in the
// source. It is "" where nothing is known.
func (c *changes) identity(o one) string {
	if o.ID != 0 {
		return fmt.Sprint(o.ID)
	}
	l, err := c.catalogue.Layer(o.Layer)
	if err != nil || o.Op != geodata.Upsert {
		return ""
	}
	if key, ok := keyOf(l, o.Properties); ok {
		return fmt.Sprint("key ", key)
	}
	if ref := o.Properties["source_ref"]; ref != nil {
		return fmt.Sprintf("source %v %v", o.Properties["source"], ref)
	}
	return ""
}

// kindOf puts operations together that may share a chunk.
func kindOf(op geodata.Op) geodata.Op {
	if op == geodata.Merge {
		return geodata.Update
	}
	return op
}
