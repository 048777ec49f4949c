package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"bando/geodata"
	"bando/geodata/layers"
)

// hostileTexts are short enough for most fields; each is SQL, HTML and a format at once.
var hostileTexts = []string{
	`'"><script>alert(1)</script>'); DROP TABLE layer.hamlets;--`,
	`</title><img src=x onerror=alert(1)>{{.}}${7*7}%s%n\'||'`,
	`=cmd|'/C calc'!A0 & javascript:alert(1) $$;SELECT pg_sleep(9);$$`,
}

// codeIn tells what of a page a browser would run or draw of a hostile text.
func codeIn(page []byte) string {
	for _, tag := range []string{"<script>alert", "<img src=x", "</title><img", `href="javascript:`, `href='javascript:`, `href=" javascript:`} {
		if bytes.Contains(page, []byte(tag)) {
			return tag
		}
	}
	return ""
}

// Every text of every layer comes back as it was written or is refused by a rule that says which; no page, sheet or log takes it for code.
func TestNoTextOfAnyLayerIsCode(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("quan_tri")
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	kept, refused := 0, 0
	var empty []string
	for _, l := range catalogue.Layers() {
		id, ok := at(b.get("/collections/"+l.ID+"/items?limit=1").want(http.StatusOK).json(), "features", 0, "id").(float64)
		if !ok {
			empty = append(empty, l.ID)
			continue
		}
		path := fmt.Sprintf("/collections/%s/items/%d", l.ID, int64(id))
		written := map[string]any{}
		for n, f := range slices.DeleteFunc(l.AllFields(), func(f geodata.Field) bool { return f.Type != geodata.String && f.Type != geodata.Strings }) {
			text := hostileTexts[n%len(hostileTexts)]
			for utf8.RuneCountInString(text) > f.LongestText() {
				text = text[:len(text)-1]
			}
			text = strings.TrimSpace(text) // as it is kept
			var value any = text
			if f.Type == geodata.Strings {
				value = []any{text}
			}
			// A reason that is code goes along.
			a := b.send("PATCH", path, object{"properties": object{f.Name: value}, "reason": text}, "If-Match", "*")
			if a.StatusCode != http.StatusOK {
				if code, _ := a.json()["code"].(string); a.StatusCode < 400 || a.StatusCode >= 500 || code == "" || a.json()["detail"] == nil {
					t.Errorf("%s.%s: %d %s", l.ID, f.Name, a.StatusCode, a.body)
				}
				refused++
				continue
			}
			kept++
			written[f.Name] = value
		}
		if len(written) == 0 {
			continue
		}
		stored := b.get(path).want(http.StatusOK).json()
		for name, value := range written {
			if got := at(stored, "properties", name); fmt.Sprint(got) != fmt.Sprint(value) {
				t.Errorf("%s.%s came back as %v", l.ID, name, got)
			}
		}
		for _, page := range []string{path, "/collections/" + l.ID + "/items", path + "/history", path + "/proof"} {
			a := b.get(page+"?f=html", "Accept", "text/html").want(http.StatusOK)
			if found := codeIn(a.unpacked()); found != "" {
				t.Errorf("%s holds %s", page, found)
			}
		}
		if a := b.get(path + "/history?f=html").want(http.StatusOK); !bytes.Contains(a.unpacked(), []byte("&lt;")) {
			t.Errorf("the history of %s tells nothing of it", path)
		}
		// The sheet has no scripts, actions or links but its own.
		sheet := b.get(path + "/evidence.pdf").want(http.StatusOK).body
		for _, word := range []string{"/JavaScript", "/JS", "/OpenAction", "/Launch", "/URI(javascript"} {
			if bytes.Contains(sheet, []byte(word)) {
				t.Errorf("the sheet of %s holds %s", path, word)
			}
		}
	}
	t.Logf("%d texts kept, %d refused, no features in %v", kept, refused, empty)
	if kept < 80 || len(empty) > 6 {
		t.Errorf("only %d texts were kept, and %v have no features", kept, empty)
	}
	for _, page := range []string{"/revisions?f=html", "/?f=html", "/collections?f=html"} {
		if found := codeIn(b.get(page, "Accept", "text/html").want(http.StatusOK).unpacked()); found != "" {
			t.Errorf("%s holds %s", page, found)
		}
	}
	b.get("/collections/hamlets/items?limit=1").want(http.StatusOK)
}

