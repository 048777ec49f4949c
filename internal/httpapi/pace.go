package httpapi

import (
	"net/http"
	"strconv"

	"bando/internal/people"
	"bando/internal/web"
)

// Paces bound how fast may be written: by an account from the web app, by an address without an account, and by an account's
// programs. What they are nil for is not bounded.
type Paces struct{ Web, Token *web.Pace }

// admit counts a write of whoever sends it.
func (p Paces) admit(r *http.Request, c caller) error {
	switch {
	case c.session.Way == people.ByToken:
		return p.Token.Admit(strconv.FormatInt(c.person.Account, 10))
	case c.person.SignedIn():
		return p.Web.Admit(strconv.FormatInt(c.person.Account, 10))
	default:
		return p.Web.Admit("from " + web.Address(r))
	}
}
