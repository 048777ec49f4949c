package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The provider is a certified one (github.com/zitadel/oidc); what it keeps is written here, in memory.

const (
	clientID     = "bando"
	clientSecret = "the-secret-of-bando-at-the-provider"
)

// citizen is somebody whom the provider knows.
type citizen struct {
	name, title, email string
	verified           bool
	amr                []string
	claims             map[string]any
}

// office is the provider: its people, and what it keeps of those who sign in.
type office struct {
	op.Storage // what is not written below is not asked for

	t      testing.TB
	issuer string

	mu       sync.Mutex
	redirect string // where bando is
	people   map[string]citizen
	visitor  string // the subject of whoever sits at its sign-in page; empty: somebody who gives up
	key      officeKey
	requests map[string]*visit
	codes    map[string]string // requests by code
	issued   []string          // every secret that went to bando
}

// openOffice starts the provider.
func openOffice(t testing.TB, people map[string]citizen) *office {
	t.Helper()
	o := &office{t: t, people: people, requests: map[string]*visit{}, codes: map[string]string{}}
	o.newKey("1")
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(&overheard{w, o}, r)
	}))
	t.Cleanup(server.Close)
	o.issuer = server.URL
	provider, err := op.NewProvider(&op.Config{CodeMethodS256: true}, o, op.StaticIssuer(o.issuer), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	back := op.AuthCallbackURL(provider)
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("id")
		http.Redirect(w, r, o.answerAt(id, back(op.ContextWithIssuer(r.Context(), o.issuer), id)), http.StatusFound)
	})
	handler = mux
	return o
}

// answerAt is where the sign-in page leads: on, or back to bando when its visitor gives up.
func (o *office) answerAt(id, on string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := o.requests[id]
	if o.visitor == "" {
		return v.RedirectURI + "?" + url.Values{"error": {"access_denied"}, "state": {v.State}}.Encode()
	}
	v.subject = o.visitor
	return on
}

// overheard remembers what the provider says.
type overheard struct {
	http.ResponseWriter
	o *office
}

func (h *overheard) Write(text []byte) (int, error) {
	h.o.mu.Lock()
	h.o.issued = append(h.o.issued, string(text))
	h.o.mu.Unlock()
	return h.ResponseWriter.Write(text)
}

// settings are those of a site that signs people in here.
func (o *office) settings(dsn string, more map[string]string) map[string]string {
	s := map[string]string{
		"DATABASE_URL": dsn, "BANDO_DATA": o.t.TempDir(), "BANDO_OIDC_ISSUER": o.issuer, "BANDO_OIDC_CLIENT_ID": clientID, "BANDO_OIDC_CLIENT_SECRET": clientSecret,
		"BANDO_OIDC_TITLE": "Đăng nhập tỉnh|Provincial sign-in",
	}
	maps.Copy(s, more)
	return s
}

// serve starts a site that signs people in here.
func (o *office) serve(dsn string, more map[string]string) *site {
	o.t.Helper()
	s := serveEnv(o.t, o.settings(dsn, more))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.redirect = s.address + "/api/oidc/return"
	return s
}

// sit says who sits at the sign-in page from now on.
func (o *office) sit(subject string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.visitor = subject
}

// change changes what the provider knows of somebody.
func (o *office) change(subject string, how func(*citizen)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.people[subject]
	how(&c)
	o.people[subject] = c
}

// newKey has the provider sign with another key from now on, and forget the one before.
func (o *office) newKey(id string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.key = officeKey{id, key}
}

// officeKey signs; the public half is told.
type officeKey struct {
	id  string
	key *ecdsa.PrivateKey
}

func (k officeKey) ID() string                                  { return k.id }
func (k officeKey) Key() any                                    { return k.key }
func (k officeKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }

type publicKey struct{ officeKey }

func (k publicKey) Key() any                           { return &k.key.PublicKey }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }

// visit is one request to be signed in.
type visit struct {
	*oidc.AuthRequest
	id, subject string
	amr         []string
}

