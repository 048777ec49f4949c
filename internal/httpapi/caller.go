package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"bando/internal/auth"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/web"
)

// caller is who sends a request, and the proof of it.
type caller struct {
	person  auth.Person
	session people.Session
}

type callerKey struct{}

func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}

// Who is the person behind a request that has passed the API's handler; the zero Person is anyone.
func Who(r *http.Request) auth.Person { return callerOf(r).person }

// known wraps handlers so that they know who asks.
func (a *API) known(m methods) methods {
	wrapped := make(methods, len(m))
	for method, h := range m {
		wrapped[method] = a.knowing(h)
	}
	return wrapped
}

// knowing wraps a handler so that it knows who asks. A session that has ended makes its reader anyone, who may look but
// is told on writing; a token that is wrong is an error at once.
func (a *API) knowing(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		person, session, err := a.People.Authenticate(r.Context(), r, a.overTLS(r))
		if errors.Is(err, people.ErrSession) {
			http.SetCookie(w, people.NoCookie(a.overTLS(r)))
			// Whoever signs in anew, or follows an invitation, need not have signed out.
			if !safe(r.Method) && r.URL.Path != sessionPath && r.URL.Path != invitationPath {
				return err
			}
			err = nil
		}
		if err != nil {
			return pg.Fault(err)
		}
		if !safe(r.Method) {
			if err := a.guard(r, session); err != nil {
				return err
			}
			if err := a.Paces.admit(r, caller{person, session}); err != nil {
				return err
			}
		}
		if session.Unfinished && !finishes(session, r.URL.Path) {
			return unfinished(next, session)(w, r)
		}
		if person.Role == "" && session.Way == people.ByNothing { // anyone, as callerOf says of a request without a caller
			return pg.Fault(next(w, r))
		}
		ctx := context.WithValue(r.Context(), callerKey{}, caller{person, session})
		return pg.Fault(next(w, r.WithContext(ctx)))
	}
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// guard refuses what a foreign page may have made a browser send. Programs with a token send no Origin, and nobody
// sends their token for them.
func (a *API) guard(r *http.Request, s people.Session) error {
	if s.Way == people.ByToken {
		return nil
	}
	if origin := r.Header.Get("Origin"); origin != "" && !a.ours(r, origin) {
		return people.ErrCSRF
	}
	// A browser also tells what a page of another origin, or of plain HTTP, cannot hide.
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return people.ErrCSRF
	}
	return s.Guard(r)
}

// ours reports whether an Origin header names this server as the browser sees it.
func (a *API) ours(r *http.Request, origin string) bool {
	if origin == string(a.Origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Host
}

// Origin is the scheme and host that browsers see, such as "https://map.example.vn"; empty means what each request says.
type Origin string

// Of gives the origin of the links in an answer to a request.
func (o Origin) Of(r *http.Request) string {
	if o != "" {
		return string(o)
	}
	return web.Scheme(r) + "://" + r.Host
}

// overTLS reports whether the browser came over HTTPS, so that cookies may be Secure.
func (a *API) overTLS(r *http.Request) bool { return strings.HasPrefix(a.Origin.Of(r), "https://") }
