package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/people"
	"bando/internal/web"
)

// sessionPath is where people sign in and out, and sessionCodePath where they give the code that a session awaits.
const (
	sessionPath     = "/api/session"
	sessionCodePath = sessionPath + "/code"
)

// errOwnSession is the fault of a program that would look after the account it works for.
var errOwnSession = fault.New(fault.Denied, "session_only", fault.Text{
	VI: "Việc này chỉ làm được khi đăng nhập trên trang, không làm được bằng mã truy cập.",
	EN: "This can be done by whoever is signed in on the page, not by a token.",
})

// own lets in whoever is signed in on the page: nobody's token may change passwords, sessions or tokens.
func own(next func(w http.ResponseWriter, r *http.Request, c caller) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c := callerOf(r)
		switch {
		case !c.person.SignedIn():
			return auth.ErrSignIn
		case c.session.Way != people.ByCookie:
			return errOwnSession
		}
		w.Header().Set("Cache-Control", "no-store")
		return next(w, r, c)
	}
}

// account are the addresses of one's own account.
func (a *API) account() map[string]methods {
	return map[string]methods{
		accountPath:                       {"GET": own(a.readAccount)},
		factorPath:                        {"POST": own(a.offerFactor), "PUT": own(a.confirmFactor), "DELETE": own(a.removeFactor)},
		"/api/account/data":               {"GET": own(a.ownData)},
		"/api/account/recovery-codes":     {"POST": own(a.newRecoveryCodes)},
		"/api/account/password":           {"PUT": own(a.changePassword)},
		"/api/account/sessions":           {"GET": own(a.sessions), "DELETE": own(a.endOtherSessions)},
		"/api/account/sessions/{session}": {"DELETE": own(a.endSession)},
		"/api/account/tokens":             {"GET": own(a.tokens), "POST": own(a.addToken)},
		"/api/account/tokens/{token}":     {"DELETE": own(a.withdrawToken)},
	}
}

// maxAccountBody bounds the bodies of these addresses in bytes.
const maxAccountBody = 16 << 10

// changePassword answers PUT /api/account/password with 204; the account's other sessions have ended then.
func (a *API) changePassword(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	if err := a.People.ChangePassword(r.Context(), c.person, c.session, r.RemoteAddr, wish.Current, wish.New); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// openSession is one of an account's sessions.
type openSession struct {
	ID        string    `json:"id"`
	Agent     *string   `json:"agent"` // the browser, as it calls itself
	CreatedAt time.Time `json:"created_at"`
	LastSeen  time.Time `json:"last_seen"`
	ExpiresAt time.Time `json:"expires_at"`
	Current   bool      `json:"current"`
}

func (a *API) sessions(w http.ResponseWriter, r *http.Request, c caller) error {
	found, err := a.People.Sessions(r.Context(), c.person, c.session)
	if err != nil {
		return err
	}
	list := make([]openSession, len(found))
	for i, s := range found {
		list[i] = openSession(s)
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"sessions": list})
}

// endSession answers DELETE /api/account/sessions/{session} with 204.
func (a *API) endSession(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := a.People.EndSession(r.Context(), c.person, r.PathValue("session")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// endOtherSessions answers DELETE /api/account/sessions with 204: the one that asks goes on.
func (a *API) endOtherSessions(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := a.People.EndOthers(r.Context(), c.person, c.session); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ownToken is one of an account's tokens; the token itself is told once, when it is made.
type ownToken struct {
	ID        int64      `json:"id"`
	Title     *string    `json:"title"`
	Scopes    []string   `json:"scopes"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	LastUsed  *time.Time `json:"last_used"` // to the minute
}

func (a *API) tokens(w http.ResponseWriter, r *http.Request, c caller) error {
	found, err := a.People.Tokens(r.Context(), c.person.Name)
	if err != nil {
		return err
	}
	list := make([]ownToken, len(found))
	for i, t := range found {
		list[i] = ownToken{t.ID, t.Title, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsed}
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"tokens": list})
}

var errTokenTitle = fault.New(fault.Invalid, "token_title", fault.Text{
	VI: "Hãy ghi mã truy cập dùng để làm gì (1 đến 100 ký tự), ví dụ: QGIS trên máy phòng địa chính.",
	EN: "Say what the token is for (1 to 100 characters), such as: QGIS on the land office's desk.",
}).WithField("title")

// addToken answers POST /api/account/tokens with 201 and the token in clear, this once.
func (a *API) addToken(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish struct {
		Title     string     `json:"title"`
		Scopes    []string   `json:"scopes"`
		ExpiresAt *time.Time `json:"expires_at"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	const longest = 100
	if n := len([]rune(wish.Title)); n == 0 || n > longest || hasControls(wish.Title) {
		return errTokenTitle
	}
	n := people.NewToken{Account: c.person.Name, Title: wish.Title, Scopes: wish.Scopes, By: people.By(c.person, r.RemoteAddr)}
	if wish.ExpiresAt != nil {
		n.Expires = *wish.ExpiresAt
	}
	token, err := a.People.AddToken(r.Context(), n)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, map[string]any{"token": token})
}

func hasControls(text string) bool {
	for _, c := range text {
		if c < ' ' || c == 0x7f {
			return true
		}
	}
	return false
}

// withdrawToken answers DELETE /api/account/tokens/{token} with 204.
func (a *API) withdrawToken(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := strconv.ParseInt(r.PathValue("token"), 10, 64)
	if err != nil {
		return people.ErrNoToken
	}
	if err := a.People.WithdrawOwn(r.Context(), c.person, r.RemoteAddr, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
