package httpapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"net/http"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/web"
)

//go:embed sql/settings.sql
var settingsSQL string

// session is what the page needs to know when it opens: who is there, and where the map is.
type session struct {
	Person   *person          `json:"person"`
	CSRF     string           `json:"csrf"`
	Demo     bool             `json:"demo"`
	Title    geodata.Text     `json:"title"`
	Notice   *geodata.Text    `json:"notice"` // what the data is, where that must be said
	Center   [2]float64       `json:"center"`
	Zoom     float64          `json:"zoom"`
	Bounds   geodata.Extent   `json:"bounds"`
	Revision geodata.Revision `json:"revision"`
}

type person struct {
	Name            string       `json:"name"`
	Title           string       `json:"title"`
	Role            geodata.Role `json:"role"`
	RoleTitle       geodata.Text `json:"role_title"`
	Operator        *string      `json:"operator"`
	HamletID        *int64       `json:"hamlet_id"`
	KeepsAccounts   bool         `json:"keeps_accounts"`
	ReadsAccountLog bool         `json:"reads_account_log"`
	// SetUp says that the session is good for nothing but setting up the second factor that the role needs.
	SetUp bool `json:"second_factor_setup"`
	// CodeAwaited says that it is good for nothing but giving the code of the second factor that the account has.
	CodeAwaited bool `json:"code_awaited"`
}

// credentials is the body of a sign-in.
type credentials struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Code     string `json:"code"` // of the second factor, where there is one
}

// maxCredentials bounds a sign-in's body in bytes.
const maxCredentials = 4 << 10

func (a *API) readSession(w http.ResponseWriter, r *http.Request) error {
	return a.writeSession(w, r, callerOf(r))
}

func (a *API) signIn(w http.ResponseWriter, r *http.Request) error {
	var c credentials
	if err := web.ReadJSON(w, r, maxCredentials, &c); err != nil {
		return err
	}
	p, s, err := a.People.SignIn(r.Context(), people.Attempt{
		Name: c.Name, Password: c.Password, Code: c.Code, Address: r.RemoteAddr, Agent: r.UserAgent(),
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.Cookie(a.overTLS(r)))
	return a.writeSession(w, r, caller{p, s})
}

// finishSignIn answers POST /api/session/code like a sign-in: the session that awaited the code is a whole one then.
func (a *API) finishSignIn(w http.ResponseWriter, r *http.Request, c caller) error {
	var given code
	if err := web.ReadJSON(w, r, maxCredentials, &given); err != nil {
		return err
	}
	s, err := a.People.FinishSignIn(r.Context(), c.person, c.session, r.RemoteAddr, given.Code)
	if err != nil {
		return err
	}
	return a.writeSession(w, r, caller{c.person, s})
}

func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	if c := callerOf(r); c.session.Way == people.ByCookie {
		if err := a.People.SignOut(r.Context(), c.session); err != nil {
			return err
		}
	}
	http.SetCookie(w, people.NoCookie(a.overTLS(r)))
	return a.writeSession(w, r, caller{})
}

func (a *API) writeSession(w http.ResponseWriter, r *http.Request, c caller) error {
	place, err := a.place(r.Context())
	if err != nil {
		return err
	}
	s := session{
		CSRF: c.session.CSRF, Demo: place.Demo, Title: place.Title, Notice: place.Notice,
		Center: place.Center, Zoom: place.Zoom, Bounds: place.Bounds, Revision: a.Feed.Head(),
	}
	if p := c.person; p.SignedIn() {
		s.Person = &person{
			Name: p.Name, Title: c.session.Title, Role: p.Role, RoleTitle: auth.RoleTitle(p.Role),
			KeepsAccounts: auth.MayKeepAccounts(p) == nil, ReadsAccountLog: auth.MayReadAccountLog(p) == nil,
			SetUp: c.session.Unfinished && !c.session.CodeAwaited, CodeAwaited: c.session.CodeAwaited,
		}
		if s.Person.Title == "" {
			s.Person.Title = p.Name
		}
		if p.Operator != "" {
			s.Person.Operator = &p.Operator
		}
		if p.HamletID != 0 {
			s.Person.HamletID = &p.HamletID
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, s)
}

// commune is what the settings of the database say about the commune; what they do not say is derived from the data.
type commune struct {
	Demo   bool           `json:"demo"`
	Title  geodata.Text   `json:"title"`
	Notice *geodata.Text  `json:"notice"`
	Center [2]float64     `json:"center"`
	Zoom   float64        `json:"zoom"`
	Bounds geodata.Extent `json:"bounds"`
}

// Site tells what the map is called, and what must be said of its data.
func (a *API) Site(ctx context.Context) (title, notice geodata.Text, err error) {
	c, err := a.place(ctx)
	if err == nil && c.Notice != nil {
		notice = *c.Notice
	}
	return c.Title, notice, err
}

// place tells of the commune. It is asked once a page, and costs one statement of one small table.
func (a *API) place(ctx context.Context) (commune, error) {
	c := commune{Title: geodata.Text{VI: "Bản đồ số của xã", EN: "The commune's digital map"}}
	var text []byte
	if err := a.Store.Pool().QueryRow(ctx, settingsSQL).Scan(&text); err != nil {
		return commune{}, pg.Fault(fmt.Errorf("read the settings: %w", err))
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return commune{}, fmt.Errorf("read the settings: %w", err)
	}
	if c.Bounds == (geodata.Extent{}) {
		bounds, err := a.bounds(ctx)
		if err != nil {
			return commune{}, err
		}
		c.Bounds = bounds
	}
	if c.Zoom == 0 {
		c.Center = [2]float64{(c.Bounds[0] + c.Bounds[2]) / 2, (c.Bounds[1] + c.Bounds[3]) / 2}
		// So that the width fits a page of about 800 px: a world of zoom z is 512 · 2^z px wide.
		c.Zoom = math.Round(10*min(max(math.Log2(800.0/512*360/max(c.Bounds[2]-c.Bounds[0], 0.01)), 4), 15)) / 10
	}
	return c, nil
}

// binhLu is where the map opens while there is no data: the commune that bando was first made for.
func binhLu() geodata.Extent { return geodata.Extent{103.57, 22.27, 103.78, 22.42} }

// bounds is where the commune is: its hamlets, or else its border, or else anything at all.
func (a *API) bounds(ctx context.Context) (geodata.Extent, error) {
	layers := a.Store.Catalogue().Layers()
	for _, id := range []string{"hamlets", "parcels", "admin_units"} {
		for _, l := range layers {
			if l.ID != id {
				continue
			}
			held, err := a.Features.Overview.Summary(ctx, l, auth.Person{})
			if err != nil {
				return geodata.Extent{}, err
			}
			if held.Extent != nil {
				return *held.Extent, nil
			}
		}
	}
	return binhLu(), nil
}
