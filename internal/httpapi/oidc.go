package httpapi

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/oidc"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/web"
)

//go:embed sql/hamlet_of_code.sql
var hamletOfCodeSQL string

// The addresses of signing in at a provider.
const (
	oidcPath       = "/api/oidc"
	oidcStartPath  = oidcPath + "/start"
	oidcLinkPath   = oidcPath + "/link"
	oidcReturnPath = oidcPath + "/return"
)

// elsewhere are the addresses of signing in at a provider, and of the links that come of it.
func (a *API) elsewhere() map[string]methods {
	return map[string]methods{
		oidcPath:                             {"GET": a.readOIDC},
		oidcStartPath:                        {"GET": a.startOIDC},
		oidcLinkPath:                         {"POST": own(a.linkOIDC)},
		oidcReturnPath:                       {"GET": a.returnOIDC},
		"/api/account/identities":            {"GET": own(a.identities)},
		"/api/account/identities/{identity}": {"DELETE": own(a.unlink)},
	}
}

// oidcFaults are the faults that a browser is led back to the web app with.
func oidcFaults() []*fault.Error { return append(oidc.Faults(), people.IdentityFaults()...) }

// readOIDC answers GET /api/oidc: whether the button is shown, what it says, and the sentence for each code that a sign-in may end with.
func (a *API) readOIDC(w http.ResponseWriter, _ *http.Request) error {
	told := struct {
		Enabled bool                    `json:"enabled"`
		Title   geodata.Text            `json:"title"`
		Faults  map[string]geodata.Text `json:"faults"`
	}{Faults: map[string]geodata.Text{}}
	if a.Elsewhere != nil {
		told.Enabled, told.Title = true, a.Elsewhere.provider.Title()
	}
	for _, f := range oidcFaults() {
		told.Faults[f.Code()] = f.Text()
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, told)
}

// startOIDC answers GET /api/oidc/start?return=/path by leading to the provider.
func (a *API) startOIDC(w http.ResponseWriter, r *http.Request) error {
	// Only somebody who opens a page signs in; no picture or frame of a foreign page begins it behind their back.
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return people.ErrCSRF
	}
	address, err := a.leave(w, r, 0)
	if err != nil {
		return a.leadBack(w, r, "/", err)
	}
	return lead(w, address)
}

// linkOIDC answers POST /api/oidc/link?return=/path with the address that the page is to open. The session must be fresh: whoever
// finds a screen unlocked must not make it a lasting way in.
func (a *API) linkOIDC(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := a.People.Fresh(c.session); err != nil {
		return err
	}
	address, err := a.leave(w, r, c.person.Account)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"location": address})
}

// leave begins a flow, which the browser keeps, and gives the provider's address to open. account is the one to link, or 0.
func (a *API) leave(w http.ResponseWriter, r *http.Request, account int64) (address string, err error) {
	if a.Elsewhere == nil {
		return "", oidc.ErrOff
	}
	page, err := localPath(r.URL.Query().Get("return"))
	if err != nil {
		return "", err
	}
	if err := a.Elsewhere.pace.Admit(web.Address(r)); err != nil {
		return "", oidc.ErrTooMany.Wrap(err)
	}
	f := flow{Redirect: a.Origin.Of(r) + oidcReturnPath, Return: page, Account: account, Expires: a.Elsewhere.now().Add(flowLife)}
	address, f.Flow, err = a.Elsewhere.provider.Begin(r.Context(), f.Redirect)
	if err != nil {
		return "", err
	}
	return address, a.keep(w, r, f)
}

// returnOIDC answers GET /api/oidc/return, where the provider leads back to, by leading on to the page. A flow that is not this browser's
// touches nothing: not the session that there is, nor the flow that is under way.
func (a *API) returnOIDC(w http.ResponseWriter, r *http.Request) error {
	if a.Elsewhere == nil {
		return a.leadBack(w, r, "/", oidc.ErrOff)
	}
	f, err := a.kept(r)
	if err != nil {
		return a.leadBack(w, r, "/", err)
	}
	if f.Done { // the browser loads the address again
		if callerOf(r).person.SignedIn() {
			return lead(w, f.Return)
		}
		return a.leadBack(w, r, f.Return, oidc.ErrCode)
	}
	if err := a.arrive(w, r, f); err != nil {
		a.forget(w, r)
		return a.leadBack(w, r, f.Return, err)
	}
	f.Done = true
	if err := a.keep(w, r, f); err != nil {
		return err
	}
	return lead(w, f.Return)
}

