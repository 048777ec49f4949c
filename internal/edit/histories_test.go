package edit_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/edit"
	"bando/internal/fault"
)

// A history is what eight writers do at once to three features: they count one up in an attribute, which loses a step as soon
// as one of them overwrites another; they rename and move without looking; they merge when they come late; they lose answers
// and send again. Each edit carries its own reason, by which the log tells what was kept of it.
const (
	historyWriters = 8
	historyEdits   = 3 // of each writer
	historySpots   = 3 // features
)

// sent is one edit and what its writer knows of it.
type sent struct {
	reason  string
	feature int64
	// expect is the revision under which it was acknowledged; nil for an edit that did not look.
	expect *geodata.Revision
	counts bool
	// revision is what the writer was told, 0 where it does not know.
	revision geodata.Revision
	refused  bool
}

// scribe is one writer.
type scribe struct {
	*bench
	name   string
	chance *rand.Rand
	spots  []int64
	sent   []sent
	merged int
	cut    int
	twice  int
}

func TestNoHistoryLosesOrDoublesAnEdit(t *testing.T) {
	histories := 60 // in the repository's checks; BANDO_HISTORIES asks for more
	if n, err := strconv.Atoi(os.Getenv("BANDO_HISTORIES")); err == nil {
		histories = n
	}
	b := newBench(t)
	var tried, kept, unknown, merged, cut, twice int
	for h := range histories {
		spots := make([]int64, historySpots)
		for i := range spots {
			spots[i] = b.apply(admin, edit.Batch{}, create("places", orb.Point{103.62, 22.34}, map[string]any{"name": "x", "class": "hamlet", "note": "0"})).Features[0]
		}
		writers := make([]*scribe, historyWriters)
		var all sync.WaitGroup
		for i := range writers {
			w := &scribe{bench: b, name: fmt.Sprintf("h%d-w%d", h, i), chance: rand.New(rand.NewPCG(uint64(h), uint64(i))), spots: spots} //nolint:gosec // repeatable
			writers[i] = w
			all.Go(w.write)
		}
		all.Wait()
		for _, w := range writers {
			merged, cut, twice = merged+w.merged, cut+w.cut, twice+w.twice
			for _, s := range w.sent {
				tried++
				n := b.judge(s)
				if s.revision == 0 {
					unknown += n
				} else {
					kept += n
				}
			}
		}
		for _, id := range spots {
			b.counted(id)
		}
		if t.Failed() {
			t.Fatalf("history %d is wrong; it is seeded by its number", h)
		}
	}
	t.Logf("%d histories of %d writers: %d edits tried, %d acknowledged and found once each, %d found of those cut off for good; %d merged after a 412, %d cut off, %d sent twice",
		histories, historyWriters, tried, kept, unknown, merged, cut, twice)
}

// write makes the writer's edits.
func (s *scribe) write() {
	for n := range historyEdits {
		reason := fmt.Sprintf("%s-%d", s.name, n)
		id := s.spots[s.chance.IntN(len(s.spots))]
		switch s.chance.IntN(4) {
		case 0: // without looking
			s.deliver(sent{reason: reason, feature: id}, merge("places", id, map[string]any{"name": reason}))
		case 1: // along with what others change
			c := merge("places", id, map[string]any{"code": reason})
			seen := s.feature("places", id).Revision
			c.Expect = &seen
			s.deliver(sent{reason: reason, feature: id, expect: &seen}, c)
		default:
			s.count(reason, id)
		}
	}
}

// count counts one up, again and again until it is the first to have seen what is there.
func (s *scribe) count(reason string, id int64) {
	for attempt := range 50 {
		f := s.feature("places", id)
		text, _ := f.Properties["note"].(string)
		n, err := strconv.Atoi(text)
		if err != nil {
			s.Errorf("the count is %q", text)
			return
		}
		c := merge("places", id, map[string]any{"note": strconv.Itoa(n + 1)})
		c.Expect = &f.Revision
		if !s.deliver(sent{reason: fmt.Sprintf("%s-%d", reason, attempt), feature: id, expect: &f.Revision, counts: true}, c) {
			return
		}
	}
}

