package oidc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bando/geodata"
	"bando/internal/config"
)

// maxSubject bounds the name that a provider has for somebody, in bytes (OpenID Connect Core, section 2).
const maxSubject = 255

// Person is who a provider says that somebody is.
type Person struct {
	Subject string // the provider's own name for the person: never another's
	// Names are what the person may be called here, the likeliest first: the preferred name, and the e-mail address that the
	// provider has verified. The provider may give them to somebody else one day.
	Names []string
	Title string // how the person is called; may be empty
	// Role is what the claims make of the person; empty where no mapping was set: the account says it.
	Role geodata.Role
	// Operator and Hamlet (a code) are nil where no claim was set for them, and empty where the claim is missing.
	Operator, Hamlet *string
	// Factor says that the provider has asked for a second factor.
	Factor bool
}

// claims are what a provider tells of a person. token is the signed part.
type claims struct{ token, all map[string]any }

// claimsOf gathers the claims of the ID token, and of UserInfo where the provider has it; the ID token is right where they differ.
func claimsOf(ctx context.Context, found *described, token *oidc.IDToken, tokens *oauth2.Token) (claims, error) {
	signed, err := object(token.Claims)
	if err != nil {
		return claims{}, ErrToken.Wrap(err)
	}
	if found.UserInfoEndpoint() == "" {
		return claims{signed, signed}, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		// The answer may repeat what it was asked with.
		said := strings.ReplaceAll(err.Error(), tokens.AccessToken, "…")
		return claims{}, away("ask for UserInfo", errors.New(shortened(said)))
	}
	if info.Subject != token.Subject { // OpenID Connect Core 5.3.2: it may be somebody else's
		return claims{}, ErrToken.Wrap(errors.New("UserInfo is of another person"))
	}
	all, err := object(info.Claims)
	if err != nil {
		return claims{}, ErrToken.Wrap(err)
	}
	if _, told := signed["email"]; told {
		delete(all, "email_verified") // it is of the other address
	}
	maps.Copy(all, signed)
	return claims{signed, all}, nil
}

// object reads claims with their numbers as they are written.
func object(read func(any) error) (map[string]any, error) {
	var text json.RawMessage
	if err := read(&text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		return nil, fmt.Errorf("read the claims: %w", err)
	}
	return o, nil
}

// person says what the claims mean here, or ErrNoRole beside whose they are.
func (p *Provider) person(subject string, told claims) (Person, error) {
	who := Person{Subject: subject, Factor: p.factor(told.token)}
	who.Title = text(told.all["name"])
	if name := text(told.all["preferred_username"]); name != "" {
		who.Names = append(who.Names, name)
	}
	if address := text(told.all["email"]); address != "" && verified(told.all["email_verified"]) {
		who.Names = append(who.Names, address)
	}
	if len(p.config.Roles) > 0 {
		has := words(lookup(told.all, p.config.RoleClaim))
		at := slices.IndexFunc(p.config.Roles, func(r config.RoleOf) bool { return slices.Contains(has, r.Value) })
		if at < 0 {
			return Person{Subject: subject}, ErrNoRole.Wrap(fmt.Errorf("subject %q has none of the roles in the claim %q", subject, p.config.RoleClaim))
		}
		who.Role = p.config.Roles[at].Role
	}
	who.Operator, who.Hamlet = first(told.all, p.config.OperatorClaim), first(told.all, p.config.HamletClaim)
	return who, nil
}

// first is the first value of a claim, empty where there is none; nil where no claim is asked for.
func first(told map[string]any, claim string) *string {
	if claim == "" {
		return nil
	}
	var value string
	if found := words(lookup(told, claim)); len(found) > 0 {
		value = found[0]
	}
	return &value
}

// lookup finds a claim by its name, or within others by their names with dots between.
func lookup(told map[string]any, name string) any {
	if value, ok := told[name]; ok {
		return value
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if inner, ok := told[name[:i]].(map[string]any); ok {
			if value := lookup(inner, name[i+1:]); value != nil {
				return value
			}
		}
	}
	return nil
}

// text is a claim that is text, as names are; empty for every other.
func text(value any) string {
	s, _ := value.(string)
	return strings.TrimSpace(s)
}

// words are the values of a claim: of a text, a number, a yes or no itself, of a list its members, of an object the names of its members, as some
// providers tell roles.
func words(value any) []string {
	switch v := value.(type) {
	case string:
		if v = strings.TrimSpace(v); v != "" {
			return []string{v}
		}
	case json.Number:
		return []string{v.String()}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var all []string
		for _, one := range v {
			if _, nested := one.([]any); !nested {
				all = append(all, words(one)...)
			}
		}
		return all
	case map[string]any:
		return slices.Sorted(maps.Keys(v))
	}
	return nil
}

// verified reads the claim email_verified, which some providers write as text.
func verified(value any) bool { return value == true || value == "true" }

// factor reports whether the signed claims tell of a second factor.
func (p *Provider) factor(signed map[string]any) bool {
	return slices.ContainsFunc(p.config.Factors, func(f config.FactorWord) bool { return slices.Contains(words(signed[f.Claim]), f.Value) })
}

// acr are the values of the claim acr that tell of a second factor, to be asked for.
func (p *Provider) acr() string {
	var all []string
	for _, f := range p.config.Factors {
		if f.Claim == "acr" {
			all = append(all, f.Value)
		}
	}
	return strings.Join(all, " ")
}