// arrive ends a flow: the person is signed in, or the identity linked.
func (a *API) arrive(w http.ResponseWriter, r *http.Request, f flow) error {
	if err := a.Elsewhere.pace.Admit(web.Address(r)); err != nil {
		return oidc.ErrTooMany.Wrap(err)
	}
	who, err := a.Elsewhere.provider.End(r.Context(), f.Flow, f.Redirect, r.URL.Query())
	i := people.Identity{
		Issuer: a.Elsewhere.provider.Issuer(), Subject: who.Subject, Names: who.Names, Title: who.Title, Role: who.Role, Operator: who.Operator,
		Factor: who.Factor, Address: r.RemoteAddr, Agent: r.UserAgent(),
	}
	if err == nil && who.Hamlet != nil {
		i.HamletID, err = a.hamletOf(r.Context(), *who.Hamlet)
	}
	if refused, ok := fault.As(err); ok && who.Subject != "" && refused.Kind() == fault.Denied {
		err = errors.Join(err, a.People.Refused(r.Context(), i, refused))
	}
	if err != nil {
		return err
	}
	if f.Account != 0 {
		c := callerOf(r)
		if c.session.Way != people.ByCookie || c.session.Unfinished || c.person.Account != f.Account {
			return oidc.ErrState.Wrap(errors.New("whoever began to link has signed out meanwhile"))
		}
		return a.People.Link(r.Context(), c.person, i)
	}
	_, s, err := a.People.SignInBy(r.Context(), i, a.Elsewhere.unknown)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.Cookie(a.overTLS(r)))
	return nil
}

// hamletOf is the hamlet of a code, 0 for none; oidc.ErrHamlet where there is no such hamlet.
func (a *API) hamletOf(ctx context.Context, code string) (*int64, error) {
	var id int64
	if code == "" {
		return &id, nil
	}
	err := a.Store.Pool().QueryRow(ctx, hamletOfCodeSQL, code).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, oidc.ErrHamlet.Wrap(fmt.Errorf("the hamlet %q", code))
	}
	return &id, pg.Fault(err)
}

// lead leads a browser on.
func lead(w http.ResponseWriter, address string) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// leadBack leads a browser to the web app, which says what went wrong; the cause stays in the log.
func (a *API) leadBack(w http.ResponseWriter, r *http.Request, page string, err error) error {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return err
	}
	level, code := slog.LevelError, oidc.ErrFailed.Code()
	for _, known := range oidcFaults() {
		if errors.Is(err, known) {
			level, code = slog.LevelInfo, known.Code()
			if known.Kind() == fault.Busy {
				level = slog.LevelWarn
			}
		}
	}
	a.Log.LogAttrs(r.Context(), level, "a sign-in at the provider failed", slog.String("code", code), slog.String("from", web.Address(r)), slog.String("error", err.Error()))
	return lead(w, failedPath(page, code))
}

// linkedIdentity is who a provider says that the account's owner is.
type linkedIdentity struct {
	ID       int64      `json:"id"`
	Issuer   string     `json:"issuer"`
	Subject  string     `json:"subject"`
	LinkedAt time.Time  `json:"linked_at"`
	LastAt   *time.Time `json:"last_at"` // of signing in by it
}

// identities answers GET /api/account/identities.
func (a *API) identities(w http.ResponseWriter, r *http.Request, c caller) error {
	found, err := a.People.Identities(r.Context(), c.person)
	if err != nil {
		return err
	}
	list := make([]linkedIdentity, len(found))
	for i, one := range found {
		list[i] = linkedIdentity(one)
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"identities": list})
}

// unlink answers DELETE /api/account/identities/{identity} with 204; the account's other sessions have ended then.
func (a *API) unlink(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := strconv.ParseInt(r.PathValue("identity"), 10, 64)
	if err != nil {
		return people.ErrNoIdentity
	}
	if err := a.People.Unlink(r.Context(), c.person, c.session, r.RemoteAddr, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
