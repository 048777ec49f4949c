package proof

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/pgtest"
)

// ledger is a database with a log of a few revisions.
type ledger struct {
	testing.TB
	pool      *pgxpool.Pool
	catalogue *geodata.Catalogue
	key       Key
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	key, err := LoadKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{t, pool, catalogue, key}
	const place = "ST_SetSRID(ST_Point(103.62, 22.34), 4326)"
	l.write("INSERT INTO layer.facilities (kind, name, geom) VALUES ('school', 'Trường \"Bình Lư\"', "+place+")",
		"INSERT INTO layer.facilities (kind, name, note, geom) VALUES ('other', E'Nhà văn hóa\\tbản \\\\ 1', E'dòng 1\\ndòng 2\\u0001', "+place+")",
		"INSERT INTO layer.peaks (name, geom) SELECT 'Đỉnh ' || i, ST_SetSRID(ST_Point(103.6 + i / 7.0, 22.3), 4326) FROM generate_series(1, 5) i")
	l.write("UPDATE layer.facilities SET name = 'Trường tiểu học', note = 'đổi tên' WHERE kind = 'school'")
	l.write("SELECT set_config('bando.who', 'van_hoa', true), set_config('bando.account', '7', true), set_config('bando.role', 'culture_officer', true), set_config('bando.why', E'đo lại \\b\\f\\r', true), set_config('bando.evidence', '[3, 1]', true)",
		"UPDATE layer.peaks SET geom = ST_Translate(geom, 0.001, 0) WHERE name IN ('Đỉnh 1', 'Đỉnh 2', 'Đỉnh 3')")
	l.write("DELETE FROM layer.peaks WHERE name = 'Đỉnh 2'")
	l.write("UPDATE layer.facilities SET note = NULL")
	return l
}

