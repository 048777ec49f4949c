package store

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/past"
	"bando/internal/auth"
	"bando/internal/fault"
)

// Span asks for revisions of the log, the newest first.
type Span struct {
	Who auth.Person
	// Since and Before bound the revisions, both beyond; a Before of zero begins with the newest.
	Since, Before geodata.Revision
	Layers        []string        // nil for all that the person may see
	Box           *geodata.Extent // in degrees; nil for everywhere. Nothing is found of layers that the person sees rounded
	By            string          // an account's name, or a role; "" for everybody
	Limit         int
}

// Act is one revision as a reader sees it: what somebody did at once.
type Act struct {
	Revision   geodata.Revision
	At         time.Time
	Who        string // empty for the public
	Role       geodata.Role
	Via, Why   string
	Evidence   []int64
	Counts     map[geodata.Op]int64 // entries by what they do
	Layers     map[string]int64     // entries by layer
	Box        *geodata.Extent      // around them; nil when they have no place, or none that may be told
	Features   []Touched            // the first few
	Reverts    geodata.Revision     // the revision that it takes back; 0 for none
	RevertedBy geodata.Revision     // the newest one that takes it back; 0 for none
}

// Touched is a feature that an entry is about.
type Touched struct {
	Layer string
	ID    int64
	Op    geodata.Op
	Name  string
}

// fewFeatures is how many features an act names.
const fewFeatures = 5

// ErrNoRevision is the fault of a revision that the log does not have, or of which nothing is for the reader.
var ErrNoRevision = fault.New(fault.NotFound, "no_revision", geodata.Text{
	VI: "Nhật ký không có lần sửa này, hoặc bạn không được xem gì trong đó.",
	EN: "The log has no such revision, or nothing in it is for you.",
})

// Acts reads revisions that tell the reader something. More says that there are others behind them.
func (s *Store) Acts(ctx context.Context, q Span) (acts []Act, more bool, err error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	lv, err := s.logView(q.Who, q.Layers)
	if err != nil {
		return nil, false, err
	}
	if q.Box != nil {
		lv.near(*q.Box)
	}
	if q.By != "" {
		lv.by(q.By)
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	sql, args := lv.put("revision_page", "{below}", strconv.FormatInt(int64(q.Before), 10), "{since}", strconv.FormatInt(int64(q.Since), 10), "{limit}", strconv.Itoa(q.Limit+1))
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, false, failed(ctx, err, "find revisions")
	}
	revisions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, false, failed(ctx, err, "find revisions")
	}
	more = len(revisions) > q.Limit
	acts, err = s.acts(ctx, lv, revisions[:min(len(revisions), q.Limit)])
	return acts, more, err
}

// Act reads one revision.
func (s *Store) Act(ctx context.Context, who auth.Person, revision geodata.Revision) (Act, error) {
	acts, _, err := s.Acts(ctx, Span{Who: who, Since: revision - 1, Before: revision + 1, Limit: 1})
	if err != nil {
		return Act{}, err
	}
	if len(acts) == 1 {
		return acts[0], nil
	}
	if err := past.Kept(ctx, s.pool, revision-1); err != nil {
		return Act{}, keptFault(ctx, err)
	}
	return Act{}, ErrNoRevision.With("revision", revision)
}

// acts reads all that is told of revisions, in their order.
func (s *Store) acts(ctx context.Context, lv *logView, revisions []int64) ([]Act, error) {
	acts := make([]Act, len(revisions))
	at := make(map[int64]*Act, len(revisions))
	for i, n := range revisions {
		at[n] = &acts[i]
		acts[i] = Act{Counts: map[geodata.Op]int64{}, Layers: map[string]int64{}, Features: []Touched{}}
	}
	if len(revisions) == 0 {
		return acts, nil
	}
	for _, read := range []func(context.Context, *logView, []int64, map[int64]*Act) error{s.readHeads, s.readCounts, s.readFeatures, s.readReversals} {
		if err := read(ctx, lv, revisions, at); err != nil {
			return nil, err
		}
	}
	return acts, nil
}

func (s *Store) readHeads(ctx context.Context, lv *logView, revisions []int64, at map[int64]*Act) error {
	var n int64
	var moment time.Time
	var who, role, via, why string
	var evidence json.RawMessage
	return s.overLog(ctx, lv, "revision_heads", revisions, []any{&n, &moment, &who, &role, &via, &why, &evidence}, func() error {
		a := at[n]
		a.Revision, a.At, a.Role, a.Via, a.Why = geodata.Revision(n), moment, geodata.Role(role), via, why
		if lv.who.Audience() != geodata.Staff {
			return nil
		}
		a.Who = who
		return json.Unmarshal(evidence, &a.Evidence)
	})
}

