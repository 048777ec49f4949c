package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// What is hidden from a reader must not be told by any way out: not by a value, and not by a filter, a sort, a count, an
// order, a tag, a conflict or an error that would be another one if the hidden thing were another one. So two communes are
// made that differ in nothing but what is hidden, and every request must have the same answer in both, byte for byte.
// Requests are made of a grammar (leak_requests_test.go); go test -fuzz makes more of them than the fixed run here.

// leakRequests is how many requests the fixed run makes of each reader; -leaks asks for more.
var leakRequests = flag.Int("leaks", 80, "requests of each reader in the test for leaks")

// world is one of the two communes.
type world struct {
	*site
	dsn     string
	readers map[string]*browser
	moments []string // when the hidden things changed, in RFC 3339
}

// worlds are two communes that are alike to whoever does not see what is hidden.
type worlds [2]*world

// secrets are the statements that make what is hidden. {0|1} stands for what is in the one or in the other. Each is a
// transaction in both, of the same visible features and of as many entries of the log as the numbers that are told.
func secrets() []string {
	return []string{
		// Attributes that are hidden, of features that are not.
		`UPDATE layer.parcels SET legal_area_m2 = {1234.5|777.25}, note = '{ranh giới đang tranh chấp|không có gì}', source_ref = '{tk-11|xx-99}-' || id,
		    certificate = '{issued|pending}', purposes = NULL, old_sheet = '{7|8}', old_number = '{70|80}' WHERE id % 3 = 0`,
		`UPDATE layer.masts SET azimuths = '{[0,120,240]|[60,180,300]}' WHERE operator <> 'viettel'`,
		`UPDATE layer.coverage SET submission_id = {NULL|(SELECT min(id) FROM layer.coverage_submissions)} , source_ref = '{một|hai}-' || id`,
		`UPDATE layer.tourism_sites SET phone_consent = {true|false}, source_ref = '{p|q}-' || id WHERE published AND phone IS NULL`,
		// Rows that are hidden: in number, place, name and code.
		`INSERT INTO layer.tourism_sites (id, code, name, kind, recognition, published, model_state, geom)
		    SELECT 9000 + n, '{BIMAT|KINCAP}-' || n, '{Thác Bí Mật|Hang Kín} ' || n, '{waterfall|cave}', 'none', false, 'none',
		    ST_SetSRID(ST_MakePoint({103.61|103.70} + n * 0.001, {22.31|22.36}), 4326) FROM generate_series(1, {2|5}) n`,
		`INSERT INTO layer.planning (id, code, name, period, stage, geom) SELECT 9000 + n, '{TMD|CQP}', '{Khu nghỉ dưỡng|Doanh trại}', '2021-2030', 'planned',
		    ST_Multi(ST_MakeEnvelope({103.61|103.66}, 22.31, {103.62|103.68}, 22.33, 4326)) FROM generate_series(1, {1|3}) n`,
		`INSERT INTO layer.land_use (id, code, year, geom) SELECT 9000 + n, '{CQP|CAN}', 2025,
		    ST_Multi(ST_MakeEnvelope({103.63|103.69}, 22.31, {103.64|103.70}, 22.32, 4326)) FROM generate_series(1, {3|1}) n`,
		`INSERT INTO layer.hazards (id, kind, date, severity, state, geom) SELECT 9000 + n, '{landslide|flash_flood}', '2026-06-0{1|2}', {2|4}, 'reported',
		    ST_SetSRID(ST_MakePoint({103.60|103.69}, 22.32), 4326) FROM generate_series(1, {1|2}) n`,
		`INSERT INTO layer.coverage_submissions (id, code, operator, technology, environment, min_signal_dbm, min_down_mbps, min_up_mbps, as_of, method, state, note, geom) SELECT 9000 + n, '{HS-A|HS-B}-' || n, 'mobifone', '5G', 'outdoor', -95, 30, 5, '2026-06-01', 'đo',
		    '{draft|submitted}', '{mật|kín}', ST_Multi(ST_MakeEnvelope({103.61|103.66}, 22.31, {103.63|103.68}, 22.33, 4326)) FROM generate_series(1, {1|4}) n`,
		`INSERT INTO layer.signal_tests (id, time, operator, technology, ss_rsrp_dbm, geom) SELECT 9000 + n, '2026-05-01T00:00:0{1|2}Z', 'mobifone', '5G', {-80|-120},
		    ST_SetSRID(ST_MakePoint({103.61|103.66}, 22.33), 4326) FROM generate_series(1, {4|2}) n`,
		// A true place within the square that is shown: of rivals' masts, moved by metres that keep the square.
		`UPDATE layer.masts SET geom = ST_Transform(ST_SetSRID(ST_MakePoint(
		    (floor(ST_X(ST_Transform(geom, 9205)) / 500) + {0.2|0.8}) * 500, (floor(ST_Y(ST_Transform(geom, 9205)) / 500) + {0.7|0.3}) * 500), 9205), 4326)
		    WHERE operator <> 'viettel'`,
		// A site that was something else before it was published, and one that was taken back.
		`INSERT INTO layer.tourism_sites (id, code, name, kind, recognition, published, model_state, hours, geom)
		    VALUES (9100, 'DIEM-9100', '{Tên nháp một|Tên nháp hai}', 'site', 'none', false, 'none', '{07:00|08:00}', ST_SetSRID(ST_MakePoint(103.65, 22.33), 4326))`,
		`UPDATE layer.tourism_sites SET name = 'Điểm ngắm mây', hours = '06:00–18:00', published = true WHERE id = 9100`,
		`UPDATE layer.tourism_sites SET published = false, name = '{đã rút A|đã rút B}' WHERE id = (SELECT min(id) FROM layer.tourism_sites WHERE published AND recognition <> 'recognised')`,
	}
}

