package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bando/internal/proof"
)

// What a sheet says can be held against the log by anybody, and no word of it can be changed unseen.
func TestAFeaturesHistoryIsProvedToAnybody(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	b := s.as("van_hoa")
	path, _, etag := b.hamlet()
	b.send("PATCH", path, object{"properties": object{"households": 77}, "reason": "Rà soát <b>cuối năm</b>"}, "If-Match", etag).want(http.StatusOK)
	public := s.open()
	doc := public.get(path + "/proof").want(http.StatusOK).json()
	entry, hash := at(doc, "entries", 0, "entry").(string), at(doc, "entries", 0, "hash").(string)
	if len(hash) != 64 || at(doc, "head", "hash") != hash || at(doc, "entries", 0, "op") != "update" || doc["claim"] != nil {
		t.Errorf("%v", doc)
	}
	ask := func(entry, hash string) string {
		return path + "/proof?" + url.Values{"entry": {entry}, "hash": {hash}}.Encode()
	}
	other := strings.Repeat("0", 64)
	if doc := public.get(ask(entry, hash)).want(http.StatusOK).json(); at(doc, "claim", "holds") != true {
		t.Errorf("%v", doc)
	}
	if doc := public.get(ask(entry, other)).want(http.StatusOK).json(); at(doc, "claim", "holds") != false {
		t.Errorf("%v", doc)
	}
	for address, says := range map[string]string{ask(entry, hash) + "&f=html": "KHỚP: mục " + entry, ask(entry, other) + "&f=html&lang=en": "NO MATCH"} {
		if page := string(public.get(address).want(http.StatusOK).unpacked()); !strings.Contains(page, says) || !strings.Contains(page, hash) {
			t.Errorf("%s does not say %s:\n%s", address, says, page)
		}
	}
	for _, wrong := range []string{"?entry=" + entry, "?hash=" + hash, "?entry=1.1&hash=ab", "?what=1"} {
		public.get(path + "/proof" + wrong).want(http.StatusBadRequest)
	}
	public.get("/collections/hamlets/items/999999/proof").want(http.StatusNotFound)
	public.get("/collections/coverage_submissions/items/1/proof").want(http.StatusNotFound) // not the public's

	sheet := public.get(path + "/evidence.pdf").want(http.StatusOK)
	if sheet.Header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(sheet.body, []byte("%PDF-")) {
		t.Errorf("%v", sheet.Header)
	}
	public.get("/collections/hamlets/items/999999/evidence.pdf").want(http.StatusNotFound)
	public.get("/collections/coverage_submissions/items/1/evidence.pdf").want(http.StatusNotFound)

	// The newest checkpoint is there for everybody to keep.
	eventually(t, 10e9, "the server to sign a checkpoint", func() bool {
		return public.get("/proof").want(http.StatusOK).json()["checkpoint"] != nil
	})
	doc = public.get("/proof").json()
	keys, err := proof.Verifiers(doc["public_key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := proof.Open(at(doc, "checkpoint", "note").(string), keys); err != nil || float64(c.Revision) != at(doc, "checkpoint", "revision") {
		t.Errorf("%+v, %v", c, err)
	}
	if page := string(public.get("/proof?f=html").want(http.StatusOK).unpacked()); !strings.Contains(page, "bando log checkpoint") {
		t.Errorf("%s", page)
	}
}