func (s *Store) readCounts(ctx context.Context, lv *logView, revisions []int64, at map[int64]*Act) error {
	over := *lv
	west, north, east, south := over.place()
	var n, count int64
	var layer, op string
	var x0, y0, x1, y1 *int
	return s.overLog(ctx, &over, "revision_counts", revisions, []any{&n, &layer, &op, &count, &x0, &y0, &x1, &y1}, func() error {
		a := at[n]
		a.Counts[geodata.Op(op)] += count
		a.Layers[layer] += count
		if x0 == nil {
			return nil
		}
		box := boxOf(*x0, *y0, *x1, *y1)
		if a.Box != nil {
			box = geodata.Extent{min(box[0], a.Box[0]), min(box[1], a.Box[1]), max(box[2], a.Box[2]), max(box[3], a.Box[3])}
		}
		a.Box = &box
		return nil
	}, "{west}", west, "{north}", north, "{east}", east, "{south}", south)
}

func (s *Store) readFeatures(ctx context.Context, lv *logView, revisions []int64, at map[int64]*Act) error {
	var n int64
	var one Touched
	return s.overLog(ctx, lv, "revision_features", revisions, []any{&n, &one.Layer, &one.ID, &one.Op, &one.Name}, func() error {
		at[n].Features = append(at[n].Features, one)
		return nil
	}, "{few}", strconv.Itoa(fewFeatures))
}

func (s *Store) readReversals(ctx context.Context, lv *logView, revisions []int64, at map[int64]*Act) error {
	var n, of int64
	return s.overLog(ctx, lv, "reversals", revisions, []any{&n, &of}, func() error {
		if a := at[n]; a != nil {
			a.Reverts = geodata.Revision(of)
		}
		if a := at[of]; a != nil {
			a.RevertedBy = geodata.Revision(n)
		}
		return nil
	})
}

// overLog runs a statement over revisions and hands on its rows.
func (s *Store) overLog(ctx context.Context, lv *logView, name string, revisions []int64, into []any, each func() error, parts ...string) error {
	sql, args := lv.put(name, append(parts, "{revisions}", "$"+strconv.Itoa(len(lv.args)+2))...)
	rows, err := s.pool.Query(ctx, sql, append(args, revisions)...)
	if err == nil {
		_, err = pgx.ForEachRow(rows, into, each)
	}
	if err != nil {
		return failed(ctx, err, "%s", name)
	}
	return nil
}

// EntriesOf reads entries of one revision in their order, at most limit of them behind the place after.
func (s *Store) EntriesOf(ctx context.Context, who auth.Person, revision geodata.Revision, after, limit int) ([]Entry, error) {
	lv, err := s.logView(who, nil)
	if err != nil {
		return nil, err
	}
	sql, args := lv.put("revision_ordinals", "{revision}", strconv.FormatInt(int64(revision), 10), "{after}", strconv.Itoa(after), "{limit}", strconv.Itoa(limit))
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, failed(ctx, err, "find the entries of revision %d", revision)
	}
	places := map[string][]int{}
	var layer string
	var ordinal int
	if _, err := pgx.ForEachRow(rows, []any{&layer, &ordinal}, func() error { places[layer] = append(places[layer], ordinal); return nil }); err != nil {
		return nil, failed(ctx, err, "find the entries of revision %d", revision)
	}
	all := []Entry{}
	for layer, ordinals := range places {
		l, err := s.Layer(layer, who)
		if err != nil {
			return nil, err
		}
		v := s.view(l, who)
		where := "e.revision = " + v.arg(revision) + " AND e.layer = " + v.arg(layer) + " AND e.ordinal = ANY (" + v.arg(ordinals) + ")"
		found, err := s.entries(ctx, v, who, where, "e.ordinal", limit)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b Entry) int { return a.Ordinal - b.Ordinal })
	return all, nil
}

// RevisionAt is the newest revision at a moment, 0 before the first. It is past.ErrGivenUp where the log does not reach so far back.
func (s *Store) RevisionAt(ctx context.Context, at time.Time) (geodata.Revision, error) {
	revision, err := past.RevisionAt(ctx, s.pool, at)
	if err != nil {
		return 0, keptFault(ctx, err)
	}
	return revision, nil
}

// Head is the newest revision of the log.
func (s *Store) Head(ctx context.Context) (geodata.Revision, error) {
	var revision geodata.Revision
	if err := s.pool.QueryRow(ctx, statement("head")).Scan(&revision); err != nil {
		return 0, failed(ctx, err, "read the newest revision")
	}
	return revision, nil
}