var alternatives = regexp.MustCompile(`\{([^{}|]*)\|([^{}|]*)\}`)

// of is the statement or text as one of the worlds has it.
func of(text string, which int) string {
	return alternatives.ReplaceAllStringFunc(text, func(found string) string {
		return alternatives.FindStringSubmatch(found)[1+which]
	})
}

func makeWorlds(t testing.TB) worlds {
	t.Helper()
	var both worlds
	for which := range both {
		w := &world{dsn: demoDatabase(t), readers: map[string]*browser{}}
		both[which] = w
		w.tell(t, which, secrets()...)
	}
	for which, w := range both {
		w.site = serveSite(t, w.dsn)
		w.readers["anyone"] = w.open()
		w.readers["partner"] = w.as("viettel")
		token, err := sub(t, w.dsn, "token", "add", "--user", "dia_chinh", "--scope", "move")
		if err != nil {
			t.Fatal(err)
		}
		w.readers["token"] = w.open()
		w.readers["token"].token = strings.TrimSpace(token)
		// The tiles of both come from memory before they are compared.
		eventually(t, time.Minute, "every layer to find its way", func() bool { return w.open().get("/health").json()["status"] == "ready" })
		photo := pictureOf(t, which)
		w.as("du_lich").send("POST", "/media?name="+of("{bi-mat|kin}.png", which), photo, "Content-Type", "image/png").want(http.StatusCreated)
	}
	return both
}

// tell makes what is hidden, each statement with an account and a reason that are hidden too.
func (w *world) tell(t testing.TB, which int, statements ...string) {
	t.Helper()
	ctx := t.Context()
	db, err := pgx.Connect(ctx, w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(ctx) }()
	for _, text := range statements {
		why := "công khai"
		if !strings.Contains(text, "published = true WHERE") { // the reason of what everybody sees is for everybody
			why = of("{đo lại vì tranh chấp|nhập nhầm}", which)
		}
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `SELECT set_config('bando.who', $1, true), set_config('bando.role', 'admin', true), set_config('bando.via', 'api', true),
				set_config('bando.why', $2, true)`, of("{nguoi_mot|nguoi_hai}", which), why); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, of(text, which))
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", of(text, which), err)
		}
		var at time.Time
		if err := db.QueryRow(ctx, `SELECT at FROM bando.head`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Millisecond) // so that a millisecond later is still before the next
		w.moments = append(w.moments, at.Add(time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"))
	}
}

