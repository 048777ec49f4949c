package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bando/internal/config"
	"bando/internal/fault"
)

// hostile is a provider that says whatever a test wishes.
type hostile struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	key      *rsa.PrivateKey
	kid      string
	describe func(map[string]any)               // changes its description
	claim    func(map[string]any)               // changes the claims of the ID token
	sign     func(claims map[string]any) string // replaces the signature
	userinfo map[string]any                     // nil: it has none
	answer   map[string]http.HandlerFunc        // replaces an answer, by path
	asked    map[string]int
	nonce    string
}

func newHostile(t testing.TB) *hostile {
	t.Helper()
	h := &hostile{t: t, kid: "1", key: newKey(t), answer: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked[r.URL.Path]++
	other := h.answer[r.URL.Path]
	h.mu.Unlock()
	if other != nil {
		other(w, r)
		return
	}
	var v any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		d := map[string]any{
			"issuer": h.URL, "authorization_endpoint": h.URL + "/authorize", "token_endpoint": h.URL + "/token", "jwks_uri": h.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		if h.userinfo != nil {
			d["userinfo_endpoint"] = h.URL + "/userinfo"
		}
		if h.describe != nil {
			h.describe(d)
		}
		v = d
	case "/keys":
		v = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &h.key.PublicKey, KeyID: h.kid, Algorithm: "RS256", Use: "sig"}}}
	case "/token":
		v = map[string]any{"access_token": "access-token-of-the-provider", "token_type": "Bearer", "id_token": h.idToken()}
	case "/userinfo":
		v = h.userinfo
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (h *hostile) idToken() string {
	claims := map[string]any{
		"iss": h.URL, "sub": "s-1", "aud": "bando", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": h.nonce,
		"preferred_username": "hoa",
	}
	if h.claim != nil {
		h.claim(claims)
	}
	if h.sign != nil {
		return h.sign(claims)
	}
	return signed(h.t, claims, h.key, h.kid)
}

func signed(t testing.TB, claims map[string]any, key *rsa.PrivateKey, kid string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(claims)
	jws, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// raw is a token of parts that no library would write.
func raw(header, claims map[string]any, mac func(text string) []byte) string {
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(text))
}

func (h *hostile) client() *Provider {
	client := NewClient()
	h.t.Cleanup(client.CloseIdleConnections)
	return New(config.OIDC{Issuer: h.URL, ClientID: "bando", Secret: "s"}, client, time.Now)
}

const redirect = "http://127.0.0.1/api/oidc/return"

// visit signs in, with what a test changes of the answer.
func (h *hostile) visit(p *Provider, change ...func(url.Values)) (Person, error) {
	h.t.Helper()
	_, f, err := p.Begin(h.t.Context(), redirect)
	if err != nil {
		return Person{}, err
	}
	h.nonce = f.Nonce
	answer := url.Values{"state": {f.State}, "code": {"c"}}
	for _, do := range change {
		do(answer)
	}
	return p.End(h.t.Context(), f, redirect, answer)
}

func want(t *testing.T, what string, err error, target *fault.Error) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Code() != target.Code() {
		t.Errorf("%s: got %v, want the fault %s", what, err, target.Code())
	}
	if err != nil && strings.Contains(err.Error(), "access-token-of-the-provider") {
		t.Errorf("%s: the error tells a token: %v", what, err)
	}
}
