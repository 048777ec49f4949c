package httpapi

import (
	"net/http"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/people"
	"bando/internal/web"
)

// invitationPath is where invitations are looked at and followed. The code is in the body, and in the fragment of the link, so that it
// is in no log.
const invitationPath = "/api/invitation"

// invitationLink is what somebody is sent.
type invitationLink struct {
	Link    string    `json:"link"`
	QR      string    `json:"qr"` // the link as a picture, for the phone of whoever stands beside: a data: address
	Expires time.Time `json:"expires_at"`
}

func (a *API) writeInvitation(w http.ResponseWriter, r *http.Request, i people.Invitation) error {
	link := a.Origin.Of(r) + people.JoinPath(i.Code)
	picture, err := people.QR(link)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, invitationLink{link, dataPNG(picture), i.Expires})
}

// invite answers POST /api/accounts/{account}/invitation with 201 and the link, this once.
func (a *API) invite(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	i, err := a.People.Invite(r.Context(), people.By(c.person, r.RemoteAddr), id)
	if err != nil {
		return err
	}
	return a.writeInvitation(w, r, i)
}

// reset answers POST /api/accounts/{account}/reset as invite does, when nothing that opened the account before does so any more.
func (a *API) reset(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	i, err := a.People.Reset(r.Context(), people.By(c.person, r.RemoteAddr), id)
	if err != nil {
		return err
	}
	return a.writeInvitation(w, r, i)
}

// invited answers POST /api/invitation with whom the invitation is to; it stays good.
func (a *API) invited(w http.ResponseWriter, r *http.Request) error {
	var given code
	if err := web.ReadJSON(w, r, maxAccountBody, &given); err != nil {
		return err
	}
	to, err := a.People.Invited(r.Context(), given.Code)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, struct {
		Name         string       `json:"name"`
		Title        *string      `json:"title"`
		Role         geodata.Role `json:"role"`
		RoleTitle    geodata.Text `json:"role_title"`
		SecondFactor bool         `json:"second_factor"` // following it takes a code
	}{to.Name, to.Title, to.Role, auth.RoleTitle(to.Role), to.SecondFactor})
}

// join answers PUT /api/invitation like a sign-in.
func (a *API) join(w http.ResponseWriter, r *http.Request) error {
	var wish struct {
		Code       string `json:"code"`
		Password   string `json:"password"`
		SecondCode string `json:"second_code"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	p, s, err := a.People.Accept(r.Context(), people.Join{
		Code: wish.Code, Password: wish.Password, SecondCode: wish.SecondCode, Address: r.RemoteAddr, Agent: r.UserAgent(),
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.Cookie(a.overTLS(r)))
	return a.writeSession(w, r, caller{p, s})
}
