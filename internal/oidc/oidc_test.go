package oidc

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bando/internal/config"
	"bando/internal/fault"
)

func TestATokenIsTakenAsItsProviderSignedItAndInNoOtherWay(t *testing.T) {
	h := newHostile(t)
	p := h.client()
	if who, err := h.visit(p); err != nil || who.Subject != "s-1" || who.Names[0] != "hoa" {
		t.Fatalf("%+v, %v", who, err)
	}
	other := newKey(t)
	public, err := x509.MarshalPKIXPublicKey(&h.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	for what, sign := range map[string]func(map[string]any) string{
		"another key":                 func(c map[string]any) string { return signed(t, c, other, "1") },
		"another key of another name": func(c map[string]any) string { return signed(t, c, other, "2") },
		"no signature": func(c map[string]any) string {
			return raw(map[string]any{"alg": "RS256", "kid": "1"}, c, func(string) []byte { return nil })
		},
		"alg none": func(c map[string]any) string {
			return raw(map[string]any{"alg": "none"}, c, func(string) []byte { return nil })
		},
		"HS256 with the public key": func(c map[string]any) string {
			return raw(map[string]any{"alg": "HS256", "kid": "1"}, c, func(text string) []byte {
				mac := hmac.New(sha256.New, public)
				mac.Write([]byte(text))
				return mac.Sum(nil)
			})
		},
		"HS256 with the client's secret": func(c map[string]any) string {
			return raw(map[string]any{"alg": "HS256"}, c, func(text string) []byte {
				mac := hmac.New(sha256.New, []byte("s"))
				mac.Write([]byte(text))
				return mac.Sum(nil)
			})
		},
		"a changed claim": func(c map[string]any) string {
			parts := strings.Split(signed(t, c, h.key, "1"), ".")
			c["sub"] = "admin"
			text, _ := json.Marshal(c)
			return parts[0] + "." + base64.RawURLEncoding.EncodeToString(text) + "." + parts[2]
		},
		"no token": func(map[string]any) string { return "" },
		"not one":  func(map[string]any) string { return "a.b" },
	} {
		h.sign = sign
		_, err := h.visit(p)
		want(t, what, err, ErrToken)
	}
}

func TestATokenIsForBandoForThisSignInAndForNow(t *testing.T) {
	h := newHostile(t)
	p := h.client()
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for what, c := range map[string]struct {
		claim func(map[string]any)
		taken bool
	}{
		"expired":                       {func(c map[string]any) { c["exp"] = in(-3 * time.Minute) }, false},
		"expired by a slow clock":       {func(c map[string]any) { c["exp"] = in(-time.Minute) }, true},
		"without an end":                {func(c map[string]any) { delete(c, "exp") }, false},
		"issued in the future":          {func(c map[string]any) { c["iat"] = in(10 * time.Minute) }, false},
		"issued by a fast clock":        {func(c map[string]any) { c["iat"] = in(2 * time.Minute) }, true},
		"not yet good":                  {func(c map[string]any) { c["nbf"] = in(10 * time.Minute) }, false},
		"not yet good by a fast clock":  {func(c map[string]any) { c["nbf"] = in(2 * time.Minute) }, true},
		"of another issuer":             {func(c map[string]any) { c["iss"] = "https://other.example" }, false},
		"for another audience":          {func(c map[string]any) { c["aud"] = "other" }, false},
		"for nobody":                    {func(c map[string]any) { delete(c, "aud") }, false},
		"for two, given to us":          {func(c map[string]any) { c["aud"], c["azp"] = []string{"other", "bando"}, "bando" }, true},
		"for two, given to the other":   {func(c map[string]any) { c["aud"], c["azp"] = []string{"other", "bando"}, "other" }, false},
		"for two, given to who knows":   {func(c map[string]any) { c["aud"] = []string{"other", "bando"} }, false},
		"for us, given to another":      {func(c map[string]any) { c["azp"] = "other" }, false},
		"with another nonce":            {func(c map[string]any) { c["nonce"] = "x" }, false},
		"without a nonce":               {func(c map[string]any) { delete(c, "nonce") }, false},
		"without a subject":             {func(c map[string]any) { delete(c, "sub") }, false},
		"with a subject without end":    {func(c map[string]any) { c["sub"] = strings.Repeat("a", 256) }, false},
		"with another token's hash":     {func(c map[string]any) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }, false},
		"with claims of another nature": {func(c map[string]any) { c["exp"] = "tomorrow" }, false},
	} {
		h.claim = c.claim
		_, err := h.visit(p)
		if c.taken && err != nil {
			t.Errorf("a token %s is refused: %v", what, err)
		}
		if !c.taken {
			want(t, "a token "+what, err, ErrToken)
		}
	}
}