// deliver sends one edit, some of them with a key, some cut off on the way, some twice. It reports whether the edit was refused
// as stale.
func (s *scribe) deliver(e sent, c geodata.Change) (stale bool) {
	batch := edit.Batch{Reason: e.reason}
	if s.chance.IntN(4) > 0 {
		batch.Once = &edit.Once{Key: "key-" + e.reason, Request: sha256.Sum256([]byte(e.reason))}
	}
	r, err := s.send(batch, c, s.chance.IntN(3) == 0)
	for err != nil && !refusal(err) && batch.Once != nil { // the answer was lost: again
		r, err = s.send(batch, c, s.chance.IntN(3) == 0)
	}
	if f, ok := fault.As(err); ok && f.Kind() == fault.Stale && !e.counts && s.rebase(f, &c) {
		s.merged++
		e.refused = true
		s.sent = append(s.sent, e)
		return s.deliver(sent{reason: e.reason + "m", feature: e.feature, expect: c.Expect}, c)
	}
	switch {
	case err == nil:
		e.revision = r.Revision
		if batch.Once != nil && s.chance.IntN(3) == 0 {
			s.twice++
			again, err := s.send(batch, c, false)
			if err != nil || !again.Replayed || again.Revision != r.Revision {
				s.Errorf("%s again: %+v, %v; was %+v", e.reason, again, err, r)
			}
		}
	case refusal(err):
		e.refused = true
	}
	s.sent = append(s.sent, e)
	return fault.KindOf(err) == fault.Stale
}

// send hands an edit over, and leaves before the answer where it is to be cut off.
func (s *scribe) send(batch edit.Batch, c geodata.Change, off bool) (edit.Result, error) {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	if off {
		s.cut++
		timer := time.AfterFunc(time.Duration(s.chance.IntN(15_000))*time.Microsecond, cancel)
		defer timer.Stop()
	}
	batch.Changes, batch.Via = seq(c), "api"
	return s.editor.Apply(ctx, admin, batch)
}

// refusal reports whether it is certain that nothing was kept.
func refusal(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind() != fault.Busy && f.Kind() != fault.Internal
}

// rebase makes the change what the refusal says to be clean, upon what is there now.
func (s *scribe) rebase(f *fault.Error, c *geodata.Change) bool {
	text, err := json.Marshal(f.Details())
	var d struct {
		Revision geodata.Revision
		Merge    edit.Merge
	}
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		s.Error(err)
	}
	c.Expect = &d.Revision
	return err == nil && len(d.Merge.Mine) > 0 && len(d.Merge.Conflicts) == 0
}

// judge looks an edit up in the log, and tells how often it is there.
func (b *bench) judge(s sent) int {
	b.Helper()
	rows, err := b.pool.Query(b.Context(), `SELECT e.revision, coalesce((SELECT max(p.revision) FROM bando.log p WHERE p.layer = e.layer AND p.feature = e.feature AND p.revision < e.revision), 0)
		FROM bando.log e WHERE e.layer = 'places' AND e.feature = $1 AND e.why = $2`, s.feature, s.reason)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var revision, before geodata.Revision
		if err := rows.Scan(&revision, &before); err != nil {
			b.Fatal(err)
		}
		n++
		if s.revision != 0 && revision != s.revision {
			b.Errorf("%s was acknowledged as revision %d and is %d", s.reason, s.revision, revision)
		}
		if s.expect != nil && before != *s.expect {
			b.Errorf("%s had seen revision %d and was kept after %d", s.reason, *s.expect, before)
		}
	}
	switch {
	case rows.Err() != nil:
		b.Fatal(rows.Err())
	case s.refused && n != 0, s.revision != 0 && n != 1, n > 1:
		b.Errorf("%+v is in the log %d times", s, n)
	}
	return n
}

// counted holds the count of a feature to the log: as many steps as entries that counted, and the last of each attribute's
// values is what is there.
func (b *bench) counted(id int64) {
	b.Helper()
	var steps int
	var code, name *string
	err := b.pool.QueryRow(b.Context(), `SELECT count(*) FILTER (WHERE after ? 'note' AND op = 'update'),
		(array_agg(after ->> 'code' ORDER BY revision DESC) FILTER (WHERE after ? 'code'))[1],
		(array_agg(after ->> 'name' ORDER BY revision DESC) FILTER (WHERE after ? 'name'))[1]
		FROM bando.log WHERE layer = 'places' AND feature = $1`, id).Scan(&steps, &code, &name)
	f, e := b.store.Item(b.Context(), "places", id, admin)
	if err = errors.Join(err, e); err != nil {
		b.Fatal(err)
	}
	var now struct {
		Properties struct {
			Note       string
			Code, Name *string
		}
	}
	if err := json.Unmarshal(f.JSON, &now); err != nil {
		b.Fatal(err)
	}
	if now.Properties.Note != strconv.Itoa(steps) || !equal(now.Properties.Code, code) || !equal(now.Properties.Name, name) {
		b.Errorf("feature %d is %s; the log has %d steps", id, f.JSON, steps)
	}
}

func equal(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
