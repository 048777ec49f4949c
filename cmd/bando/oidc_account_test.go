package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fails signs in at the provider and demands a code, and that nobody is signed in.
func (s *site) fails(o *office, subject, code string) {
	s.t.Helper()
	o.sit(subject)
	b := s.open()
	b.step(b.away("/api/oidc/start")).failed(b, code)
	if who := b.whoami(); who != nil {
		s.t.Errorf("%s is signed in as %v", subject, who)
	}
}

// What the provider says counts with each sign-in, whole or not at all, and is written down.
func TestTheProviderSaysWhoMayWhat(t *testing.T) {
	dsn := demoDatabase(t)
	people := commune()
	people["s-rank"] = citizen{name: "van_hoa"}                                                                  // no role
	people["s-other"] = citizen{name: "dia_chinh", claims: map[string]any{"roles": "dat"}}                       // somebody else of that name
	people["s-head"] = citizen{name: "truong_ban", claims: map[string]any{"roles": "ban", "ban": "no-such"}}     // another commune's hamlet
	people["s-tel"] = citizen{name: "mast", claims: map[string]any{"roles": []string{"vien thong"}}}             // whose masts?
	people["s-anon"] = citizen{email: "a@b.vn", claims: map[string]any{"roles": "dat", "preferred_username": 1}} // no name; the address is not verified
	o := openOffice(t, people)
	settings := map[string]string{"BANDO_OIDC_HAMLET_CLAIM": "ban", "BANDO_OIDC_OPERATOR_CLAIM": "nha_mang"}
	maps.Copy(settings, mapped)
	settings["BANDO_OIDC_ROLES"] += ",ban=hamlet_head,vien thong=telecom_partner"
	s := o.serve(dsn, settings)
	db := directly(t, dsn)
	count := func(sql string, args ...any) (n int) {
		t.Helper()
		if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}

	o.sit("s-land")
	land := s.open()
	land.enter("/")
	s.fails(o, "s-rank", "oidc_no_role")
	s.fails(o, "s-other", "oidc_taken")
	s.fails(o, "s-head", "oidc_hamlet")
	s.fails(o, "s-tel", "oidc_account")
	s.fails(o, "s-anon", "oidc_account")
	if n := count(`SELECT count(*) FROM bando.identity`); n != 1 {
		t.Errorf("%d identities are linked, want one", n)
	}
	if n := count(`SELECT count(*) FROM bando.account WHERE name = 'mast'`); n != 0 {
		t.Error("half an account was made")
	}
	var code string
	if err := db.QueryRow(t.Context(), `SELECT code FROM layer.hamlets WHERE code IS NOT NULL ORDER BY id LIMIT 1`).Scan(&code); err != nil {
		t.Fatal(err)
	}
	o.change("s-head", func(c *citizen) { c.claims["ban"] = code })
	o.change("s-tel", func(c *citizen) { c.claims["nha_mang"] = "viettel" })
	o.sit("s-head")
	head := s.open()
	head.enter("/")
	if who := head.whoami(); who["role"] != "hamlet_head" || who["hamlet_id"] == nil {
		t.Errorf("%v", who)
	}
	o.sit("s-tel")
	tel := s.open()
	tel.enter("/")
	if who := tel.whoami(); who["role"] != "telecom_partner" || who["operator"] != "viettel" {
		t.Errorf("%v", who)
	}

	// A role that has changed there counts here from the next sign-in on, in every session.
	o.change("s-land", func(c *citizen) { c.claims = map[string]any{"roles": []string{"văn hóa"}} })
	o.sit("s-land")
	s.open().enter("/")
	if who := land.whoami(); who["role"] != "culture_officer" {
		t.Errorf("%v", who)
	}
	// Whoever is locked here stays out, whatever the provider says, and nothing is changed on the way.
	if _, err := sub(t, dsn, "user", "disable", "dia_chinh"); err != nil {
		t.Fatal(err)
	}
	o.change("s-land", func(c *citizen) { c.claims = map[string]any{"roles": []string{"dat"}} })
	s.fails(o, "s-land", "oidc_disabled")
	if n := count(`SELECT count(*) FROM bando.account WHERE name = 'dia_chinh' AND role = 'culture_officer'`); n != 1 {
		t.Error("a refused sign-in changed the account")
	}
	for what, want := range map[string]int{"signed_in": 4, "sign_in_refused": 6, "identity_linked": 3, "account_added": 1} {
		if n := count(`SELECT count(*) FROM bando.account_log WHERE what = $1 AND (what <> 'account_added' OR who LIKE 'oidc %')`, what); n != want {
			t.Errorf("the account log has %d lines of %s, want %d", n, what, want)
		}
	}
	if n := count(`SELECT count(*) FROM bando.account_log WHERE what = 'sign_in_refused' AND whom = 'dia_chinh' AND detail ->> 'code' = 'oidc_disabled' AND address = '127.0.0.1'`); n != 1 {
		t.Error("the log does not tell who was refused, and why")
	}
}