func TestAKeyMayChangeAtTheProvider(t *testing.T) {
	h := newHostile(t)
	p := h.client()
	if _, err := h.visit(p); err != nil {
		t.Fatal(err)
	}
	old := h.key
	h.key, h.kid = newKey(t), "2"
	if _, err := h.visit(p); err != nil {
		t.Errorf("the new key is not taken: %v", err)
	}
	h.sign = func(c map[string]any) string { return signed(t, c, old, "1") }
	if _, err := h.visit(p); err != nil {
		want(t, "the old key", err, ErrToken)
	}
	if h.asked["/.well-known/openid-configuration"] != 1 {
		t.Errorf("the provider described itself %d times", h.asked["/.well-known/openid-configuration"])
	}
}

func TestAnAnswerIsOfThisFlowAndThisProvider(t *testing.T) {
	h := newHostile(t)
	p := h.client()
	set := func(pairs ...string) func(url.Values) {
		return func(v url.Values) {
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
		}
	}
	for what, c := range map[string]struct {
		change func(url.Values)
		fault  *fault.Error
	}{
		"another state":       {set("state", "x"), ErrState},
		"no state":            {set("state", ""), ErrState},
		"no code":             {set("code", ""), ErrState},
		"another issuer":      {set("iss", "https://evil.example"), ErrToken},
		"a refusal":           {set("error", "access_denied"), ErrCancelled},
		"a tired provider":    {set("error", "temporarily_unavailable"), ErrAway},
		"a slip of settings":  {set("error", "unauthorized_client", "error_description", strings.Repeat("x", 1e5)), ErrSetUp},
		"a refusal and state": {set("error", "access_denied", "state", "x"), ErrState},
	} {
		before := h.asked["/token"]
		_, err := h.visit(p, c.change)
		want(t, what, err, c.fault)
		if len(fmt.Sprint(err)) > 2000 {
			t.Errorf("%s: the error is %d bytes long", what, len(fmt.Sprint(err)))
		}
		if h.asked["/token"] != before {
			t.Errorf("%s: the provider was asked for a token", what)
		}
	}
	if _, err := p.End(t.Context(), Flow{}, redirect, url.Values{"state": {""}, "code": {"c"}}); err == nil {
		t.Error("an empty flow is one")
	}
	// A provider that names itself in each answer names itself in all (RFC 9207).
	named := newHostile(t)
	named.describe = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }
	p = named.client()
	_, err := named.visit(p)
	want(t, "an answer without its issuer", err, ErrToken)
	if _, err := named.visit(p, set("iss", named.URL)); err != nil {
		t.Error(err)
	}
}

func TestWhatAProviderAnswersIsBounded(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was led astray to", r.URL.Path) }))
	t.Cleanup(elsewhere.Close)
	led := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	huge := status(200, `{"access_token":"`+strings.Repeat("a", 2<<20)+`"}`)
	for what, c := range map[string]struct {
		path   string
		answer http.HandlerFunc
		fault  *fault.Error
	}{
		"a description that leads elsewhere":  {"/.well-known/openid-configuration", led, ErrAway},
		"a description without end":           {"/.well-known/openid-configuration", huge, ErrAway},
		"a description that is none":          {"/.well-known/openid-configuration", status(200, "<html>"), ErrAway},
		"no description":                      {"/.well-known/openid-configuration", status(404, strings.Repeat("x", 1e5)), ErrAway},
		"tokens that lead elsewhere":          {"/token", led, ErrAway},
		"tokens without end":                  {"/token", huge, ErrAway},
		"tokens that are none":                {"/token", status(200, "[]"), ErrAway},
		"no ID token":                         {"/token", status(200, `{"access_token":"x","token_type":"Bearer"}`), ErrToken},
		"a used code":                         {"/token", status(400, `{"error":"invalid_grant","error_description":"access-token-of-the-provider"}`), ErrCode},
		"a wrong secret":                      {"/token", status(401, `{"error":"invalid_client"}`), ErrSetUp},
		"a provider that falls":               {"/token", status(502, `<html>access-token-of-the-provider`), ErrAway},
		"keys without end":                    {"/keys", huge, ErrToken},
		"keys that lead elsewhere":            {"/keys", led, ErrToken},
		"a UserInfo that repeats the request": {"/userinfo", status(401, "access-token-of-the-provider"), ErrAway},
		"a UserInfo that leads elsewhere":     {"/userinfo", led, ErrAway},
	} {
		h := newHostile(t)
		h.userinfo = map[string]any{"sub": "s-1"}
		h.answer[c.path] = c.answer
		_, err := h.visit(h.client())
		want(t, what, err, c.fault)
		if len(fmt.Sprint(err)) > 2000 {
			t.Errorf("%s: the error is %d bytes long", what, len(fmt.Sprint(err)))
		}
	}
}

