package httpapi

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/feed"
	"bando/tiles"
)

const (
	// maxListeners bounds the open event streams of one server.
	maxListeners = 2000
	// maxListenersFrom bounds those of one address, so that no single one takes them all. Behind one address of a mobile
	// operator there may be a whole village.
	maxListenersFrom = maxListeners / 4
	// queueLength is how many events a listener may be behind before it is dropped; it comes back and is told the rest.
	queueLength = 64
	// recentEvents is how many revisions are kept for listeners who come back.
	recentEvents = 2000
	// manyChanges of one layer in one revision are told as one, with the box around them.
	manyChanges = 200
)

var errListeners = fault.New(fault.Busy, "too_many_listeners", fault.Text{
	VI: "Quá nhiều trang đang mở cùng lúc. Bản đồ vẫn dùng được; thay đổi mới sẽ thấy khi tải lại.",
	EN: "Too many pages are open at once. The map works; reload to see what is new.",
})

// Hub hands the log's changes to open pages; a page that cannot keep up is let go, never waited for.
type Hub struct {
	catalogue *geodata.Catalogue

	mu        sync.Mutex
	closed    bool
	head      geodata.Revision
	recent    []event // in order
	listeners map[*listener]struct{}
}

// event is one revision, written for each audience; nil where it is nothing to it.
type event struct {
	revision geodata.Revision
	text     map[geodata.Audience][]byte
}

// listener is one open page.
type listener struct {
	audience geodata.Audience
	from     string      // the address it listens from
	queue    chan []byte // closed when the listener is let go
}

// NewHub makes a hub. It is told of each revision with Tell, and with Begin from which on.
func NewHub(catalogue *geodata.Catalogue) *Hub {
	return &Hub{catalogue: catalogue, listeners: map[*listener]struct{}{}}
}

// Begin tells after which revision the feed hands changes over.
func (h *Hub) Begin(head geodata.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head = max(h.head, head)
}

// change is one change as a page is told of it. ID is 0 where it is not told: many at once, or a layer that hides rows.
type change struct {
	Layer   string     `json:"layer"`
	ID      int64      `json:"id"`
	Op      string     `json:"op"`
	Squares [][4]int32 `json:"squares"`
}

// Tell hands one whole revision of the log to the pages that may see something of it.
func (h *Hub) Tell(revision geodata.Revision, entries []feed.Entry) {
	e := event{revision, map[geodata.Audience][]byte{}}
	for _, audience := range geodata.Audiences {
		if changes := h.seen(audience, entries); len(changes) > 0 {
			e.text[audience] = changeEvent(revision, changes)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head = revision
	h.recent = append(h.recent, e)
	if len(h.recent) > 2*recentEvents {
		h.recent = slices.Clone(h.recent[len(h.recent)-recentEvents:])
	}
	for l := range h.listeners {
		text := e.text[l.audience]
		if text == nil {
			continue
		}
		select {
		case l.queue <- text:
		default:
			h.drop(l)
		}
	}
}

// Lost tells that changes up to head were missed: pages are let go, come back, and are told to look at everything anew.
func (h *Hub) Lost(head geodata.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head, h.recent = head, nil
	for l := range h.listeners {
		h.drop(l)
	}
}

// drop lets a listener go; h.mu is held.
func (h *Hub) drop(l *listener) {
	if _, there := h.listeners[l]; there {
		delete(h.listeners, l)
		close(l.queue)
	}
}

// changeEvent writes an event of the stream (HTML standard, section 9.2.6).
func changeEvent(revision geodata.Revision, changes []change) []byte {
	// Nothing in it can fail to be written: strings and numbers.
	data, _ := json.Marshal(map[string]any{"revision": revision, "changes": changes})
	return fmt.Appendf(nil, "event: change\nid: %d\ndata: %s\n\n", revision, data)
}

// seen is what an audience is told of a revision's entries.
func (h *Hub) seen(audience geodata.Audience, entries []feed.Entry) []change {
	var changes []change
	count := map[string]int{}
	for _, e := range entries {
		count[e.Layer]++
	}
	told := map[string]bool{}
	for _, e := range entries {
		l, err := h.catalogue.Layer(e.Layer)
		if err != nil || !l.Sees(audience) || told[e.Layer] {
			continue
		}
		if hides(l, audience) {
			told[e.Layer] = true
			changes = append(changes, change{Layer: e.Layer, Op: string(geodata.Update), Squares: [][4]int32{everywhere()}})
			continue
		}
		if count[e.Layer] > manyChanges {
			told[e.Layer] = true
			changes = append(changes, change{Layer: e.Layer, Op: "many", Squares: [][4]int32{around(l, entries)}})
			continue
		}
		c := change{Layer: e.Layer, ID: e.Feature, Op: string(e.Op), Squares: make([][4]int32, 0, len(e.Rects))}
		for _, r := range e.Rects {
			c.Squares = append(c.Squares, squares(r))
		}
		changes = append(changes, c)
	}
	return changes
}

// hides reports whether the audience sees only some features of the layer, or not where they truly are. Of such a layer it
// is told no more than that something of it may have changed: not even the number, ids and squares of changes, which would
// tell of what is hidden. That the log has moved on, the revision tells anyway.
func hides(l geodata.Layer, audience geodata.Audience) bool {
	return audience != geodata.Staff && (len(l.Public.When) > 0 || l.Public.RoundM > 0)
}

// everywhere is the block of all squares.
func everywhere() [4]int32 {
	last := int32(1)<<tiles.SquareZoom - 1
	return [4]int32{0, 0, last, last}
}

func squares(r tiles.Rect) [4]int32 { return [4]int32{r.X0, r.Y0, r.X1, r.Y1} }

// around is the block that holds all of a layer's changes.
func around(l geodata.Layer, entries []feed.Entry) [4]int32 {
	all := tiles.Rect{X0: math.MaxInt32, Y0: math.MaxInt32}
	for _, e := range entries {
		if e.Layer != l.ID {
			continue
		}
		for _, r := range e.Rects {
			all = tiles.Rect{X0: min(all.X0, r.X0), Y0: min(all.Y0, r.Y0), X1: max(all.X1, r.X1), Y1: max(all.Y1, r.Y1)}
		}
	}
	if all.X1 < all.X0 { // none of them has a place
		return squares(tiles.Rect{})
	}
	return squares(all)
}

// open lets a page at an address listen. after is the last revision it was told of, 0 for none; missed are the events since. reset
// says that they are not known any more: the page must look at everything anew.
func (h *Hub) open(audience geodata.Audience, from string, after geodata.Revision) (l *listener, head geodata.Revision, missed [][]byte, reset bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.listeners) >= maxListeners || h.listening(from) >= maxListenersFrom {
		return nil, 0, nil, false, errListeners
	}
	l = &listener{audience, from, make(chan []byte, queueLength)}
	h.listeners[l] = struct{}{}
	if after == 0 || after == h.head {
		return l, h.head, nil, false, nil
	}
	if after > h.head || len(h.recent) == 0 || h.recent[0].revision > after+1 {
		return l, h.head, nil, true, nil
	}
	for _, e := range h.recent {
		if text := e.text[audience]; e.revision > after && text != nil {
			missed = append(missed, text)
		}
	}
	return l, h.head, missed, false, nil
}

// listening counts the pages of an address; h.mu is held.
func (h *Hub) listening(from string) (n int) {
	for l := range h.listeners {
		if l.from == from {
			n++
		}
	}
	return n
}

func (h *Hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(l)
}

// Close lets every listener go and takes no more.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for l := range h.listeners {
		h.drop(l)
	}
}