// So is every text of an account, an organisation, a token and an invitation, and what a problem document repeats.
func TestNoTextOfAnAccountIsCode(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("quan_tri")
	for n, text := range hostileTexts {
		code := fmt.Sprintf("to-chuc-%d", n)
		organisation := b.send("POST", "/api/organisations", object{"code": code, "title": text, "kind": "commune"}).want(http.StatusCreated).json()
		changed := b.send("PATCH", "/api/organisations/"+code, object{"title": text + "."}).want(http.StatusOK).json()
		made := b.send("POST", "/api/accounts", object{"name": fmt.Sprintf("ten%d", n), "title": text, "role": "tourism_staff", "organisation": code}).want(http.StatusCreated).json()
		again := b.send("PATCH", accountPathOf(made), object{"title": text + "."}).want(http.StatusOK).json()
		token := b.send("POST", "/api/account/tokens", object{"title": text, "scopes": []string{"read"}}).want(http.StatusCreated).json()
		invited := s.open().send("POST", "/api/invitation", object{"code": invitationCode(t, b.send("POST", accountPathOf(made)+"/invitation", nil))}).want(http.StatusOK).json()
		if organisation["title"] != text || changed["title"] != text+"." || made["title"] != text || again["title"] != text+"." || token["token"] == nil || invited["title"] != text+"." {
			t.Errorf("%v\n%v\n%v\n%v\n%v\n%v", organisation, changed, made, again, token, invited)
		}
		// What is no name or code is refused, and the fault is no page.
		for what, a := range map[string]answer{
			"an account":             b.send("POST", "/api/accounts", object{"name": text, "role": "tourism_staff"}),
			"an organisation":        b.send("POST", "/api/organisations", object{"code": text, "title": "x", "kind": "commune"}),
			"a kind":                 b.send("POST", "/api/organisations", object{"code": "y", "title": "x", "kind": text}),
			"a role":                 b.send("POST", "/api/accounts", object{"name": "z", "role": text}),
			"a scope":                b.send("POST", "/api/account/tokens", object{"title": "x", "scopes": []string{text}}),
			"an invitation's code":   s.open().send("POST", "/api/invitation", object{"code": text}),
			"a member":               b.send("POST", "/api/accounts", object{text: 1}),
			"an attribute":           b.send("PATCH", "/collections/hamlets/items/1", object{"properties": object{text: 1}}, "If-Match", "*"),
			"a member as a page":     b.send("POST", "/api/accounts", object{text: 1}, "Accept", "text/html"),
			"an attribute as a page": b.send("PATCH", "/collections/hamlets/items/1", object{"properties": object{text: 1}}, "If-Match", "*", "Accept", "text/html"),
			"a collection as a page": b.get("/collections/"+url.QueryEscape(strings.ReplaceAll(text, "/", ""))+"?f=html", "Accept", "text/html"),
			"a filter as a page":     b.get("/collections/hamlets/items?f=html&filter="+url.QueryEscape(text), "Accept", "text/html"),
			"a parameter as a page":  b.get("/collections/hamlets/items?f=html&"+url.QueryEscape(text)+"=1", "Accept", "text/html"),
			"a person of the feed":   b.get("/revisions?since="+url.QueryEscape(text), "Accept", "text/html"),
		} {
			if a.StatusCode < 400 || a.StatusCode >= 500 {
				t.Errorf("%s: %d %s", what, a.StatusCode, tail(string(a.unpacked()), 300))
			}
			if found := codeIn(a.unpacked()); found != "" && strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: the page holds %s", what, found)
			}
			if kind := a.Header.Get("Content-Type"); a.Header.Get("X-Content-Type-Options") != "nosniff" && !strings.HasPrefix(kind, "text/html") {
				t.Errorf("%s: the type %s may be guessed", what, kind)
			}
		}
	}
	b.get("/api/accounts/log?what=" + url.QueryEscape(hostileTexts[0])).want(http.StatusOK)
	tokens := string(b.get("/api/account/tokens").want(http.StatusOK).body)
	if !strings.Contains(tokens, "DROP TABLE layer.hamlets;--") {
		t.Errorf("the tokens are %s", tokens)
	}
	// The log keeps what was done as it was said.
	log := b.get("/api/accounts/log").want(http.StatusOK)
	if len(log.json()["entries"].([]any)) < 12 || log.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s", tail(string(log.body), 500))
	}
	b.get("/api/accounts").want(http.StatusOK)
}