func TestAProviderIsWhoItWasSetUpToBe(t *testing.T) {
	for what, describe := range map[string]func(map[string]any){
		"another issuer":        func(d map[string]any) { d["issuer"] = "https://evil.example" },
		"a plain authorization": func(d map[string]any) { d["authorization_endpoint"] = "http://login.example.vn/auth" },
		"a plain token":         func(d map[string]any) { d["token_endpoint"] = "http://login.example.vn/token" },
		"plain keys":            func(d map[string]any) { d["jwks_uri"] = "http://login.example.vn/keys" },
		"a plain UserInfo":      func(d map[string]any) { d["userinfo_endpoint"] = "http://login.example.vn/me" },
		"no token":              func(d map[string]any) { delete(d, "token_endpoint") },
	} {
		h := newHostile(t)
		h.describe = describe
		_, err := h.visit(h.client())
		want(t, what, err, ErrSetUp)
	}
}

// A provider that is away is asked again after a while, and not by everybody who waits; one that dawdles is given up.
func TestAProviderComesBack(t *testing.T) {
	h := newHostile(t)
	h.answer["/.well-known/openid-configuration"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	now := time.Now()
	client := NewClient()
	client.Timeout = 200 * time.Millisecond
	t.Cleanup(client.CloseIdleConnections)
	p := New(config.OIDC{Issuer: h.URL, ClientID: "bando"}, client, func() time.Time { return now })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, _, err := p.Begin(t.Context(), redirect)
			want(t, "a provider that is away", err, ErrAway)
		})
	}
	all.Wait()
	if n := h.asked["/.well-known/openid-configuration"]; n != 1 {
		t.Errorf("it was asked %d times at once", n)
	}
	now = now.Add(retryAfter + time.Second)
	slow := make(chan struct{})
	h.mu.Lock()
	h.answer["/.well-known/openid-configuration"] = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-slow:
		case <-r.Context().Done():
		}
	}
	h.mu.Unlock()
	_, _, err := p.Begin(t.Context(), redirect)
	want(t, "a provider that dawdles", err, ErrAway)
	close(slow)
	now = now.Add(retryAfter + time.Second)
	h.mu.Lock()
	delete(h.answer, "/.well-known/openid-configuration")
	h.mu.Unlock()
	if _, _, err := p.Begin(t.Context(), redirect); err != nil {
		t.Error(err)
	}
}

func TestUserInfoIsOfTheSamePersonAndLessThanTheToken(t *testing.T) {
	h := newHostile(t)
	h.userinfo = map[string]any{"sub": "s-1", "preferred_username": "somebody", "name": "Chị Hoa", "email": "hoa@example.vn", "email_verified": "true", "amr": "mfa"}
	client := NewClient()
	t.Cleanup(client.CloseIdleConnections)
	p := New(config.OIDC{Issuer: h.URL, ClientID: "bando", Factors: []config.FactorWord{{Claim: "amr", Value: "mfa"}}}, client, time.Now)
	who, err := h.visit(p)
	if err != nil || fmt.Sprint(who.Names) != "[hoa hoa@example.vn]" || who.Title != "Chị Hoa" || who.Factor {
		t.Errorf("%+v, %v: the token is right, and alone tells of a second factor", who, err)
	}
	h.claim = func(c map[string]any) { c["email"], c["amr"] = "other@example.vn", []string{"pwd", "mfa"} }
	if who, err = h.visit(p); err != nil || fmt.Sprint(who.Names) != "[hoa]" || !who.Factor {
		t.Errorf("%+v, %v: another address was verified", who, err)
	}
	h.userinfo = maps.Clone(h.userinfo)
	h.userinfo["sub"] = "s-2"
	_, err = h.visit(p)
	want(t, "UserInfo of somebody else", err, ErrToken)
}

func TestWhatIsAskedForIsNoMoreThanIsNeeded(t *testing.T) {
	h := newHostile(t)
	client := NewClient()
	t.Cleanup(client.CloseIdleConnections)
	p := New(config.OIDC{
		Issuer: h.URL, ClientID: "bando", Scopes: []string{"profile"},
		Factors: []config.FactorWord{{Claim: "acr", Value: "loa3"}, {Claim: "amr", Value: "mfa"}},
	}, client, time.Now)
	address, f, err := p.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	q := u.Query()
	challenge := sha256.Sum256([]byte(f.Verifier))
	if err != nil || q.Get("scope") != "openid profile" || q.Get("response_type") != "code" || q.Get("redirect_uri") != redirect || q.Get("acr_values") != "loa3" ||
		q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) || q.Get("state") != f.State || q.Get("nonce") != f.Nonce {
		t.Errorf("%s, %v", address, err)
	}
	_, again, _ := p.Begin(t.Context(), redirect)
	if again.State == f.State || again.Nonce == f.Nonce || again.Verifier == f.Verifier || len(f.State) < 26 || len(f.Verifier) < 43 {
		t.Errorf("%+v, %+v", f, again)
	}
}
