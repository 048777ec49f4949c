package web_test

import (
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"bando/internal/fault"
	"bando/internal/web"
)

func TestAPaceIsKeptByKeyWithABurst(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := web.NewPace(2, func() time.Time { return now })
	tries := func(key string) (taken int) {
		for range 100 {
			if p.Admit(key) == nil {
				taken++
			}
		}
		return taken
	}
	if n := tries("a"); n != 20 {
		t.Errorf("at once %d were taken, want ten seconds' worth", n)
	}
	if n := tries("b"); n != 20 {
		t.Errorf("another key is held up: %d", n)
	}
	err := p.Admit("a")
	if f, ok := fault.As(err); !ok || f.Kind() != fault.TooMany || f.Details()["retry_after"] != 1 {
		t.Errorf("refused with %v", err)
	}
	now = now.Add(3 * time.Second)
	if n := tries("a"); n != 6 {
		t.Errorf("after three seconds %d were taken", n)
	}
	now = now.Add(time.Hour)
	if n := tries("a"); n != 20 {
		t.Errorf("after an hour %d were taken", n)
	}
}

func TestNoPaceAdmitsEverything(t *testing.T) {
	p := web.NewPace(0, time.Now)
	for range 10_000 {
		if err := p.Admit("a"); err != nil {
			t.Fatal(err)
		}
	}
}

// A slow pace still lets one through, and a fast one keeps more keys than it forgets.
func TestAPaceForgetsKeysAtRestAndNoOthers(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := web.NewPace(0.001, func() time.Time { return now })
	for i := range 5000 {
		if p.Admit(strconv.Itoa(i)) != nil {
			t.Fatalf("key %d was not taken once", i)
		}
	}
	for i := range 5000 {
		if p.Admit(strconv.Itoa(i)) == nil {
			t.Fatalf("key %d was forgotten", i)
		}
	}
}

func TestAnAddressIsAHouseholdsInEitherFamily(t *testing.T) {
	of := func(remote string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		return web.Address(r)
	}
	if of("192.0.2.7:1") != of("[::ffff:192.0.2.7]:2") || of("192.0.2.7:1") == of("192.0.2.8:1") {
		t.Error("IPv4 addresses are mixed up")
	}
	if of("[2001:db8:0:1::7]:1") != of("[2001:db8:0:1:ffff::8]:2") || of("[2001:db8:0:1::7]:1") == of("[2001:db8:0:2::7]:1") {
		t.Error("an IPv6 network is not one address")
	}
}
