package httpapi

import (
	"net/http"
	"time"

	"bando/internal/people"
	"bando/internal/web"
)

// ownData answers GET /api/account/data with everything that is kept of who asks (Luật 91/2025/QH15: the right to see it).
func (a *API) ownData(w http.ResponseWriter, r *http.Request, c caller) error {
	d, err := a.People.Data(r.Context(), c.person, c.session)
	if err != nil {
		return err
	}
	type token struct {
		ID        int64      `json:"id"`
		Title     *string    `json:"title"`
		Scopes    []string   `json:"scopes"`
		CreatedAt time.Time  `json:"created_at"`
		ExpiresAt *time.Time `json:"expires_at"`
		LastUsed  *time.Time `json:"last_used"`
	}
	type identity struct {
		Issuer   string     `json:"issuer"`
		Subject  string     `json:"subject"`
		LinkedAt time.Time  `json:"linked_at"`
		LastAt   *time.Time `json:"last_at"`
	}
	type file struct {
		ID        int64     `json:"id"`
		Name      *string   `json:"name"`
		Type      string    `json:"type"`
		Bytes     int64     `json:"bytes"`
		CreatedAt time.Time `json:"created_at"`
	}
	answer := map[string]any{
		"account": kept(d.Account), "sessions": listOf(d.Sessions, func(s people.OpenSession) openSession { return openSession(s) }),
		"tokens": listOf(d.Tokens, func(t people.Token) token {
			return token{t.ID, t.Title, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsed}
		}),
		"identities": listOf(d.Identities, func(i people.LinkedIdentity) identity { return identity{i.Issuer, i.Subject, i.LinkedAt, i.LastAt} }),
		"account_log": listOf(d.Log, func(e people.Entry) accountEntry {
			return accountEntry{e.ID, e.At, e.Who, e.What, e.Whom, e.Address, e.Detail}
		}),
		"files": listOf(d.Files, func(f people.SentFile) file { return file(f) }),
		"edits": map[string]any{"count": d.Edits.Edits, "first": d.Edits.First, "last": d.Edits.Last, "page": a.Origin.Of(r) + "/collections"},
	}
	w.Header().Set("Content-Disposition", `attachment; filename="bando-account.json"`)
	return web.WriteJSON(w, http.StatusOK, answer)
}

// listOf is never null in JSON.
func listOf[A, B any](all []A, as func(A) B) []B {
	list := make([]B, len(all))
	for i, one := range all {
		list[i] = as(one)
	}
	return list
}

// forgetAccount answers DELETE /api/accounts/{account} {"reason"} with 204: what was kept of the person is gone, the name stays reserved.
func (a *API) forgetAccount(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	var wish struct {
		Reason string `json:"reason"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	if err := a.People.Forget(r.Context(), people.By(c.person, r.RemoteAddr), id, wish.Reason); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