// The last administrator is not lost to a slip at the provider.
func TestTheProviderDoesNotTakeTheLastAdministratorAway(t *testing.T) {
	dsn := demoDatabase(t)
	o := openOffice(t, map[string]citizen{"s-boss": {name: "quan_tri", claims: map[string]any{"roles": "quan tri"}}})
	s := o.serve(dsn, mapped)
	o.sit("s-boss")
	s.open().enter("/")
	o.change("s-boss", func(c *citizen) { c.claims["roles"] = "dat" })
	s.fails(o, "s-boss", "oidc_last_admin")
	if who := s.as("quan_tri").whoami(); who["role"] != "admin" {
		t.Errorf("%v", who)
	}
}

// A second factor of the account's own is asked for, unless the provider has asked for one.
func TestASecondFactorIsGivenAfterTheProvidersWord(t *testing.T) {
	dsn := demoDatabase(t)
	o := openOffice(t, map[string]citizen{"s-son": {name: "anh.sơn", title: "Sơn"}})
	s := o.serve(dsn, map[string]string{"BANDO_OIDC_UNKNOWN": "link", "BANDO_OIDC_FACTOR": "amr=mfa"})
	own, password := newcomer(t, s, dsn, "anh.sơn", "culture_officer")
	secret, recovery := withFactor(t, own, password)
	o.sit("s-son")
	// An account with a second factor is not taken by its name.
	s.fails(o, "s-son", "oidc_unknown")
	link(t, own, "/")

	b := s.open()
	b.enter("/")
	if who := b.whoami(); who["code_awaited"] != true || who["second_factor_setup"] != false {
		t.Fatalf("%v", who)
	}
	for _, ask := range []struct{ method, path string }{
		{"GET", "/api/account"},
		{"GET", "/api/account/identities"},
		{"POST", "/api/account/second-factor"},
		{"DELETE", "/api/account/second-factor"},
		{"PUT", "/api/account/second-factor"},
		{"POST", "/api/account/tokens"},
		{"PUT", "/api/account/password"},
		{"POST", "/api/oidc/link"},
		{"POST", "/collections/hamlets/items"},
		{"POST", "/batch"},
	} {
		var body any
		if ask.method != "GET" {
			body = object{}
		}
		b.send(ask.method, ask.path, body, "If-Match", `"1"`).problem(http.StatusForbidden, "second_factor_awaited")
	}
	b.get("/collections/signal_tests/items?limit=1").want(http.StatusNotFound)
	give := func(code string) answer { return b.send("POST", "/api/session/code", object{"code": code}) }
	give("000000").problem(http.StatusBadRequest, "code_wrong")
	csrf := b.csrf
	b.csrf = ""
	give(codeAt(t, secret, time.Now())).problem(http.StatusForbidden, "csrf")
	b.csrf = csrf
	told := give(codeAt(t, secret, time.Now())).want(http.StatusOK).json()
	if at(told, "person", "code_awaited") != false || told["csrf"] != csrf {
		t.Errorf("%v", told)
	}
	b.get("/api/account").want(http.StatusOK)
	b.get("/collections/signal_tests/items?limit=1").want(http.StatusOK)
	// A recovery code does as well; signing out ends a session that awaits.
	b = s.open()
	b.enter("/")
	b.send("DELETE", "/api/session", nil).want(http.StatusOK)
	b.enter("/")
	give(recovery[0]).want(http.StatusOK)
	s.open().send("POST", "/api/session/code", object{"code": "1"}).problem(http.StatusUnauthorized, "sign_in")

	o.change("s-son", func(c *citizen) { c.amr = []string{"pwd", "mfa"} })
	b = s.open()
	b.enter("/")
	if who := b.whoami(); who["code_awaited"] != false {
		t.Errorf("%v", who)
	}
	b.get("/api/account").want(http.StatusOK)
}

// link links whoever sits at the provider to the account of a browser.
func link(t *testing.T, b *browser, page string) answer {
	t.Helper()
	location, _ := b.send("POST", "/api/oidc/link?return="+page, nil).want(http.StatusOK).json()["location"].(string)
	return b.step(b.away(location)).want(http.StatusSeeOther)
}

