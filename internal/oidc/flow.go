package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The provider's clock may be off by skew when a token ends, and by early when it begins.
const (
	skew  = 2 * time.Minute
	early = 5 * time.Minute
)

// Flow is what the browser keeps while its person is at the provider: what ties the answer to the browser that asked.
type Flow struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // of PKCE (RFC 7636)
}

// Begin gives the address at the provider that a browser is sent to. redirect is where it comes back to, as the provider knows it.
// Faults: ErrAway, ErrSetUp.
func (p *Provider) Begin(ctx context.Context, redirect string) (address string, f Flow, err error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	f = Flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if words := p.acr(); words != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", words))
	}
	return p.oauth(found, redirect).AuthCodeURL(f.State, options...), f, nil
}

// End reads the answer that a browser brings back from the provider: who its person is. f and redirect are those of Begin. Faults:
// ErrState, ErrCancelled, ErrCode, ErrToken, ErrNoRole (which tells the person's subject), ErrAway, ErrSetUp.
func (p *Provider) End(ctx context.Context, f Flow, redirect string, answer url.Values) (Person, error) {
	if f.State == "" || f.Nonce == "" || f.Verifier == "" || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(f.State)) != 1 {
		return Person{}, ErrState
	}
	found, err := p.discovered(ctx)
	if err != nil {
		return Person{}, err
	}
	// RFC 9207: it may be another provider's answer, which is to be taken to this one.
	if by := answer.Get("iss"); (by != "" || found.namesItself) && by != p.config.Issuer {
		return Person{}, ErrToken.Wrap(fmt.Errorf("the answer is of %q", shortened(by)))
	}
	if err := refusal(answer); err != nil {
		return Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.oauth(found, redirect).Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Person{}, exchangeFault(err)
	}
	token, err := p.verified(ctx, found, f, tokens)
	if err != nil {
		return Person{}, err
	}
	told, err := claimsOf(ctx, found, token, tokens)
	if err != nil {
		return Person{}, err
	}
	return p.person(token.Subject, told)
}

// refusal is what the provider says in place of a code.
func refusal(answer url.Values) error {
	switch said := answer.Get("error"); said {
	case "":
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return ErrCancelled.Wrap(errors.New(said))
	case "temporarily_unavailable", "server_error":
		return ErrAway.Wrap(errors.New(said))
	default:
		return ErrSetUp.Wrap(errors.New("the provider says: " + shortened(said+" "+answer.Get("error_description"))))
	}
	if answer.Get("code") == "" {
		return ErrState.Wrap(errors.New("the answer holds no code"))
	}
	return nil
}

// exchangeFault says whose fault it is that a code was not exchanged. The provider's answer may hold anything, so that no more than its
// code of error is logged.
func exchangeFault(err error) error {
	refused := (*oauth2.RetrieveError)(nil)
	switch {
	case !errors.As(err, &refused):
		return away("exchange a code", err)
	case refused.ErrorCode == "invalid_grant":
		return ErrCode.Wrap(errors.New(refused.ErrorCode))
	case refused.ErrorCode == "" || refused.Response.StatusCode >= 500:
		return away("exchange a code", fmt.Errorf("status %d", refused.Response.StatusCode))
	default:
		return ErrSetUp.Wrap(fmt.Errorf("exchange a code: %s", shortened(refused.ErrorCode)))
	}
}

// verified is the ID token, held to OpenID Connect Core 3.1.3.7.
func (p *Provider) verified(ctx context.Context, found *described, f Flow, tokens *oauth2.Token) (*oidc.IDToken, error) {
	text, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, ErrToken.Wrap(errors.New("there is no ID token"))
	}
	now := p.now()
	token, err := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: func() time.Time { return now.Add(-skew) }}).Verify(ctx, text)
	if err != nil {
		return nil, ErrToken.Wrap(err)
	}
	var more struct {
		AuthorizedParty string `json:"azp"`
	}
	if err := token.Claims(&more); err != nil {
		return nil, ErrToken.Wrap(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1:
		return nil, ErrToken.Wrap(errors.New("the ID token has another nonce"))
	case more.AuthorizedParty != "" && more.AuthorizedParty != p.config.ClientID, more.AuthorizedParty == "" && len(token.Audience) > 1:
		return nil, ErrToken.Wrap(errors.New("the ID token was given to another party"))
	case token.IssuedAt.After(now.Add(early)):
		return nil, ErrToken.Wrap(fmt.Errorf("the ID token was issued in the future, at %s", token.IssuedAt))
	case token.Subject == "" || len(token.Subject) > maxSubject:
		return nil, ErrToken.Wrap(errors.New("the ID token names nobody"))
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, ErrToken.Wrap(err)
		}
	}
	return token, nil
}