// write runs statements as one transaction.
func (l *ledger) write(statements ...string) {
	l.Helper()
	err := pgx.BeginFunc(l.Context(), l.pool, func(tx pgx.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(l.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
	if err != nil {
		l.Fatal(err)
	}
}

// tamper writes past every trigger, as a superuser can.
func (l *ledger) tamper(statements ...string) {
	l.Helper()
	l.write(append([]string{"SET LOCAL session_replication_role = replica"}, statements...)...)
}

func (l *ledger) verify(o Options) Report {
	l.Helper()
	o.Catalogue = l.catalogue
	report, err := Verify(l.Context(), l.pool, o)
	if err != nil {
		l.Fatal(err)
	}
	return report
}

func (l *ledger) sign() Checkpoint {
	l.Helper()
	c, err := l.key.Sign(l.Context(), l.pool, time.Now())
	if err != nil {
		l.Fatal(err)
	}
	return c
}

func TestWhatTheDatabaseChainedIsWhatWeCompute(t *testing.T) {
	l := newLedger(t)
	var seen int64
	report := l.verify(Options{Progress: func(n int64) { seen = n }})
	if !report.Whole() || report.Entries != 14 || seen != 14 || report.Revision != 5 || report.Rows != 6 {
		t.Errorf("%+v", report)
	}
	// The line is the one that docs/proof.md describes, byte for byte.
	rows, err := l.pool.Query(t.Context(), entriesSQL, binaryRows(), int64(0), 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	var e entry
	for rows.Next() {
		if err := e.read(rows.RawValues()); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(e.line(nil)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	rows, err = l.pool.Query(t.Context(), "SELECT bando.line(l) FROM bando.log l ORDER BY revision, ordinal")
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || !slices.Equal(lines, want) {
		t.Errorf("%v: our lines are\n%s\nthose of the database\n%s", err, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// Whatever a superuser does to the log with psql is found, and the entry is named.
func TestTamperingIsFoundAndNamed(t *testing.T) {
	const head = "UPDATE bando.head SET revision = l.revision, hash = l.hash FROM (SELECT * FROM bando.log ORDER BY revision DESC, ordinal DESC LIMIT 1) l"
	type found struct {
		kind  Kind
		place string
	}
	for name, c := range map[string]struct {
		sql  []string
		want []found
	}{
		"a reason changed":           {[]string{"UPDATE bando.log SET why = 'khác' WHERE revision = 3 AND ordinal = 2"}, []found{{Altered, "3.2"}}},
		"a name changed":             {[]string{"UPDATE bando.log SET who = 'lanh_dao' WHERE revision = 3 AND ordinal = 1"}, []found{{Altered, "3.1"}}},
		"a null made empty":          {[]string{"UPDATE bando.log SET why = '' WHERE revision = 2"}, []found{{Altered, "2.1"}}},
		"a value changed":            {[]string{`UPDATE bando.log SET after = after || '{"note": "đổi tên trường"}' WHERE revision = 2`}, []found{{Altered, "2.1"}}},
		"a shape moved by a hair":    {[]string{"UPDATE bando.log SET before_geom = ST_Translate(before_geom, 1e-13, 0) WHERE revision = 4"}, []found{{Altered, "4.1"}}},
		"another salt":               {[]string{"UPDATE bando.log SET salt = gen_random_uuid() WHERE revision = 4"}, []found{{Altered, "4.1"}}},
		"the time set back":          {[]string{"UPDATE bando.log SET at = at - interval '1 microsecond' WHERE revision = 4"}, []found{{Altered, "4.1"}}},
		"a hash changed":             {[]string{"UPDATE bando.log SET hash = sha256(hash) WHERE revision = 3 AND ordinal = 2"}, []found{{Altered, "3.2"}}},
		"an entry and its hash":      {[]string{"UPDATE bando.log l SET why = 'khác' WHERE revision = 3 AND ordinal = 2", "UPDATE bando.log l SET hash = bando.chained((SELECT hash FROM bando.log WHERE revision = 3 AND ordinal = 1), l) WHERE revision = 3 AND ordinal = 2"}, []found{{Altered, "3.3"}}},
		"an entry removed":           {[]string{"DELETE FROM bando.log WHERE revision = 3 AND ordinal = 2"}, []found{{Missing, "3.3"}}},
		"a revision removed":         {[]string{"DELETE FROM bando.log WHERE revision = 4"}, []found{{Missing, "5.1"}}},
		"the beginning removed":      {[]string{"DELETE FROM bando.log WHERE revision = 1"}, []found{{Missing, "2.1"}}},
		"the end removed":            {[]string{"DELETE FROM bando.log WHERE revision = 5"}, []found{{Head, "4.1"}}},
		"everything removed":         {[]string{"DELETE FROM bando.log"}, []found{{Head, "0"}}},
		"removed and closed up":      {[]string{"DELETE FROM bando.log WHERE revision = 3 AND ordinal = 2", "UPDATE bando.log SET ordinal = 2 WHERE revision = 3 AND ordinal = 3"}, []found{{Altered, "3.2"}}},
		"two exchanged":              {[]string{"UPDATE bando.log SET ordinal = 9 WHERE revision = 3 AND ordinal = 1", "UPDATE bando.log SET ordinal = 1 WHERE revision = 3 AND ordinal = 2", "UPDATE bando.log SET ordinal = 2 WHERE revision = 3 AND ordinal = 9"}, []found{{Altered, "3.1"}, {Inserted, "3.2"}}},
		"one put in":                 {[]string{"INSERT INTO bando.log SELECT revision, 2, at, layer, feature, op, before, after, before_geom, after_geom, squares, who, account, role, via, why, evidence, salt, sha256(hash) FROM bando.log WHERE revision = 4"}, []found{{Inserted, "4.2"}}},
		"one put in with its hash":   {[]string{"INSERT INTO bando.log SELECT revision, 2, at, layer, feature, op, before, after, before_geom, after_geom, squares, who, account, role, via, why, evidence, salt, hash FROM bando.log WHERE revision = 4", "UPDATE bando.log l SET hash = bando.chained((SELECT hash FROM bando.log WHERE revision = 4 AND ordinal = 1), l) WHERE revision = 4 AND ordinal = 2"}, []found{{Inserted, "4.2"}}},
		"one put in at the end":      {[]string{"INSERT INTO bando.log SELECT 6, 1, at, layer, feature, op, before, after, before_geom, after_geom, squares, who, account, role, via, why, evidence, salt, hash FROM bando.log WHERE revision = 4", "UPDATE bando.log l SET hash = bando.chained((SELECT hash FROM bando.log WHERE revision = 5 ORDER BY ordinal DESC LIMIT 1), l) WHERE revision = 6"}, []found{{Head, "6.1"}}},
		"the end removed, head too":  {[]string{"DELETE FROM bando.log WHERE revision = 5", head}, []found{{Row, ""}, {Row, ""}, {Row, ""}, {Row, ""}}},
		"a row changed":              {[]string{"UPDATE layer.facilities SET name = 'Trường khác' WHERE kind = 'school'"}, []found{{Row, ""}}},
		"a row's empty value filled": {[]string{"UPDATE layer.facilities SET code = 'X1' WHERE kind = 'school'"}, []found{{Row, ""}}},
		"a row moved":                {[]string{"UPDATE layer.peaks SET geom = ST_Translate(geom, 0, 1e-13) WHERE name = 'Đỉnh 5'"}, []found{{Row, ""}}},
		"a row put in":               {[]string{"INSERT INTO layer.peaks (name, geom) VALUES ('Đỉnh giả', ST_SetSRID(ST_Point(103, 22), 4326))"}, []found{{Row, ""}}},
		"a row removed":              {[]string{"DELETE FROM layer.peaks WHERE name = 'Đỉnh 5'"}, []found{{Row, ""}}},
		"a row's revision":           {[]string{"UPDATE layer.peaks SET revision = 5 WHERE name = 'Đỉnh 5'"}, []found{{Row, ""}}},
		"a deleted row brought back": {[]string{"INSERT INTO layer.peaks (id, name, geom) VALUES (2, 'Đỉnh 2', ST_SetSRID(ST_Point(103, 22), 4326))"}, []found{{Row, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.tamper(c.sql...)
			report := l.verify(Options{})
			var got []found
			logOnly := c.want[0].kind != Row
			for _, f := range report.Faults {
				if f.Kind != Row || !logOnly {
					got = append(got, found{f.Kind, f.Place})
				}
				if f.Detail.VI == "" || f.Detail.EN == "" {
					t.Errorf("a fault without words: %+v", f)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %+v", report.Faults)
			}
		})
	}
}

// A superuser who computes every hash anew is betrayed by any checkpoint that was kept elsewhere.
func TestAChainMadeAnewIsBetrayedByACheckpoint(t *testing.T) {
	l := newLedger(t)
	early := l.sign()
	l.write("UPDATE layer.peaks SET name = 'Đỉnh năm' WHERE name = 'Đỉnh 5'")
	late := l.sign()
	if report := l.verify(Options{Signed: []Checkpoint{early, late}}); !report.Whole() || report.Held != 2 {
		t.Fatalf("%+v", report)
	}
	l.tamper(`UPDATE bando.log SET after = '{"name": "Đỉnh sáu"}' WHERE revision = 6`, "UPDATE layer.peaks SET name = 'Đỉnh sáu' WHERE name = 'Đỉnh năm'",
		"UPDATE bando.log l SET hash = bando.chained((SELECT hash FROM bando.log WHERE revision = 5 ORDER BY ordinal DESC LIMIT 1), l) WHERE revision = 6",
		"UPDATE bando.head SET hash = l.hash FROM bando.log l WHERE l.revision = 6")
	if report := l.verify(Options{Signed: []Checkpoint{early}}); !report.Whole() {
		t.Errorf("what was before is still the same: %+v", report.Faults)
	}
	report := l.verify(Options{Signed: []Checkpoint{early, late}})
	if report.Count != 1 || report.Faults[0].Kind != Rewritten || report.Faults[0].Place != "6.1" {
		t.Errorf("%+v", report.Faults)
	}
	// A log cut back to before the checkpoint is missing what was signed.
	l.tamper("DELETE FROM bando.log WHERE revision = 6", "UPDATE layer.peaks SET name = 'Đỉnh 5', revision = 1 WHERE name = 'Đỉnh sáu'",
		"UPDATE bando.head SET revision = 5, hash = l.hash FROM (SELECT hash FROM bando.log ORDER BY revision DESC, ordinal DESC LIMIT 1) l")
	report = l.verify(Options{Signed: []Checkpoint{early, late}})
	if report.Count != 1 || report.Faults[0].Kind != Missing || report.Faults[0].Place != "6" {
		t.Errorf("%+v", report.Faults)
	}
}

func TestALogIsProvedFromACheckpoint(t *testing.T) {
	l := newLedger(t)
	c := l.sign()
	l.write("UPDATE layer.peaks SET name = 'Đỉnh năm' WHERE name = 'Đỉnh 5'", "DELETE FROM layer.facilities WHERE kind = 'other'")
	l.tamper("UPDATE bando.log SET why = 'khác' WHERE revision = 2") // before it: not looked at again
	report, err := Verify(t.Context(), l.pool, Options{From: &c})
	if err != nil || !report.Whole() || report.From != 5 || report.Entries != 2 || report.Revision != 6 {
		t.Errorf("%+v, %v", report, err)
	}
	// A log whose beginning was given up is proved from the checkpoint that was signed of it.
	l.tamper("DELETE FROM bando.log WHERE revision <= 5")
	if report := l.verify(Options{Signed: []Checkpoint{c}}); !report.Whole() || report.Entries != 2 {
		t.Errorf("%+v", report)
	}
	if report := l.verify(Options{}); report.Faults[0].Kind != Missing || report.Faults[0].Place != "6.1" {
		t.Errorf("without the checkpoint: %+v", report.Faults)
	}
}

func TestCheckpointsAreSignedByAKeyThatStaysInItsFolder(t *testing.T) {
	l := newLedger(t)
	c := l.sign()
	keys, err := Verifiers(l.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(c.Note, keys)
	if err != nil || opened != c {
		t.Errorf("%+v, want %+v: %v", opened, c, err)
	}
	kept, foreign, err := Kept(t.Context(), l.pool, keys)
	if err != nil || foreign != 0 || !slices.Equal(kept, []Checkpoint{c}) {
		t.Errorf("%+v, %d, %v", kept, foreign, err)
	}
	other, err := LoadKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := Verifiers(other.Public())
	if err != nil {
		t.Fatal(err)
	}
	if kept, foreign, err := Kept(t.Context(), l.pool, stranger); err != nil || foreign != 1 || len(kept) != 0 {
		t.Errorf("of a stranger: %+v, %d, %v", kept, foreign, err)
	}
	for _, forged := range []string{"", "hash", strings.Replace(c.Note, "revision 5", "revision 4", 1), strings.Replace(c.Note, "\n\n", "\nx\n\n", 1)} {
		if _, err := Open(forged, keys); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is taken: %v", forged, err)
		}
	}
	if _, err := Verifiers("bando+x"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken key is taken: %v", err)
	}
}

func TestAKeyIsMadeOnceAndReadByItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first, err := LoadKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadKey(dir)
	if err != nil || again.Public() != first.Public() {
		t.Errorf("%s, then %s: %v", first.Public(), again.Public(), err)
	}
	info, err := os.Stat(filepath.Join(dir, privateFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, privateFile), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken key is taken, or replaced: %v", err)
	}
}

// Old entries are given up by an act of its own, which stands in the log; what is left is proved from the checkpoint of it.
func TestWhatIsGivenUpLeavesItsEntryAndItsCheckpoint(t *testing.T) {
	l := newLedger(t)
	given, err := l.key.GiveUp(t.Context(), l.pool, time.Now().Add(-time.Hour), time.Now(), "bando prune", "hết hạn lưu")
	if err != nil || given.Entries != 0 {
		t.Errorf("nothing is so old: %+v, %v", given, err)
	}
	var until time.Time
	if err := l.pool.QueryRow(t.Context(), "SELECT at FROM bando.log WHERE revision = 4").Scan(&until); err != nil {
		t.Fatal(err)
	}
	given, err = l.key.GiveUp(t.Context(), l.pool, until, time.Now(), "bando prune", "hết hạn lưu")
	if err != nil || given.Entries != 11 || given.Checkpoint.Revision != 3 {
		t.Fatalf("%+v, %v", given, err)
	}
	report := l.verify(Options{Signed: []Checkpoint{given.Checkpoint}})
	if !report.Whole() || report.From != 3 || report.Revision != 6 || report.Entries != 4 || report.Rows != 6 {
		t.Errorf("%+v", report)
	}
	if report := l.verify(Options{}); report.Whole() {
		t.Error("a log without its beginning is whole although no checkpoint says so")
	}
	var who, why string
	var feature, entries int64
	err = l.pool.QueryRow(t.Context(), "SELECT who, why, feature, (before ->> 'entries')::bigint FROM bando.log WHERE layer = 'bando.log' AND op = 'delete' AND revision = 6").Scan(&who, &why, &feature, &entries)
	if err != nil || who != "bando prune" || why != "hết hạn lưu" || feature != 3 || entries != 11 {
		t.Errorf("the act left %s, %s, %d, %d: %v", who, why, feature, entries, err)
	}
	l.write("UPDATE layer.peaks SET name = 'Đỉnh năm' WHERE name = 'Đỉnh 5'", "DELETE FROM layer.facilities WHERE kind = 'other'")
	if report := l.verify(Options{Signed: []Checkpoint{given.Checkpoint}}); !report.Whole() {
		t.Errorf("%+v", report)
	}
	// No other way leads there.
	if _, err := l.pool.Exec(t.Context(), "DELETE FROM bando.log WHERE revision <= 5"); err == nil {
		t.Error("the log's entries can be deleted")
	}
}

// Nobody gets a place in the log by saying so in a setting.
func TestAPlaceInTheLogCannotBeClaimed(t *testing.T) {
	l := newLedger(t)
	l.write("SELECT set_config('bando.stamp', '2 7 0', true), set_config('bando.revision', '2', true)", "UPDATE layer.peaks SET name = 'Đỉnh năm' WHERE name = 'Đỉnh 5'")
	if report := l.verify(Options{}); !report.Whole() || report.Revision != 6 {
		t.Errorf("%+v", report)
	}
}

// However transactions check their constraints, and whatever they take back, the chain is whole.
func TestTheChainHoldsForAnyTransaction(t *testing.T) {
	l := newLedger(t)
	l.write("SET CONSTRAINTS ALL IMMEDIATE", "UPDATE layer.peaks SET name = name || '!'", "SAVEPOINT a", "DELETE FROM layer.peaks", "ROLLBACK TO a",
		"UPDATE layer.facilities SET note = 'x'", "SET CONSTRAINTS ALL DEFERRED", "UPDATE layer.facilities SET note = 'y'")
	l.write("SAVEPOINT a", "UPDATE layer.peaks SET name = name || '?'", "SET CONSTRAINTS ALL IMMEDIATE", "ROLLBACK TO a", "UPDATE layer.facilities SET note = 'z'")
	if report := l.verify(Options{}); !report.Whole() || report.Revision != 7 {
		t.Errorf("%+v", report)
	}
}

// BenchmarkVerify proves a log of a hundred thousand entries, and their rows.
func BenchmarkVerify(b *testing.B) {
	l := newLedger(b)
	const features = 100_000
	l.write(fmt.Sprintf("INSERT INTO layer.peaks (name, geom) SELECT 'Đỉnh ' || i, ST_SetSRID(ST_Point(103.6, 22.3), 4326) FROM generate_series(1, %d) i", features))
	for b.Loop() {
		if report := l.verify(Options{}); !report.Whole() {
			b.Fatalf("%+v", report)
		}
	}
	b.ReportMetric(float64(features)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
