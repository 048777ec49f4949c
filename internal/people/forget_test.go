package people

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"bando/geodata"
)

// rows is every row of a table as text.
func rows(t *testing.T, p *People, table string) string {
	t.Helper()
	var text *string
	if err := p.pool.QueryRow(t.Context(), "SELECT string_agg(to_jsonb(r)::text, E'\n') FROM "+table+" r").Scan(&text); err != nil {
		t.Fatal(err)
	}
	return deref(text)
}

func TestAForgottenAccountLeavesItsNameAndNothingElse(t *testing.T) {
	p, _ := newPeople(t)
	boss := Doer{Name: "quan_tri", Address: "192.0.2.9:1"}
	add(t, p, NewAccount{Name: "quan_tri", Role: geodata.Admin, Password: "con trâu đi cày sớm"})
	a := add(t, p, NewAccount{Name: "lo.van.pan", Title: "Lò Văn Pán", Role: geodata.TelecomPartner, Operator: "viettel", Password: "con trâu đi cày sớm"})
	person, session, err := p.SignIn(t.Context(), Attempt{Name: "lo.van.pan", Password: "con trâu đi cày sớm", Address: "192.0.2.7:1234", Agent: "Firefox của Pán"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.AddToken(t.Context(), NewToken{Account: "lo.van.pan", Title: "máy của Pán", By: By(person, "192.0.2.7:1234")})
	if err != nil {
		t.Fatal(err)
	}
	title := "Lò Văn Pán, 1990"
	if _, err := p.Change(t.Context(), boss, a.ID, Change{Title: &title}); err != nil {
		t.Fatal(err)
	}
	data, err := p.Data(t.Context(), person, session)
	if err != nil || len(data.Sessions) != 1 || len(data.Tokens) != 1 || len(data.Log) < 3 || deref(data.Account.Title) != title {
		t.Errorf("what is kept of him: %+v, %v", data, err)
	}

	for _, c := range []struct {
		by     Doer
		reason string
		want   error
	}{{boss, "", ErrForgetReason}, {Doer{Name: "lo.van.pan"}, "tự xóa", ErrOwnForget}} {
		if err := p.Forget(t.Context(), c.by, a.ID, c.reason); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := p.Forget(t.Context(), boss, a.ID, "đơn số 12"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"bando.account", "bando.session", "bando.token", "bando.account_log", "bando.identity", "bando.invitation", "bando.second_factor"} {
		text := rows(t, p, table)
		for _, trace := range []string{"Pán", "192.0.2.7", "viettel", "Firefox"} {
			if strings.Contains(text, trace) {
				t.Errorf("%s still says %q:\n%s", table, trace, text)
			}
		}
	}
	last, err := p.Log(t.Context(), 0, "lo.van.pan", "", 10)
	if err != nil || len(last) < 4 || last[0].What != string(actForgotten) || last[0].Who != "quan_tri" || last[0].Detail["reason"] != "đơn số 12" {
		t.Errorf("the log says %+v, %v", last, err)
	}
	for i := 1; i < len(last); i++ {
		if last[i].ID >= last[i-1].ID {
			t.Error("the lines are not in their order")
		}
	}

	// Nobody gets the name, and nobody gets in by it.
	if _, err := p.Add(t.Context(), NewAccount{Name: "Lo.Van.Pan", Role: geodata.Leader}); !errors.Is(err, ErrNameTaken) {
		t.Errorf("the name again: %v", err)
	}
	if _, _, err := p.byToken(t.Context(), token); !errors.Is(err, ErrToken) {
		t.Errorf("the token: %v", err)
	}
	role, on := geodata.Leader, false
	_, change := p.Change(t.Context(), boss, a.ID, Change{Role: &role, Disabled: &on})
	_, reset := p.Reset(t.Context(), boss, a.ID)
	_, invite := p.Invite(t.Context(), boss, a.ID)
	for doing, err := range map[string]error{
		"change": change, "reset": reset, "invite": invite, "enable": p.Enable(t.Context(), "lo.van.pan"),
		"password": p.SetPassword(t.Context(), "lo.van.pan", "con trâu đi cày muộn"), "again": p.Forget(t.Context(), boss, a.ID, "x"),
	} {
		if !errors.Is(err, ErrForgotten) {
			t.Errorf("%s: %v", doing, err)
		}
	}
}

func TestTheLastAdministratorIsNotForgotten(t *testing.T) {
	p, _ := newPeople(t)
	a := add(t, p, NewAccount{Name: "quan_tri", Role: geodata.Admin, Password: "con trâu đi cày sớm"})
	if err := p.Forget(t.Context(), ByCommand(), a.ID, "nghỉ việc"); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("%v", err)
	}
}

func TestOldTracesAreGivenUpAndTheLogStaysClosed(t *testing.T) {
	p, clock := newPeople(t)
	a := add(t, p, NewAccount{Name: "van_hoa", Role: geodata.CultureOfficer, Password: "con trâu đi cày sớm"})
	if _, err := p.Invite(t.Context(), Doer{"quan_tri", "192.0.2.9:1"}, a.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.SignIn(t.Context(), Attempt{Name: "van_hoa", Password: "con trâu đi cày sớm", Address: "192.0.2.7:1"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.SignIn(t.Context(), Attempt{Name: "van_hoa", Password: "sai", Address: "192.0.2.7:1"}); err == nil {
		t.Fatal("a wrong password is taken")
	}
	year := Retention{Addresses: 365 * 24 * time.Hour}
	if swept, err := p.Sweep(t.Context(), ByCommand(), year); err != nil || swept != (Swept{}) {
		t.Errorf("on the same day: %+v, %v", swept, err)
	}
	before, err := json.Marshal(mustLog(t, p))
	if err != nil || !strings.Contains(string(before), "192.0.2.9") {
		t.Fatalf("%s, %v", before, err)
	}
	clock.pass(366 * 24 * time.Hour)
	swept, err := p.Sweep(t.Context(), ByCommand(), year)
	if err != nil || swept.Tries == 0 || swept != (Swept{Addresses: 1, Sessions: 1, Invitations: 1, Tries: swept.Tries}) {
		t.Errorf("a year later: %+v, %v", swept, err)
	}
	after := mustLog(t, p)
	if text, _ := json.Marshal(after); strings.Contains(string(text), "192.0.2.") || after[0].What != string(actSwept) {
		t.Errorf("the log says %s", text)
	}
	if swept, err = p.Sweep(t.Context(), ByCommand(), year); err != nil || swept != (Swept{}) {
		t.Errorf("again: %+v, %v", swept, err)
	}
	for _, sql := range []string{"UPDATE bando.account_log SET address = NULL", "DELETE FROM bando.account_log"} {
		if _, err := p.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is taken", sql)
		}
	}
}

func mustLog(t *testing.T, p *People) []Entry {
	t.Helper()
	log, err := p.Log(t.Context(), 0, "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return log
}