// A link is made by the account's owner alone, is seen, and is taken away.
func TestAnAccountIsLinkedByItsOwner(t *testing.T) {
	dsn := demoDatabase(t)
	people := commune()
	o := openOffice(t, people)
	s := o.serve(dsn, nil)
	o.sit("s-new")
	s.fails(o, "s-new", "oidc_unknown")
	o.sit("s-new")
	b, other := s.as("van_hoa"), s.as("dia_chinh")
	csrf := b.csrf
	b.csrf = ""
	b.send("POST", "/api/oidc/link", nil).problem(http.StatusForbidden, "csrf")
	b.csrf = csrf
	b.send("POST", "/api/oidc/link?return=//evil.example", nil).problem(http.StatusBadRequest, "oidc_return")
	s.open().send("POST", "/api/oidc/link", nil).problem(http.StatusUnauthorized, "sign_in")
	if got := link(t, b, "/%23account").Header.Get("Location"); got != "/#account" {
		t.Errorf("linking ended at %s", got)
	}
	link(t, b, "/") // twice is once
	listed := b.get("/api/account/identities").want(http.StatusOK).json()["identities"].([]any)
	if len(listed) != 1 || at(listed[0], "issuer") != o.issuer || at(listed[0], "subject") != "s-new" || at(listed[0], "linked_at") == nil || at(listed[0], "last_at") != nil {
		t.Fatalf("%v", listed)
	}
	// It opens the account, whose rights are as before.
	by := s.open()
	by.enter("/")
	if who := by.whoami(); who["name"] != "van_hoa" || who["role"] != "culture_officer" {
		t.Errorf("%v", who)
	}
	// Nobody else has it as well, nor has the account another.
	link(t, other, "/").failed(other, "oidc_linked")
	o.sit("s-land")
	link(t, b, "/").failed(b, "oidc_linked")
	// Whoever signs out, or as somebody else, while at the provider links nothing.
	location, _ := other.send("POST", "/api/oidc/link", nil).want(http.StatusOK).json()["location"].(string)
	back := other.away(location)
	other.send("DELETE", "/api/session", nil).want(http.StatusOK)
	other.step(back).failed(other, "oidc_state")
	if other.whoami() != nil {
		t.Error("linking signed somebody in")
	}
	id := fmt.Sprint(at(listed[0], "id"))
	s.as("dia_chinh").send("DELETE", "/api/account/identities/"+id, nil).problem(http.StatusNotFound, "no_identity")
	b.send("DELETE", "/api/account/identities/"+id, nil).want(http.StatusNoContent)
	b.send("DELETE", "/api/account/identities/"+id, nil).problem(http.StatusNotFound, "no_identity")
	if by.whoami() != nil {
		t.Error("a session that the link had opened goes on")
	}
	s.fails(o, "s-new", "oidc_unknown")
}

// An account that the provider alone opens sets up its second factor without a password, and does not lock itself out.
func TestAnAccountWithoutAPasswordLooksAfterItself(t *testing.T) {
	o := openOffice(t, commune())
	s := o.serve(demoDatabase(t), mapped)
	o.sit("s-admin")
	b := s.open()
	b.enter("/")
	if who := b.whoami(); who["second_factor_setup"] != true || b.get("/api/account").json()["has_password"] != false {
		t.Errorf("%v", who)
	}
	secret, _ := withFactor(t, b, "")
	listed := b.get("/api/account/identities").want(http.StatusOK).json()
	b.send("DELETE", "/api/account/identities/"+fmt.Sprint(at(listed, "identities", 0, "id")), nil).problem(http.StatusConflict, "identity_last")
	again := s.open()
	again.enter("/")
	again.send("POST", "/api/session/code", object{"code": codeAt(t, secret, time.Now())}).want(http.StatusOK)
	again.get("/api/accounts").want(http.StatusOK)
}

// bando keeps nothing that the provider gave: no token is in its database or its log, even at the level of debugging.
func TestNothingOfTheProvidersTokensIsKept(t *testing.T) {
	dsn := demoDatabase(t)
	o := openOffice(t, commune())
	settings := map[string]string{"BANDO_LOG": "debug"}
	maps.Copy(settings, mapped)
	s := o.serve(dsn, settings)
	o.sit("s-new")
	b := s.open()
	back := b.away("/api/oidc/start")
	b.step(back).want(http.StatusSeeOther)
	o.newKey("2") // and goes on when the provider signs with another key
	s.open().enter("/")
	b.step(strings.Replace(b.away("/api/oidc/start"), "code=", "code=x", 1)).failed(b, "oidc_code")

	o.mu.Lock()
	var secrets []string
	for _, text := range o.issued {
		for _, part := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(`{}",:`, c) }) {
			if len(part) > 60 {
				secrets = append(secrets, part)
			}
		}
	}
	o.mu.Unlock()
	if len(secrets) < 4 { // two ID tokens and two access tokens
		t.Fatalf("the provider gave %d secrets", len(secrets))
	}
	_, code, _ := strings.Cut(back, "code=")
	code, _, _ = strings.Cut(code, "&")
	secrets = append(secrets, code, clientSecret)
	db := directly(t, dsn)
	var all string
	if err := db.QueryRow(t.Context(), `SELECT database_to_xml(true, true, '')::text`).Scan(&all); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(all, "s-new") {
		t.Error("the database was not read")
	}
	for _, secret := range secrets {
		if strings.Contains(all, secret) || strings.Contains(s.log.String(), secret) {
			t.Errorf("%s… is kept", secret[:12])
		}
	}
}