func (v *visit) GetID() string          { return v.id }
func (v *visit) GetACR() string         { return "" }
func (v *visit) GetAMR() []string       { return v.amr }
func (v *visit) GetAudience() []string  { return []string{clientID} }
func (v *visit) GetAuthTime() time.Time { return time.Now() }
func (v *visit) GetClientID() string    { return v.ClientID }
func (v *visit) GetNonce() string       { return v.Nonce }
func (v *visit) GetRedirectURI() string { return v.RedirectURI }
func (v *visit) GetScopes() []string    { return v.Scopes }
func (v *visit) GetState() string       { return v.State }
func (v *visit) GetSubject() string     { return v.subject }
func (v *visit) Done() bool             { return v.subject != "" }
func (v *visit) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: v.CodeChallenge, Method: v.CodeChallengeMethod}
}
func (v *visit) GetResponseType() oidc.ResponseType { return v.ResponseType }
func (v *visit) GetResponseMode() oidc.ResponseMode { return v.ResponseMode }

var errNone = errors.New("there is none")

func (o *office) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case slices.Contains(r.Scopes, "offline_access"):
		o.t.Error("bando asks for offline access")
	case r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || r.Nonce == "" || r.State == "":
		o.t.Errorf("bando asks without PKCE, nonce or state: %+v", r)
	}
	v := &visit{AuthRequest: r, id: rand.Text()}
	o.requests[v.id] = v
	return v, nil
}

func (o *office) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if v, ok := o.requests[id]; ok {
		v.amr = o.people[v.subject].amr
		return v, nil
	}
	return nil, errNone
}

func (o *office) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	o.mu.Lock()
	id := o.codes[code]
	o.mu.Unlock()
	return o.AuthRequestByID(ctx, id)
}

func (o *office) SaveAuthCode(_ context.Context, id, code string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.codes[code] = id
	return nil
}

func (o *office) DeleteAuthRequest(_ context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.requests, id)
	return nil
}

func (o *office) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), time.Now().Add(time.Minute), nil
}

func (o *office) SigningKey(context.Context) (op.SigningKey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.key, nil
}

func (o *office) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (o *office) KeySet(context.Context) ([]op.Key, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return []op.Key{publicKey{o.key}}, nil
}

func (o *office) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id != clientID {
		return nil, errNone
	}
	return bandoClient{o.redirect}, nil
}

func (o *office) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != clientID || secret != clientSecret {
		return errNone
	}
	return nil
}

func (o *office) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	info.Subject = subject
	return nil
}

func (o *office) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.people[subject]
	info.Subject, info.PreferredUsername, info.Name, info.Claims = subject, c.name, c.title, c.claims
	info.Email, info.EmailVerified = c.email, oidc.Bool(c.verified)
	return nil
}

func (o *office) Health(context.Context) error { return nil }

// bandoClient is bando as the provider knows it.
type bandoClient struct{ redirect string }

func (c bandoClient) GetID() string                       { return clientID }
func (c bandoClient) RedirectURIs() []string              { return []string{c.redirect} }
func (c bandoClient) PostLogoutRedirectURIs() []string    { return nil }
func (c bandoClient) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c bandoClient) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c bandoClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

func (c bandoClient) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

func (c bandoClient) LoginURL(id string) string            { return "/login?id=" + url.QueryEscape(id) }
func (c bandoClient) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c bandoClient) IDTokenLifetime() time.Duration       { return time.Minute }
func (c bandoClient) DevMode() bool                        { return false }
func (c bandoClient) IsScopeAllowed(string) bool           { return true }
func (c bandoClient) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c bandoClient) ClockSkew() time.Duration             { return 0 }
func (c bandoClient) RestrictAdditionalIdTokenScopes() func([]string) []string { //nolint:revive // the interface calls it so
	return func(scopes []string) []string { return scopes }
}

func (c bandoClient) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}
