// Package oidc lets people sign in with the account that they have elsewhere: OpenID Connect's authorization code flow with
// PKCE, and what a provider's claims say of a person. Whose account that is, package people decides.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bando/geodata"
	"bando/internal/config"
)

// Provider is one provider of OpenID Connect, which need not be there yet. It is safe for use by many goroutines.
type Provider struct {
	config config.OIDC
	now    func() time.Time
	client *http.Client
	found  discovery
}

// New makes a provider from its settings, without asking it anything. client speaks to it: NewClient.
func New(c config.OIDC, client *http.Client, now func() time.Time) *Provider {
	return &Provider{config: c, now: now, client: client, found: discovery{turn: make(chan struct{}, 1)}}
}

// Title is what the button says.
func (p *Provider) Title() geodata.Text { return p.config.Title }

// Issuer is the provider's address.
func (p *Provider) Issuer() string { return p.config.Issuer }

// oauth is the client of a discovered provider. redirect is where it sends the browser back to.
func (p *Provider) oauth(found *described, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: string(p.config.Secret), Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: slices.Concat([]string{oidc.ScopeOpenID}, p.config.Scopes),
	}
}

// away says that the provider does not answer; the cause is for the log.
func away(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err // the browser has gone
	}
	return ErrAway.Wrap(fmt.Errorf("%s: %w", doing, err))
}
