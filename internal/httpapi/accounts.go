package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/features"
	"bando/internal/people"
	"bando/internal/web"
)

// keeping lets in whoever keeps the accounts, signed in on the page.
func keeping(next func(w http.ResponseWriter, r *http.Request, c caller) error) web.Handler {
	return own(func(w http.ResponseWriter, r *http.Request, c caller) error {
		if err := auth.MayKeepAccounts(c.person); err != nil {
			return err
		}
		return next(w, r, c)
	})
}

// accounts are the addresses of everybody's accounts and of organisations. The log's comes before that of an account.
func (a *API) accounts() []address {
	return []address{
		{"/api/accounts", methods{"GET": keeping(a.listAccounts), "POST": keeping(a.addAccount)}},
		{"/api/accounts/log", methods{"GET": own(a.accountLog)}},
		{"/api/accounts/{account}", methods{"PATCH": keeping(a.changeAccount), "DELETE": keeping(a.forgetAccount)}},
		{"/api/accounts/{account}/invitation", methods{"POST": keeping(a.invite)}},
		{"/api/accounts/{account}/reset", methods{"POST": keeping(a.reset)}},
		{"/api/organisations", methods{"GET": keeping(a.organisations), "POST": keeping(a.addOrganisation)}},
		{"/api/organisations/{organisation}", methods{"PATCH": keeping(a.changeOrganisation)}},
		{"/api/roles", methods{"GET": readRoles}},
		{invitationPath, methods{"POST": a.invited, "PUT": a.join}},
	}
}

// keptAccount is an account as the administrator sees it.
type keptAccount struct {
	ID           int64        `json:"id"`
	Name         string       `json:"name"`
	Title        *string      `json:"title"`
	Role         geodata.Role `json:"role"`
	RoleTitle    geodata.Text `json:"role_title"`
	Operator     *string      `json:"operator"`
	HamletID     *int64       `json:"hamlet_id"`
	Organisation *string      `json:"organisation"`
	Demo         bool         `json:"demo"`
	HasPassword  bool         `json:"has_password"` // false until an invitation was followed
	SecondFactor bool         `json:"second_factor"`
	Disabled     bool         `json:"disabled"`
	DisabledAt   *time.Time   `json:"disabled_at"`
	CreatedAt    time.Time    `json:"created_at"`
}

func kept(a people.Account) keptAccount {
	return keptAccount{
		a.ID, a.Name, a.Title, a.Role, auth.RoleTitle(a.Role), a.Operator, a.HamletID, a.Organisation, a.Demo, a.HasPassword, a.SecondFactor,
		a.DisabledAt != nil, a.DisabledAt, a.CreatedAt,
	}
}

func (a *API) listAccounts(w http.ResponseWriter, r *http.Request, _ caller) error {
	found, err := a.People.Accounts(r.Context())
	if err != nil {
		return err
	}
	list := make([]keptAccount, len(found))
	for i, f := range found {
		list[i] = kept(f)
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"accounts": list})
}

// addAccount answers POST /api/accounts with 201 and the account, which an invitation opens.
func (a *API) addAccount(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish struct {
		Name         string       `json:"name"`
		Title        string       `json:"title"`
		Role         geodata.Role `json:"role"`
		Operator     string       `json:"operator"`
		HamletID     int64        `json:"hamlet_id"`
		Organisation string       `json:"organisation"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	added, err := a.People.AddBy(r.Context(), people.By(c.person, r.RemoteAddr), people.NewAccount{
		Name: wish.Name, Title: wish.Title, Role: wish.Role, Operator: wish.Operator, HamletID: wish.HamletID, Organisation: wish.Organisation,
	})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, kept(added))
}

// given is a member of a merge patch (RFC 7396): left out it is nil, and null takes the thing away.
type given[T any] struct{ value *T }

// UnmarshalJSON is called for null too.
func (g *given[T]) UnmarshalJSON(text []byte) error {
	g.value = new(T)
	return json.Unmarshal(text, g.value)
}

// changeAccount answers PATCH /api/accounts/{account} with the account.
func (a *API) changeAccount(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	var wish struct {
		Title        given[string] `json:"title"`
		Role         *geodata.Role `json:"role"`
		Operator     given[string] `json:"operator"`
		HamletID     given[int64]  `json:"hamlet_id"`
		Organisation given[string] `json:"organisation"`
		Disabled     *bool         `json:"disabled"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	after, err := a.People.Change(r.Context(), people.By(c.person, r.RemoteAddr), id, people.Change{
		Title: wish.Title.value, Role: wish.Role, Operator: wish.Operator.value, HamletID: wish.HamletID.value, Organisation: wish.Organisation.value,
		Disabled: wish.Disabled,
	})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, kept(after))
}

func accountID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("account"), 10, 64)
	if err != nil {
		return 0, people.ErrNoAccount
	}
	return id, nil
}

// accountEntry is one line of the account log.
type accountEntry struct {
	ID      int64          `json:"id"`
	At      time.Time      `json:"at"`
	Who     string         `json:"who"` // empty where nobody was signed in
	What    string         `json:"what"`
	Whom    *string        `json:"whom"`
	Address *string        `json:"address"`
	Detail  map[string]any `json:"detail"`
}

// accountLog answers GET /api/accounts/log, the newest first; ?before= the id of an entry goes on from there, ?account= a name picks one
// account, ?what= one kind of act.
func (a *API) accountLog(w http.ResponseWriter, r *http.Request, c caller) error {
	if err := auth.MayReadAccountLog(c.person); err != nil {
		return err
	}
	if err := features.CheckQuery(r, "before", "account", "what"); err != nil {
		return err
	}
	q := r.URL.Query()
	const page = 100
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	whom := ""
	if name := q.Get("account"); name != "" {
		held, err := a.People.Account(r.Context(), name)
		if err != nil {
			return err
		}
		whom = held.Name
	}
	found, err := a.People.Log(r.Context(), before, whom, q.Get("what"), page)
	if err != nil {
		return err
	}
	entries := make([]accountEntry, len(found))
	for i, e := range found {
		entries[i] = accountEntry(e)
		if !auth.MaySeePersonal(c.person) {
			entries[i].Address = nil
		}
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"entries": entries, "more": len(entries) == page})
}

// organisation is who people work for.
type organisation struct {
	Code     string  `json:"code"`
	Title    string  `json:"title"`
	Kind     string  `json:"kind"`
	Operator *string `json:"operator"`
}

func (a *API) organisations(w http.ResponseWriter, r *http.Request, _ caller) error {
	found, err := a.People.Organisations(r.Context())
	if err != nil {
		return err
	}
	list := make([]organisation, len(found))
	for i, o := range found {
		list[i] = organisation(o)
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"organisations": list})
}

func (a *API) addOrganisation(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish organisation
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	if err := a.People.AddOrganisation(r.Context(), people.By(c.person, r.RemoteAddr), people.Organisation(wish)); err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, wish)
}

func (a *API) changeOrganisation(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish struct {
		Title    *string `json:"title"`
		Operator *string `json:"operator"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	after, err := a.People.ChangeOrganisation(r.Context(), people.By(c.person, r.RemoteAddr), r.PathValue("organisation"), wish.Title, wish.Operator)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, organisation(after))
}