// ask is one request: the same for both worlds but for {moment n}, which is when the nth hidden thing had happened.
type ask struct {
	reader, method, path string
	body                 any
	headers              []string
}

func (a ask) String() string {
	body, _ := json.Marshal(a.body)
	return fmt.Sprintf("%s: %s %s %v %s", a.reader, a.method, a.path, a.headers, body)
}

var (
	momentMark = regexp.MustCompile(`\{moment (\d+)\}`)
	// Times of day, and what is random in every process, are no secrets; nor are hashes of the log's entries (docs/rights.md).
	times  = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)|\d\d/\d\d/20\d\d(, | )\d\d:\d\d(:\d\d)?`)
	traces = regexp.MustCompile(`[0-9a-f]{64}|"public_key":"[^"]*"|"note":"bando[^"]*"|<code>[0-9a-f]{16}</code>|"trace":"[^"]*"|"csrf":"[^"]*"|"computed_at":"[^"]*"`)
	tags   = regexp.MustCompile(`W/"[0-9a-f]{24}"`) // of a document with the address of its server in it
)

// told is everything that an answer tells, but for the addresses and moments that are the worlds' own.
func (w *world) told(t testing.TB, a ask) string {
	t.Helper()
	path := momentMark.ReplaceAllStringFunc(a.path, func(m string) string {
		var n int
		_, _ = fmt.Sscanf(m, "{moment %d}", &n)
		return w.moments[n%len(w.moments)]
	})
	asker, at := *w.readers[a.reader], *w.site
	asker.site, at.t = &at, t // a fuzz target may not speak through who made the worlds
	got := asker.send(a.method, path, a.body, a.headers...)
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "%d\n", got.StatusCode)
	for _, name := range []string{"Content-Type", "ETag", "Location", "Link", "Allow", "Retry-After", "Content-Crs", "Cache-Control", "Vary", "Bando-Revision"} {
		_, _ = fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(got.Header.Values(name), ", "))
	}
	for name := range got.Header {
		if strings.HasPrefix(name, "Ogc-") || strings.HasPrefix(name, "Bando-Tile") {
			_, _ = fmt.Fprintf(&out, "%s: %s\n", name, got.Header.Get(name))
		}
	}
	out.Write(got.body)
	text := strings.ReplaceAll(out.String(), strings.TrimPrefix(w.address, "http://"), "HOST")
	text = strings.ReplaceAll(text, strings.ReplaceAll(strings.TrimPrefix(w.address, "http://"), ":", "%3A"), "HOST")
	for _, m := range w.moments {
		text = strings.ReplaceAll(text, strings.ReplaceAll(m, ":", "%3A"), "MOMENT")
	}
	return text
}

// masked is a text without what may differ.
func masked(text string) string {
	return tags.ReplaceAllString(traces.ReplaceAllString(times.ReplaceAllString(text, "TIME"), "RANDOM"), "WEAK")
}

// alike reports whether two answers tell the same. Most are long and differ in little: only what differs, with the words before it
// that say what it is, is masked.
func alike(one, other string) bool {
	if one == other {
		return true
	}
	a, b := strings.SplitAfter(one, `"`), strings.SplitAfter(other, `"`)
	if len(a) != len(b) {
		return masked(one) == masked(other)
	}
	const before = 2 // the name of a member and the colon
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		from := max(0, i-before)
		if masked(strings.Join(a[from:i+1], "")) != masked(strings.Join(b[from:i+1], "")) {
			return masked(one) == masked(other)
		}
	}
	return true
}

// check asks both worlds and complains where they differ, and where a hidden word is in the answer.
func (both worlds) check(t testing.TB, a ask) (status string) {
	t.Helper()
	one, other := both[0].told(t, a), both[1].told(t, a)
	if !alike(one, other) {
		t.Errorf("%s\ntells what is hidden:\n%s", a, firstDifference(masked(one), masked(other)))
	}
	status, _, _ = strings.Cut(one, "\n")
	if strings.HasPrefix(status, "5") && status != "503" {
		t.Errorf("%s\n%s", a, tail(one, 800))
	}
	return status
}

