package people

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/pgtest"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newPeople(t *testing.T) (*People, *clock) {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	c := &clock{at: time.Now().Truncate(time.Second)}
	return New(pool, c.now), c
}

func add(t *testing.T, p *People, n NewAccount) Account {
	t.Helper()
	a, err := p.Add(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const password = "suối dài nương xanh"

func officer(t *testing.T, p *People) Account {
	t.Helper()
	return add(t, p, NewAccount{Name: "Đặng.Văn", Title: "Cán bộ", Role: geodata.CultureOfficer, Password: password})
}

func signIn(p *People, name, pass string) (auth.Person, Session, error) {
	return p.SignIn(context.Background(), Attempt{Name: name, Password: pass, Address: "192.0.2.7:1234", Agent: "test"})
}

func want(t *testing.T, err error, target *fault.Error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code() != target.Code() || f.Kind() != target.Kind() {
		t.Errorf("got %v, want the fault %s", err, target.Code())
	}
}

func TestAnAccountSignsInHoweverItsNameIsTyped(t *testing.T) {
	p, _ := newPeople(t)
	a := officer(t, p)
	decomposed := "đa\u0323\u0306ng.va\u0306n" // as some keyboards and file systems write it
	for _, name := range []string{"Đặng.Văn", "đặng.văn", " ĐẶNG.VĂN ", decomposed} {
		who, session, err := signIn(p, name, password)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if who.Account != a.ID || who.Name != "đặng.văn" || who.Role != geodata.CultureOfficer || who.Scopes != nil || session.Title != "Cán bộ" {
			t.Errorf("%q is %+v", name, who)
		}
	}
}

func TestAPasswordIsTheSameHoweverItsDiacriticsAreComposed(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	if _, _, err := signIn(p, "đặng.văn", "suo\u0302\u0301i da\u0300i nu\u031bo\u031bng xanh"); err != nil {
		t.Error(err)
	}
}

func TestAFailedSignInSaysTheSameWhateverWasWrong(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	add(t, p, NewAccount{Name: "token-only", Role: geodata.Admin})
	add(t, p, NewAccount{Name: "gone", Role: geodata.Admin, Password: password})
	if err := p.Disable(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	for name, pass := range map[string]string{
		"đặng.văn": "wrong", "nobody": password, "token-only": "", "gone": password, "not a name": password, "\x00": "\x00", "": "",
	} {
		_, _, err := signIn(p, name, pass)
		if f, ok := fault.As(err); !ok || f.Code() != ErrSignIn.Code() || f.Text() != ErrSignIn.Text() || len(f.Details()) != 0 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAMissingNameCostsAsMuchHashingAsAWrongPassword(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	p.hashers = newHashers(0, time.Millisecond) // no slot ever comes free, so whoever hashes is told to wait
	for _, name := range []string{"đặng.văn", "nobody", "not a name"} {
		_, _, err := signIn(p, name, "wrong")
		want(t, err, ErrBusy)
	}
}

func TestGuessingIsSlowedDownMoreEachTime(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	for range freeByName {
		_, _, err := signIn(p, "đặng.văn", "wrong")
		want(t, err, ErrSignIn)
	}
	_, _, err := signIn(p, "đặng.văn", password)
	want(t, err, ErrTooMany)
	if f, _ := fault.As(err); f.Details()["retry_after"] != 1 {
		t.Errorf("retry after %v, want 1", f.Details()["retry_after"])
	}
	if _, _, err := p.SignIn(t.Context(), Attempt{Name: "đặng.văn", Password: password, Address: "192.0.2.99:1"}); err != nil {
		t.Errorf("from another address: %v", err)
	}
	c.pass(2 * time.Second)
	_, _, err = signIn(p, "đặng.văn", "wrong")
	want(t, err, ErrSignIn)
	c.pass(time.Second)
	_, _, err = signIn(p, "đặng.văn", password)
	want(t, err, ErrTooMany) // two seconds now
	c.pass(2 * time.Second)
	if _, _, err := signIn(p, "đặng.văn", password); err != nil {
		t.Error(err)
	}
	if _, _, err := signIn(p, "đặng.văn", "wrong"); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("after success the count begins anew, yet %v", err)
	}
}

func TestFailuresWithoutANameDoNotShutOutAnOffice(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	for range 2 * freeByName {
		if _, _, err := signIn(p, "", ""); err == nil {
			t.Fatal("nobody signed in")
		}
	}
	if _, _, err := signIn(p, "đặng.văn", password); err != nil {
		t.Errorf("somebody else from the same address: %v", err)
	}
}

func TestASessionEndsUnusedOrAfterItsLife(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(s.Cookie(true))
		_, _, err := p.Authenticate(t.Context(), r, true)
		return err
	}
	for passed := time.Duration(0); passed < life-11*time.Hour; passed += 11 * time.Hour {
		if err := ask(); err != nil {
			t.Fatalf("after %v, used every 11 hours: %v", passed, err)
		}
		c.pass(11 * time.Hour)
	}
	c.pass(11 * time.Hour)
	want(t, ask(), ErrSession)

	if _, s, err = signIn(p, "đặng.văn", password); err != nil {
		t.Fatal(err)
	}
	c.pass(idle + time.Second)
	want(t, ask(), ErrSession)
	if _, _, err := signIn(p, "đặng.văn", password); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := p.pool.QueryRow(t.Context(), `SELECT count(*) FROM bando.session`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d sessions are kept (%v), want the new one only", left, err)
	}
}

// Over HTTPS a cookie that came over a plain connection is nobody's, whatever it holds.
func TestACookieOfAPlainConnectionIsNotTakenOverHTTPS(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	for _, secure := range []bool{false, true} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(s.Cookie(!secure))
		if who, got, err := p.Authenticate(t.Context(), r, secure); err != nil || who.SignedIn() || got.Way != ByNothing {
			t.Errorf("%+v by %+v, %v", who, got, err)
		}
	}
	if c := s.Cookie(true); c.Name != "__Host-bando_session" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("%+v", c)
	}
}

func TestReadingWritesNothing(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	seen := func() (at time.Time) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(s.Cookie(false))
		if _, _, err := p.Authenticate(t.Context(), r, false); err != nil {
			t.Fatal(err)
		}
		if err := p.pool.QueryRow(t.Context(), `SELECT last_seen FROM bando.session`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := seen()
	c.pass(renewAfter)
	if at := seen(); !at.Equal(first) {
		t.Errorf("renewed within %v", renewAfter)
	}
	c.pass(time.Second)
	if at := seen(); !at.Equal(c.now()) {
		t.Errorf("last seen %v, want %v", at, c.now())
	}
}

func TestUnsafeRequestsOfACookieNeedItsToken(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	request := func(method, token string) error {
		r := httptest.NewRequestWithContext(t.Context(), method, "/", nil)
		r.Header.Set(CSRFHeader, token)
		return s.Guard(r)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "PROPFIND"} {
		want(t, request(method, ""), ErrCSRF)
		want(t, request(method, s.CSRF+"x"), ErrCSRF)
		if err := request(method, s.CSRF); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	if err := request(http.MethodGet, ""); err != nil {
		t.Error(err)
	}
	if err := (Session{Way: ByToken}).Guard(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)); err != nil {
		t.Errorf("a token needs no second one: %v", err)
	}
}

func TestSigningOutAndNewPasswordsEndSessions(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	open := func() func() error {
		t.Helper()
		_, s, err := signIn(p, "đặng.văn", password)
		if err != nil {
			t.Fatal(err)
		}
		return func() error {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.AddCookie(s.Cookie(true))
			_, s, err := p.Authenticate(t.Context(), r, true)
			if err == nil {
				return p.SignOut(t.Context(), s)
			}
			return err
		}
	}
	use := open()
	if err := use(); err != nil {
		t.Fatal(err)
	}
	want(t, use(), ErrSession)

	use = open()
	if err := p.SetPassword(t.Context(), "ĐẶNG.văn", "một mật khẩu khác"); err != nil {
		t.Fatal(err)
	}
	want(t, use(), ErrSession)
	_, _, err := signIn(p, "đặng.văn", password)
	want(t, err, ErrSignIn)
}

func TestTheDatabaseHoldsNoSecret(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.AddToken(t.Context(), NewToken{Account: "đặng.văn"})
	if err != nil {
		t.Fatal(err)
	}
	var all string
	err = p.pool.QueryRow(t.Context(), `SELECT concat((SELECT json_agg(a) FROM bando.account a), (SELECT json_agg(s) FROM bando.session s), (SELECT json_agg(t) FROM bando.token t))`).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"password": password, "cookie": s.secret, "token": token} {
		if strings.Contains(all, secret) {
			t.Errorf("the %s lies in the database in clear", name)
		}
	}
	if !strings.Contains(all, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error("the password is not hashed with argon2id as OWASP says")
	}
}

func TestAccountsAreHeldToTheRules(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	for _, c := range []struct {
		n    NewAccount
		want *fault.Error
	}{
		{NewAccount{Name: "ĐẶNG.VĂN", Role: geodata.Admin, Password: password}, ErrNameTaken},
		{NewAccount{Name: " ", Role: geodata.Admin}, ErrName},
		{NewAccount{Name: "hai chữ", Role: geodata.Admin}, ErrName},
		{NewAccount{Name: strings.Repeat("a", 81), Role: geodata.Admin}, ErrName},
		{NewAccount{Name: "a\u202eb", Role: geodata.Admin}, ErrName},
		{NewAccount{Name: "a\u200bb", Role: geodata.Admin}, ErrName},
		{NewAccount{Name: "x", Title: "Cán bộ\u202e", Role: geodata.Admin}, ErrTitle},
		{NewAccount{Name: "x", Role: "king"}, ErrRole},
		{NewAccount{Name: "x", Role: geodata.Anyone}, ErrRole},
		{NewAccount{Name: "x", Role: geodata.TelecomPartner}, ErrOperator},
		{NewAccount{Name: "x", Role: geodata.Admin, Password: "chín ch-x"}, ErrPasswordShort},
		{NewAccount{Name: "x", Role: geodata.Admin, Password: strings.Repeat("ắ", 257)}, ErrPasswordLong},
		{NewAccount{Name: "x", Role: geodata.Admin, Password: "Mật khẩu 2026"}, ErrPasswordCommon},
		{NewAccount{Name: "x", Role: geodata.Admin, Password: "tám ký\x07 tự"}, ErrPasswordUnreadable},
		{NewAccount{Name: "nguyễn.văn.x", Role: geodata.Admin, Password: "NGUYỄN.văn.x"}, ErrPasswordIsName},
	} {
		_, err := p.Add(t.Context(), c.n)
		want(t, err, c.want)
	}
	all, err := p.Accounts(t.Context())
	if err != nil || len(all) != 1 || !all[0].HasPassword {
		t.Errorf("the accounts are %+v, %v", all, err)
	}
	want(t, p.SetPassword(t.Context(), "nobody", password), ErrNoAccount)
}
