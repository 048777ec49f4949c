package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Proxies are the networks of proxies whose word about a request is believed.
type Proxies []netip.Prefix

type schemeKey struct{}

// Scheme is "https" where the browser came over TLS, to bando itself or to a proxy that is believed, and "http" elsewhere.
func Scheme(r *http.Request) string {
	if told, ok := r.Context().Value(schemeKey{}).(string); ok {
		return told
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// Believe makes a request that came through a trusted proxy look as the proxy's client sent it: RemoteAddr, Host and Scheme
// are from then on what X-Forwarded-For, -Host and -Proto tell, and nothing else in bando reads those headers. Of a request
// that came from anywhere else they mean nothing. It is the outermost of the middleware.
//
// The header Forwarded (RFC 7239) is not read: most proxies write one kind and hand the other on as their client sent it, so
// that whoever reads both believes the client.
func (p Proxies) Believe(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !p.hold(peer.Addr()) {
			next.ServeHTTP(w, r)
			return
		}
		if scheme := last(r.Header["X-Forwarded-Proto"]); scheme == "https" || scheme == "http" {
			r = r.WithContext(context.WithValue(r.Context(), schemeKey{}, scheme))
		} else {
			r = r.WithContext(r.Context()) // a copy: the server's own request stays as it came
		}
		if client, ok := p.client(peer.Addr(), r.Header["X-Forwarded-For"]); ok {
			r.RemoteAddr = netip.AddrPortFrom(client, 0).String() // the client's port is not told
		}
		if host := last(r.Header["X-Forwarded-Host"]); isHost(host) {
			r.Host = host
		}
		next.ServeHTTP(w, r)
	})
}

// hold reports whether an address is a proxy's.
func (p Proxies) hold(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// client walks the chain of X-Forwarded-For from its end, where each proxy wrote whom it heard, up to the first address that
// is no proxy of ours: what stands before that is hearsay. A word that is no address ends the walk at who told it.
func (p Proxies) client(peer netip.Addr, lines []string) (netip.Addr, bool) {
	chain := strings.Split(strings.Join(lines, ","), ",")
	at, moved := peer, false
	for i := len(chain) - 1; i >= 0 && p.hold(at); i-- {
		heard, ok := addressIn(strings.TrimSpace(chain[i]))
		if !ok {
			break
		}
		at, moved = heard, true
	}
	return at, moved
}

// addressIn reads an address, which some proxies write with a port.
func addressIn(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddrPort(text)
	return a.Addr().Unmap().WithZone(""), err == nil
}

// last is the last word of a list: the nearest proxy's.
func last(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	list := lines[len(lines)-1]
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}

// isHost reports whether text is a host with or without a port, and nothing more.
func isHost(text string) bool {
	u, err := url.Parse("//" + text)
	return err == nil && text != "" && u.Host == text && u.Hostname() != ""
}

// Address is whom a limit by address counts: an IPv4 address, or the network of 64 bits that a household or phone has in IPv6.
func Address(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := from.Addr().Unmap().WithZone("")
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return a.String()
}
