package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAStormOfSignInsWaitsForItsTurn(t *testing.T) {
	h := newHashers(1, 10*time.Millisecond)
	h.slots <- struct{}{} // somebody hashes
	_, err := h.hash(t.Context(), "mật khẩu")
	want(t, err, ErrBusy)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(ctx, "mật khẩu"); !errors.Is(err, ErrBusy) && !errors.Is(err, context.Canceled) {
		t.Errorf("who has left is told %v", err)
	}
	<-h.slots
	for range 3 { // each gives its slot back
		if _, err := h.hash(t.Context(), "mật khẩu"); err != nil {
			t.Error(err)
		}
	}
}

func TestAHashChecksWithItsOwnCost(t *testing.T) {
	h := newHashers(1, time.Minute)
	// argon2id of "password" with salt "somesalt", m=65536, t=2, p=1: the reference implementation's test vector.
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for password, want := range map[string]bool{"password": true, "Password": false, "": false} {
		if got, err := h.matches(t.Context(), password, reference); err != nil || got != want {
			t.Errorf("%q matches: %v, %v", password, got, err)
		}
	}
}

func TestADamagedHashIsAnErrorAndNeverAMatch(t *testing.T) {
	h := newHashers(1, time.Minute)
	good, err := h.hash(t.Context(), "mật khẩu")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "mật khẩu", good[:len(good)-4], strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=99999999", 1), strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "p=1", "p=1,x=1", 1),
	} {
		if ok, err := h.matches(t.Context(), "mật khẩu", bad); ok || err == nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=1,t=1,p=255$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			return
		}
		if again, err := parsePHC(p.String()); err != nil || again.cost != p.cost {
			t.Errorf("%q is written as %q, which reads as %+v, %v", s, p, again, err)
		}
	})
}

func TestOneAddressIsOneCaller(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:55": "192.0.2.7", "[::ffff:192.0.2.7]:55": "192.0.2.7", "[2001:db8:1:2:3::4]:55": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:55": "fe80::/64", "@": "@", "192.0.2.7": "192.0.2.7",
	} {
		if got := addressOf(remote); got != want {
			t.Errorf("%s is %s, want %s", remote, got, want)
		}
	}
}
