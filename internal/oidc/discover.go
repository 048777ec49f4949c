package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"bando/internal/config"
)

// What is asked of a provider is bounded: in time, in size, in how much of it at once.
const (
	askWithin   = 10 * time.Second
	maxAnswer   = 1 << 20 // bytes
	maxAtOnce   = 16      // connections
	retryAfter  = 5 * time.Second
	findWithin  = 15 * time.Second
	idleWithin  = time.Minute
	greetWithin = 5 * time.Second
)

// NewClient makes the client that providers are asked with. It follows no redirect: what is sent may hold the client's secret.
func NewClient() *http.Client {
	return &http.Client{
		Transport: bounded{&http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxAtOnce, IdleConnTimeout: idleWithin, TLSHandshakeTimeout: greetWithin, ForceAttemptHTTP2: true,
		}},
		Timeout:       askWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded refuses what is longer than any answer of a provider.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}

// CloseIdleConnections lets http.Client's method of that name reach the transport.
func (b bounded) CloseIdleConnections() {
	if c, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// discovery is what is known of a provider. It is asked when somebody first signs in, so that bando starts without it.
type discovery struct {
	turn     chan struct{} // held by whoever reads or writes what is below
	provider *described
	err      error
	failedAt time.Time
}

// described is a provider that has described itself.
type described struct {
	*oidc.Provider
	// namesItself says that each answer of it tells whose it is (RFC 9207).
	namesItself bool
}

// discovered is the provider as it describes itself, or ErrAway. A provider that did not answer is not asked again at once.
func (p *Provider) discovered(ctx context.Context) (*described, error) {
	d := &p.found
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, away("wait for the provider's description", ctx.Err())
	}
	if d.provider != nil {
		return d.provider, nil
	}
	if d.err != nil && p.now().Sub(d.failedAt) < retryAfter {
		return nil, d.err
	}
	// Whoever asks first asks for all: the answer does not hang on that browser's patience.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), findWithin)
	defer cancel()
	d.provider, d.err = p.discover(asking)
	d.failedAt = p.now()
	return d.provider, d.err
}

func (p *Provider) discover(ctx context.Context) (*described, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if mismatch := (*oidc.IssuerMismatchError)(nil); errors.As(err, &mismatch) {
		return nil, ErrSetUp.Wrap(err)
	}
	if err != nil {
		return nil, away("read the provider's description", errors.New(shortened(err.Error())))
	}
	var told struct {
		JWKS        string `json:"jwks_uri"`
		NamesItself bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&told); err != nil {
		return nil, away("read the provider's description", err)
	}
	at := found.Endpoint()
	addresses := []string{at.AuthURL, at.TokenURL, told.JWKS}
	if at := found.UserInfoEndpoint(); at != "" {
		addresses = append(addresses, at)
	}
	// A provider behind a proxy may describe itself by plain addresses: the secret would be read along.
	for _, address := range addresses {
		if u, err := url.Parse(address); err != nil || !config.Confidential(u) {
			return nil, ErrSetUp.Wrap(fmt.Errorf("the provider names the address %q", address))
		}
	}
	return &described{found, told.NamesItself}, nil
}

// shortened is as much of a provider's answer as a log can use.
func shortened(text string) string {
	const most = 300 // bytes
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
