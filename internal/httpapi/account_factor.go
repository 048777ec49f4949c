package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/people"
	"bando/internal/pg"
	"bando/internal/web"
)

// The addresses that a session serves whose second factor is missing.
const (
	accountPath = "/api/account"
	factorPath  = "/api/account/second-factor"
)

// unfinished answers a session whose second factor is missing: beyond giving it, or setting it up, its person is anyone, and told what
// to do where anyone would be told to sign in.
func unfinished(next web.Handler, s people.Session) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := pg.Fault(next(w, r))
		switch {
		case fault.KindOf(err) != fault.Unauthenticated:
			return err
		case s.CodeAwaited:
			return people.ErrCodeAwaited
		default:
			return people.ErrUnfinished
		}
	}
}

// finishes reports whether an address is for a session that is not good for anything else.
func finishes(s people.Session, path string) bool {
	switch path {
	case sessionPath, oidcReturnPath:
		return true
	case sessionCodePath:
		return s.CodeAwaited
	case accountPath, factorPath:
		return !s.CodeAwaited
	default:
		return false
	}
}

// factor tells of a second factor.
type factor struct {
	Enabled           bool `json:"enabled"`
	Required          bool `json:"required"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}

// ownAccount is one's own account.
type ownAccount struct {
	ID                int64        `json:"id"`
	Name              string       `json:"name"`
	Title             *string      `json:"title"`
	Role              geodata.Role `json:"role"`
	RoleTitle         geodata.Text `json:"role_title"`
	Organisation      *string      `json:"organisation"`
	OrganisationTitle string       `json:"organisation_title"`
	Operator          *string      `json:"operator"`
	HamletID          *int64       `json:"hamlet_id"`
	HasPassword       bool         `json:"has_password"`
	SecondFactor      factor       `json:"second_factor"`
}

// readAccount answers GET /api/account.
func (a *API) readAccount(w http.ResponseWriter, r *http.Request, c caller) error {
	held, err := a.People.Account(r.Context(), c.person.Name)
	if err != nil {
		return err
	}
	f, err := a.People.Factor(r.Context(), c.person)
	if err != nil {
		return err
	}
	told := ownAccount{
		ID: held.ID, Name: held.Name, Title: held.Title, Role: held.Role, RoleTitle: auth.RoleTitle(held.Role), Organisation: held.Organisation,
		Operator: held.Operator, HamletID: held.HamletID, HasPassword: held.HasPassword, SecondFactor: factor(f),
	}
	if held.Organisation != nil {
		if told.OrganisationTitle, err = a.organisationTitle(r.Context(), *held.Organisation); err != nil {
			return err
		}
	}
	return web.WriteJSON(w, http.StatusOK, told)
}

func (a *API) organisationTitle(ctx context.Context, code string) (string, error) {
	all, err := a.People.Organisations(ctx)
	for _, o := range all {
		if o.Code == code {
			return o.Title, err
		}
	}
	return "", err
}

// offerFactor answers POST /api/account/second-factor with what an app needs, this once.
func (a *API) offerFactor(w http.ResponseWriter, r *http.Request, c caller) error {
	var wish struct {
		Password string `json:"password"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &wish); err != nil {
		return err
	}
	offer, err := a.People.OfferFactor(r.Context(), c.person, c.session, r.RemoteAddr, wish.Password)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{
		"secret": offer.Secret, "uri": offer.URI, "qr": dataPNG(offer.QR),
	})
}

// dataPNG is a picture as an address that holds it.
func dataPNG(picture []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
}

// code is the body that carries a code of the second factor.
type code struct {
	Code string `json:"code"`
}

// confirmFactor answers PUT /api/account/second-factor with the recovery codes, this once.
func (a *API) confirmFactor(w http.ResponseWriter, r *http.Request, c caller) error {
	return a.answerCodes(w, r, func(given string) ([]string, error) {
		return a.People.ConfirmFactor(r.Context(), c.person, c.session, r.RemoteAddr, given)
	})
}

// newRecoveryCodes answers POST /api/account/recovery-codes.
func (a *API) newRecoveryCodes(w http.ResponseWriter, r *http.Request, c caller) error {
	return a.answerCodes(w, r, func(given string) ([]string, error) {
		return a.People.NewRecoveryCodes(r.Context(), c.person, r.RemoteAddr, given)
	})
}

func (a *API) answerCodes(w http.ResponseWriter, r *http.Request, draw func(code string) ([]string, error)) error {
	var given code
	if err := web.ReadJSON(w, r, maxAccountBody, &given); err != nil {
		return err
	}
	codes, err := draw(given.Code)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"recovery_codes": codes})
}

// removeFactor answers DELETE /api/account/second-factor with 204.
func (a *API) removeFactor(w http.ResponseWriter, r *http.Request, c caller) error {
	var proof struct {
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := web.ReadJSON(w, r, maxAccountBody, &proof); err != nil {
		return err
	}
	if err := a.People.RemoveFactor(r.Context(), c.person, c.session, r.RemoteAddr, proof.Password, proof.Code); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
