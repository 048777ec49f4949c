package people

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"bando/internal/pg"
)

//go:embed sql/organisations.sql
var organisationsSQL string

//go:embed sql/add_organisation.sql
var addOrganisationSQL string

//go:embed sql/change_organisation.sql
var changeOrganisationSQL string

// Organisation is who people work for.
type Organisation struct {
	Code     string
	Title    string
	Kind     string  // commune, operator, province or other
	Operator *string // of an operator: its code in the layers
}

// Organisations lists all of them by code.
func (p *People) Organisations(ctx context.Context) ([]Organisation, error) {
	return collect[Organisation](ctx, p.pool, "list organisations", organisationsSQL)
}

// AddOrganisation adds one in somebody's name. Faults: ErrOrganisationTaken, ErrOrganisationForm.
func (p *People) AddOrganisation(ctx context.Context, by Doer, o Organisation) error {
	if o.Title == "" || !titleOf(o.Title) || !titleOf(o.Code) || !titleOf(o.Kind) || !titleOf(deref(o.Operator)) {
		return ErrOrganisationForm
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		_, err := exec(ctx, tx, "add an organisation", addOrganisationSQL, o.Code, o.Title, o.Kind, o.Operator)
		switch {
		case violates(err, uniqueKey):
			return ErrOrganisationTaken
		case violates(err, checkFails):
			return ErrOrganisationForm
		case err != nil:
			return err
		}
		return note(ctx, tx, by, actOrganisation, "", map[string]any{"code": o.Code, "title": o.Title, "kind": o.Kind})
	})
}

// ChangeOrganisation gives one another title or operator in somebody's name; nil leaves a thing as it is. Faults: ErrNoOrganisation,
// ErrOrganisationForm.
func (p *People) ChangeOrganisation(ctx context.Context, by Doer, code string, title, operator *string) (changed Organisation, err error) {
	if !titleOf(code) {
		return Organisation{}, ErrNoOrganisation
	}
	if (title != nil && *title == "") || !titleOf(deref(title)) || !titleOf(deref(operator)) {
		return Organisation{}, ErrOrganisationForm
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		found, err := collect[Organisation](ctx, tx, "change an organisation", changeOrganisationSQL, code, title, operator)
		switch {
		case violates(err, checkFails):
			return ErrOrganisationForm
		case err != nil:
			return err
		case len(found) == 0:
			return ErrNoOrganisation
		}
		changed = found[0]
		return note(ctx, tx, by, actOrganisationSet, "", map[string]any{"code": code, "title": changed.Title, "operator": deref(changed.Operator)})
	})
	return changed, err
}