// firstDifference shows two texts around the place where they begin to differ.
func firstDifference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	around := func(s string) string {
		return fmt.Sprintf("…%q…", s[max(0, min(at, len(s))-160):min(len(s), at+240)])
	}
	return around(a) + "\n" + around(b)
}

func TestWhatIsHiddenIsToldByNoAnswer(t *testing.T) {
	both := makeWorlds(t)
	for _, reader := range []string{"anyone", "partner", "token"} {
		t.Run(reader, func(t *testing.T) {
			answers := map[string]int{}
			for _, a := range fixedAsks() {
				if reader == "token" { // reads as anyone does; what is tried is what chance makes of it
					break
				}
				a.reader = reader
				answers[both.check(t, a)]++
			}
			chance := rand.New(rand.NewPCG(6, 1))
			for range *leakRequests {
				a := randomAsk(chance)
				a.reader = reader
				answers[both.check(t, a)]++
			}
			// A grammar of which everything is refused would find nothing.
			if answers["200"] < *leakRequests/3 {
				t.Errorf("of the requests so many were answered: %v", answers)
			}
			t.Logf("answers by status: %v", answers)
		})
	}
	t.Run("the worlds differ to whoever may see it", func(t *testing.T) {
		for _, w := range both {
			w.readers["officer"] = w.as("van_hoa")
		}
		for _, path := range []string{"/collections/parcels/items?limit=50", "/collections/tourism_sites/items", "/collections/masts/items", "/collections/coverage_submissions/items", "/search?q=Hang"} {
			if a := (ask{reader: "officer", method: "GET", path: path}); alike(both[0].told(t, a), both[1].told(t, a)) {
				t.Errorf("%s hides nothing", path)
			}
		}
	})
}

func TestEventsTellNothingOfHiddenThings(t *testing.T) {
	both := makeWorlds(t)
	var heard [2]map[string][]byte
	for which, w := range both {
		heard[which] = map[string][]byte{}
		streams := map[string]*stream{"anyone": w.readers["anyone"].listen(""), "partner": w.readers["partner"].listen("")}
		for _, s := range streams {
			s.next() // hello
		}
		w.tell(t, which,
			`INSERT INTO layer.land_use (code, year, geom) VALUES ('CQP', 2025, ST_Multi(ST_MakeEnvelope({103.60|103.71}, 22.31, {103.61|103.72}, 22.32, 4326)))`,
			`UPDATE layer.tourism_sites SET name = 'x', geom = ST_SetSRID(ST_MakePoint({103.60|103.71}, 22.3), 4326) WHERE id = 9001`,
			`DELETE FROM layer.hazards WHERE id = 9001`,
			`UPDATE layer.masts SET azimuths = '{[1]|[2]}' WHERE operator <> 'viettel' AND id = (SELECT min(id) FROM layer.masts WHERE operator <> 'viettel')`,
			`UPDATE layer.hamlets SET households = households + 1 WHERE id = 1`)
		for name, s := range streams {
			for {
				e := s.next()
				text, _ := json.Marshal(e.data)
				heard[which][name] = append(append(heard[which][name], text...), '\n')
				if bytes.Contains(text, []byte(`"hamlets"`)) {
					break
				}
			}
		}
	}
	for name := range heard[0] {
		if !bytes.Equal(heard[0][name], heard[1][name]) {
			t.Errorf("%s hears what is hidden:\n%s\n%s", name, heard[0][name], heard[1][name])
		}
	}
}

var fuzzed struct {
	once sync.Once
	both worlds
}

// FuzzHiddenThingsStayHidden is the same without an end: go test ./cmd/bando -run '^$' -fuzz FuzzHidden -fuzztime 5m -parallel 1.
func FuzzHiddenThingsStayHidden(f *testing.F) {
	f.Add(uint64(1), uint8(0))
	f.Add(uint64(2), uint8(1))
	readers := []string{"anyone", "partner", "token"}
	fuzzed.once.Do(func() { fuzzed.both = makeWorlds(f) })
	f.Fuzz(func(t *testing.T, seed uint64, reader uint8) {
		a := randomAsk(rand.New(rand.NewPCG(seed, 0)))
		a.reader = readers[int(reader)%len(readers)]
		fuzzed.both.check(t, a)
	})
}
