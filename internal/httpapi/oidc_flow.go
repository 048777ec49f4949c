package httpapi

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bando/internal/oidc"
	"bando/internal/people"
	"bando/internal/web"
)

// flowLife is how long somebody may be away at the provider.
const flowLife = 10 * time.Minute

// awayRate is how many sign-ins a second may begin and end from one address, ten seconds' worth at once: each of them has the provider
// asked.
const awayRate = 5

// Elsewhere is signing in at a provider of OpenID Connect.
type Elsewhere struct {
	provider *oidc.Provider
	unknown  people.Unknown
	now      func() time.Time
	pace     *web.Pace
	seal     cipher.AEAD // closes what a browser keeps meanwhile
}

// NewElsewhere makes it of a provider, and of what becomes of people without an account. What a browser keeps meanwhile is closed with a
// key that is made of the client's secret, so that another server of the same settings opens it; without a secret the key is drawn at
// each start. now is the clock: time.Now.
func NewElsewhere(p *oidc.Provider, secret string, unknown people.Unknown, now func() time.Time) (*Elsewhere, error) {
	if secret == "" {
		secret = rand.Text()
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "bando: a flow of OpenID Connect", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	return &Elsewhere{provider: p, unknown: unknown, now: now, pace: web.NewPace(awayRate, now), seal: seal}, err
}

// flow is what a browser keeps while its person is at the provider, closed so that it can neither be read nor made there.
type flow struct {
	oidc.Flow
	Redirect string    `json:"redirect"`          // the address that the provider leads back to
	Return   string    `json:"return"`            // the page to go on with
	Account  int64     `json:"account,omitempty"` // to link the identity to; 0 is a sign-in
	Expires  time.Time `json:"expires"`
	Done     bool      `json:"done,omitempty"` // it has ended well: a page that is loaded again goes on
}

// flowCookie names the cookie. Its path keeps it from every other request, which the prefix __Host- would not allow.
func flowCookie(secure bool) string {
	if secure {
		return "__Secure-bando_flow"
	}
	return "bando_flow"
}

// keep has the browser keep a flow.
func (a *API) keep(w http.ResponseWriter, r *http.Request, f flow) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	secure := a.overTLS(r)
	http.SetCookie(w, &http.Cookie{
		Name: flowCookie(secure), Value: base64.RawURLEncoding.EncodeToString(a.Elsewhere.seal.Seal(nil, nil, text, nil)),
		Path: oidcPath, Expires: f.Expires, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// forget has the browser forget its flow.
func (a *API) forget(w http.ResponseWriter, r *http.Request) {
	secure := a.overTLS(r)
	http.SetCookie(w, &http.Cookie{Name: flowCookie(secure), Path: oidcPath, MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
}

// kept is the flow of the browser that the provider has led back, or oidc.ErrState.
func (a *API) kept(r *http.Request) (flow, error) {
	cookie, err := r.Cookie(flowCookie(a.overTLS(r)))
	if err != nil {
		return flow{}, oidc.ErrState.Wrap(err)
	}
	closed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return flow{}, oidc.ErrState.Wrap(err)
	}
	text, err := a.Elsewhere.seal.Open(nil, nil, closed, nil)
	if err != nil {
		return flow{}, oidc.ErrState.Wrap(err)
	}
	var f flow
	if err := json.Unmarshal(text, &f); err != nil {
		return flow{}, oidc.ErrState.Wrap(err)
	}
	if !a.Elsewhere.now().Before(f.Expires) || subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("state")), []byte(f.State)) != 1 {
		return flow{}, oidc.ErrState
	}
	return f, nil
}

// signinKey is the parameter by which the web app is told how a sign-in failed.
const signinKey = "signin"

// localPath is a page of this site to go on with, as it can stand in a Location header; or oidc.ErrReturn. Whatever a browser or a
// proxy could take for another host is refused, and so is what is no page.
func localPath(text string) (string, error) {
	const longest = 2000 // bytes, so that the cookie fits
	if text == "" {
		return "/", nil
	}
	foreign := func(path string) bool {
		return !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`)
	}
	if len(text) > longest || foreign(text) || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", oidc.ErrReturn
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || foreign(u.Path) || hasControls(u.Path) || strings.HasPrefix(u.Path, "/api/") {
		return "", oidc.ErrReturn
	}
	if query := u.Query(); query.Has(signinKey) { // of a sign-in before
		query.Del(signinKey)
		u.RawQuery = query.Encode()
	}
	return u.String(), nil
}

// failedPath leads to the web app with the code of what went wrong: where the person was, if that is in the app.
func failedPath(page, code string) string {
	u, err := url.Parse(page)
	if err != nil || u.Path != "/" {
		u = &url.URL{Path: "/"}
	}
	query := u.Query()
	query.Set(signinKey, code)
	u.RawQuery = query.Encode()
	return u.String()
}
