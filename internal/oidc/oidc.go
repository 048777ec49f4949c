// Package oidc lets people sign in with the account that they have elsewhere: OpenID Connect's authorization code flow with
// PKCE, and what a provider's claims say of a person. Whose account that is, package people decides.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bando/geodata"
	"bando/internal/fault"
)

// Config is the provider, and what its claims mean here.
type Config struct {
	// Issuer is the provider's address, exactly as it calls itself: https, or http on this machine alone.
	Issuer string
	// ClientID and Secret are what the provider knows bando by; the secret is empty for a client that has none.
	ClientID, Secret string
	Title            geodata.Text // of the button
	Scopes           []string     // asked for beside "openid"
	// RoleClaim is where a person's roles are told, and Roles what they mean here: the first that the person has counts. Without
	// Roles the account says what a person may do. Claims within claims are named with dots ("realm_access.roles").
	RoleClaim string
	Roles     []RoleOf
	// OperatorClaim and HamletClaim tell the telecom partner's operator and the code of the head's hamlet; empty: the account does.
	OperatorClaim, HamletClaim string
	// Factors are the words by which the provider says that it has asked for a second factor; without any it never counts.
	Factors []Factor
}

// RoleOf is what one value of the claim of roles means here.
type RoleOf struct {
	Value string
	Role  geodata.Role
}

// Factor is a value of the claim "amr" or "acr" that tells of a second factor.
type Factor struct{ Claim, Value string }

// Provider is one provider of OpenID Connect, which need not be there yet. It is safe for use by many goroutines.
type Provider struct {
	config Config
	now    func() time.Time
	client *http.Client
	found  discovery
}

// New makes a provider from its settings, without asking it anything. client speaks to it: NewClient. Faults are those of settings.
func New(c Config, client *http.Client, now func() time.Time) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || !confidential(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errIssuer.Wrap(err)
	}
	if c.ClientID == "" {
		return nil, errClientID
	}
	for _, r := range c.Roles {
		if r.Value == "" || !slices.Contains(geodata.Roles, r.Role) {
			return nil, errRoles.With("role", r.Role).With("roles", geodata.Roles)
		}
	}
	for _, f := range c.Factors {
		if f.Value == "" || (f.Claim != "amr" && f.Claim != "acr") {
			return nil, errFactors.With("claim", f.Claim)
		}
	}
	return &Provider{config: c, now: now, client: client, found: discovery{turn: make(chan struct{}, 1)}}, nil
}

// Title is what the provider is called.
func (p *Provider) Title() geodata.Text { return p.config.Title }

// Issuer is the provider's address.
func (p *Provider) Issuer() string { return p.config.Issuer }

// oauth is the client of a discovered provider. redirect is where it sends the browser back to.
func (p *Provider) oauth(found *oidc.Provider, redirect string) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID}
	for _, s := range p.config.Scopes {
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.Secret, Endpoint: found.Endpoint(), RedirectURL: redirect, Scopes: scopes,
	}
}

// away says that the provider does not answer; the cause is for the log.
func away(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err // the browser has gone
	}
	return ErrAway.Wrap(fmt.Errorf("%s: %w", doing, err))
}

// confidential reports whether nobody between here and an address can read along: it is https, or on this machine.
func confidential(u *url.URL) bool {
	switch {
	case u == nil || u.Host == "":
		return false
	case u.Scheme == "https":
		return true
	default:
		return u.Scheme == "http" && loopback(u.Hostname())
	}
}

// faultSetting is a fault of the settings, told when bando starts.
func faultSetting(env, vi, en string) *fault.Error {
	return fault.New(fault.Invalid, "setting_invalid", fault.Text{VI: vi, EN: en}).WithField(env)
}
