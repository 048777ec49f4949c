package demo

// tracer follows the borders between patches. Its nodes are the corners of the cells, numbered row by row; every node on a border
// gets one place, whichever patch is drawn, so that borders are shared exactly.
type tracer struct {
	*patches
	width int
	at    []point // the place of each node
	kept  []bool  // nodes that are drawn; the others lie on a straight run
}

// degree tells on how many of its four sides a node has a border, and which: east, north, west, south.
func (t *tracer) degree(node int) (n int, sides [4]bool) {
	c, r := node%t.width, node/t.width
	sw, se, nw, ne := t.get(c-1, r-1), t.get(c, r-1), t.get(c-1, r), t.get(c, r)
	sides = [4]bool{se != ne, nw != ne, sw != nw, sw != se}
	for _, s := range sides {
		if s {
			n++
		}
	}
	return n, sides
}

func (t *tracer) step(node, side int) int { return node + [4]int{1, t.width, -1, -t.width}[side] }

// place gives the nodes their places: three rounds of moving each towards the middle of its two neighbours on the border,
// never further than 0.45 of a cell, so that borders cannot cross. Where three patches meet nothing moves.
func (t *tracer) place() {
	nodes := t.width * (t.rows + 1)
	t.at = make([]point, nodes)
	t.kept = make([]bool, nodes)
	type link struct{ node, a, b int }
	var links []link
	for i := range t.at {
		t.at[i] = point{t.west + float64(i%t.width)*t.sizeM, t.south + float64(i/t.width)*t.sizeM}
		n, sides := t.degree(i)
		if n == 0 {
			continue
		}
		t.kept[i] = true
		if n != 2 {
			continue
		}
		l := link{node: i, a: -1}
		for side, border := range sides {
			if !border {
				continue
			}
			if l.a < 0 {
				l.a = t.step(i, side)
			} else {
				l.b = t.step(i, side)
			}
		}
		links = append(links, l)
	}
	home := append([]point(nil), t.at...)
	next := append([]point(nil), t.at...)
	for range 4 {
		for _, l := range links {
			p := mix(t.at[l.node], mix(t.at[l.a], t.at[l.b], 0.5), 0.7)
			h := home[l.node]
			limit := 0.45 * t.sizeM
			next[l.node] = point{clamp(p.x, h.x-limit, h.x+limit), clamp(p.y, h.y-limit, h.y+limit)}
		}
		t.at, next = next, t.at
	}
	for _, l := range links {
		// What lies straight between its neighbours is not drawn. Both nodes beside a dropped one are always kept.
		straight := line{t.at[l.a], t.at[l.b]}.distance(t.at[l.node])
		if straight < 0.01*t.sizeM && t.kept[l.a] && t.kept[l.b] {
			t.kept[l.node] = false
		}
	}
}

// rings walks every border with its patch on the left.
func (t *tracer) rings(labels int) [][]line {
	out := make([][]line, labels)
	// One bit a side for the borders already walked, by the node they start at.
	done := make([]uint8, len(t.at))
	for start := range t.at {
		for side := range 4 {
			label, ok := t.leftOf(start, side)
			if !ok || label < 0 || label >= labels || done[start]&(1<<side) != 0 {
				continue
			}
			out[label] = append(out[label], t.walk(start, side, label, done))
		}
	}
	return out
}

// leftOf is the label on the left of the edge that leaves a node on a side; ok says that the edge is a border.
func (t *tracer) leftOf(node, side int) (label int, ok bool) {
	c, r := node%t.width, node/t.width
	var left, right int
	switch side {
	case 0:
		left, right = t.get(c, r), t.get(c, r-1)
	case 1:
		left, right = t.get(c-1, r), t.get(c, r)
	case 2:
		left, right = t.get(c-1, r-1), t.get(c-1, r)
	default:
		left, right = t.get(c, r-1), t.get(c-1, r-1)
	}
	return left, left != right
}

func (t *tracer) walk(start, side, label int, done []uint8) line {
	var ring line
	node := start
	for done[node]&(1<<side) == 0 {
		done[node] |= 1 << side
		if t.kept[node] {
			ring = append(ring, t.at[node])
		}
		node = t.step(node, side)
		// Turn left if the patch does, else straight on, else right.
		for _, turn := range [3]int{1, 0, 3} {
			next := (side + turn) % 4
			if l, ok := t.leftOf(node, next); ok && l == label {
				side = next
				break
			}
		}
	}
	return ring
}
