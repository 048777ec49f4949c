package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/features"
	"bando/internal/httpapi"
	"bando/internal/store"
)

// Who may what is written here a second time, by hand and from the commune's rules (docs/rights.md), and every address of
// the router is asked in the name of every role. A new address, method, layer or role fails until its line is here.

// readers are everybody who may come: the roles by the demo's accounts, anyone, tokens with each scope, an account that is
// disabled.
var readers = map[string]geodata.Role{
	"anyone": geodata.Anyone, "dia_chinh": geodata.LandOfficer, "kiem_lam": geodata.ForestRanger, "van_hoa": geodata.CultureOfficer,
	"truong_ban": geodata.HamletHead, "viettel": geodata.TelecomPartner, "du_lich": geodata.TourismStaff, "lanh_dao": geodata.Leader,
	"giam_sat": geodata.Auditor, "quan_tri": geodata.Admin,
	"token read": geodata.LandOfficer, "token write:parcels": geodata.LandOfficer, "token move": geodata.LandOfficer, "disabled": geodata.Anyone,
}

// The circles of people whom an address is for.
type circle func(reader, l string) bool

func everyone(string, string) bool { return true }

func signedIn(reader, _ string) bool { return readers[reader] != geodata.Anyone }

// bySession is what nobody's token does: the account is its owner's.
func bySession(reader, _ string) bool {
	return signedIn(reader, "") && !strings.HasPrefix(reader, "token ")
}

// keeper keeps the accounts. An account of no number is nobody's: try asks for one.
func keeper(reader, _ string) bool { return readers[reader] == geodata.Admin }

func roles(some ...geodata.Role) circle {
	return func(reader, _ string) bool { return slices.Contains(some, readers[reader]) }
}

// seesLayer: two layers are not for the public; the partner sees the own claims in one of them.
func seesLayer(reader, l string) bool {
	switch {
	case l != "coverage_submissions" && l != "signal_tests":
		return true
	case readers[reader] == geodata.Anyone, reader == "token move":
		return false
	case readers[reader] == geodata.TelecomPartner:
		return l == "coverage_submissions"
	default:
		return true
	}
}

// writers are who creates, updates and deletes features of each layer by hand, beside the admin.
var writers = map[string]struct{ create, update, remove []geodata.Role }{
	"admin_units": {}, "buildings": {}, "peaks": {}, "places": {}, "pois": {}, "roads": {}, "waterways": {}, "coverage": {},
	"coverage_submissions": all3(geodata.TelecomPartner),
	"crop_areas":           all3(geodata.CultureOfficer, geodata.LandOfficer),
	"facilities":           all3(geodata.CultureOfficer),
	"forest_alerts":        headToo(geodata.ForestRanger),
	"forest_lots":          all3(geodata.ForestRanger),
	"hamlets":              {c(geodata.CultureOfficer), c(geodata.CultureOfficer, geodata.HamletHead), c(geodata.CultureOfficer)},
	"hazards":              headToo(geodata.LandOfficer),
	"indicators":           all3(geodata.CultureOfficer),
	"internet_points":      headToo(geodata.CultureOfficer, geodata.TelecomPartner),
	"land_use":             all3(geodata.LandOfficer),
	"masts":                all3(geodata.TelecomPartner),
	"parcels":              all3(geodata.LandOfficer),
	"planning":             all3(geodata.LandOfficer),
	"signal_tests":         headToo(geodata.CultureOfficer, geodata.LandOfficer, geodata.ForestRanger, geodata.TourismStaff),
	"tourism_routes":       all3(geodata.TourismStaff),
	"tourism_sites":        all3(geodata.TourismStaff),
}

type three = struct{ create, update, remove []geodata.Role }

func c(roles ...geodata.Role) []geodata.Role { return roles }

func all3(roles ...geodata.Role) three { return three{roles, roles, roles} }

// headToo lets the hamlet head report and mend, and not delete.
func headToo(roles ...geodata.Role) three {
	with := append(slices.Clone(roles), geodata.HamletHead)
	return three{with, with, roles}
}

func writes(which func(three) []geodata.Role) circle {
	return func(reader, l string) bool {
		if reader == "token read" || reader == "token move" || (reader == "token write:parcels" && l != "parcels") {
			return false
		}
		role := readers[reader]
		return l != "coverage" && (role == geodata.Admin || slices.Contains(which(writers[l]), role))
	}
}

// rights is the table: by method and address, whom it is for. Whether a person may do it to a certain feature is another
// matter, held by the tests of own rows.
var rights = map[string]circle{
	"GET /": everyone, "GET /api": everyone, "GET /conformance": everyone, "GET /collections": everyone, "GET /functions": everyone,
	"GET /styles/commune.json": everyone, "GET /proof": everyone, "GET /health/live": everyone, "GET /health/ready": everyone, "GET /events": everyone,
	"GET /revisions": everyone, "GET /revisions/{revision}": everyone, "GET /changes": everyone, // what is told of each is what the reader sees
	"GET /search": everyone, "GET /board": everyone, "GET /api/layers": everyone, "GET /api/roles": everyone, "GET /media/{media}": everyone,
	"GET /api/session": everyone, "POST /api/session": everyone, "DELETE /api/session": everyone,
	"GET /api/oidc": everyone, "GET /api/oidc/start": everyone, "GET /api/oidc/return": everyone, "POST /api/oidc/link": bySession, "POST /api/session/code": bySession,
	"GET /api/account/identities": bySession, "DELETE /api/account/identities/{identity}": bySession,
	"GET /api/accounts": keeper, "POST /api/accounts": keeper, "PATCH /api/accounts/{account}": keeper, "DELETE /api/accounts/{account}": keeper, "POST /api/accounts/{account}/invitation": keeper,
	"POST /api/accounts/{account}/reset": keeper, "GET /api/organisations": keeper, "POST /api/organisations": keeper, "PATCH /api/organisations/{organisation}": keeper,
	"GET /api/accounts/log": roles(geodata.Admin, geodata.Auditor), "POST /api/invitation": everyone, "PUT /api/invitation": everyone,
	"GET /api/account": bySession, "GET /api/account/data": bySession, "POST /api/account/recovery-codes": bySession,
	"POST /api/account/second-factor": bySession, "PUT /api/account/second-factor": bySession, "DELETE /api/account/second-factor": bySession,
	"PUT /api/account/password": bySession, "GET /api/account/sessions": bySession, "DELETE /api/account/sessions": bySession,
	"DELETE /api/account/sessions/{session}": bySession, "GET /api/account/tokens": bySession, "POST /api/account/tokens": bySession,
	"DELETE /api/account/tokens/{token}": bySession,
	"GET /health":                        roles(geodata.Admin, geodata.Auditor), "GET /metrics": roles(geodata.Admin, geodata.Auditor),
	"POST /media": func(reader, _ string) bool {
		return signedIn(reader, "") && readers[reader] != geodata.Auditor && reader != "token read"
	},
	"POST /revisions/{revision}/revert": signedIn, // what is set back has its own rights: held by packages auth and revert
	"POST /batch":                       signedIn, // each change has its own rights: held by package edit
	"POST /api/submissions":             func(reader, _ string) bool { return roles(geodata.TelecomPartner, geodata.Admin)(reader, "") },

	"GET /collections/{collection}": seesLayer, "GET /collections/{collection}/schema": seesLayer,
	"GET /collections/{collection}/queryables": seesLayer, "GET /collections/{collection}/sortables": seesLayer,
	"GET /collections/{collection}/items":                              seesLayer,
	"POST /collections/{collection}/items":                             writes(func(w three) []geodata.Role { return w.create }),
	"GET /collections/{collection}/items/{feature}":                    seesLayer,
	"PUT /collections/{collection}/items/{feature}":                    writes(func(w three) []geodata.Role { return w.update }),
	"PATCH /collections/{collection}/items/{feature}":                  writes(func(w three) []geodata.Role { return w.update }),
	"DELETE /collections/{collection}/items/{feature}":                 writes(func(w three) []geodata.Role { return w.remove }),
	"GET /collections/{collection}/items/{feature}/history":            seesLayer,
	"GET /collections/{collection}/items/{feature}/history/{revision}": seesLayer,
	"GET /collections/{collection}/items/{feature}/proof":              seesLayer,
	"GET /collections/{collection}/items/{feature}/evidence.pdf":       seesLayer,
	"GET /collections/{collection}/items/{feature}/moves":              seesLayer,
	"POST /collections/{collection}/items/{feature}/moves":             signedIn, // each move has its own roles: held by package review
	"GET /tiles/{layers}/{z}/{x}/{y}":                                  seesLayer,
	"GET /tiles/{layers:[^/]+}.json":                                   seesLayer,

	// OGC API Tiles: what is in them is what the reader sees.
	"GET /styles":                         everyone,
	"GET /styles/{style}":                 everyone,
	"GET /tileMatrixSets":                 everyone,
	"GET /tileMatrixSets/WebMercatorQuad": everyone,
	"GET /tiles":                          everyone,
	"GET /tiles/WebMercatorQuad":          everyone,
	"GET /tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}":                          everyone,
	"GET /collections/{collection}/map":                                                    seesLayer,
	"GET /collections/{collection}/styles":                                                 seesLayer,
	"GET /collections/{collection}/tiles":                                                  seesLayer,
	"GET /collections/{collection}/tiles/WebMercatorQuad":                                  seesLayer,
	"GET /collections/{collection}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": seesLayer,
}

// routesOf lists the methods and addresses of the router, each method as the server itself tells it.
func routesOf(t *testing.T, b *browser) []string {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	kept := store.New(nil, catalogue)
	paths, err := (&httpapi.API{Store: kept, Features: &features.Service{Store: kept}}).Paths()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, path := range paths {
		if path == "/" && slices.Contains(list, "GET /") {
			continue // the web app's files, at every other address
		}
		a := b.send(http.MethodOptions, addressOf(path, "hamlets"), nil)
		for method := range strings.SplitSeq(a.Header.Get("Allow"), ", ") {
			if method != "HEAD" && method != "OPTIONS" {
				list = append(list, method+" "+path)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// addressOf is an address with values in the places of its template.
func addressOf(path, l string) string {
	return strings.NewReplacer("{collection}", l, "{feature}", "1", "{revision}", "1", "{layers}", l, "{layers:[^/]+}", l, "{z}", "14", "{x}", "12909", "{y}", "7148", "{media}", "1",
		"{tileMatrix}", "14", "{tileRow}", "7148", "{tileCol}", "12909", "{tileMatrixSet}", "WebMercatorQuad", "{style}", "commune", "{session}", "x", "{token}", "0", "{identity}", "0", "{account}", "0", "{organisation}", "x").Replace(path)
}

// ofLayers reports whether an address is asked for each layer.
func ofLayers(path string) bool {
	return strings.Contains(path, "{collection}") || strings.Contains(path, "{layers")
}

func TestEveryRoleAtEveryAddress(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	people := rightsReaders(t, s, dsn)
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range catalogue.Layers() {
		if _, known := writers[l.ID]; !known {
			t.Errorf("nobody has said who writes %s", l.ID)
		}
	}
	asked := 0
	for _, address := range routesOf(t, people["anyone"]) {
		method, path, _ := strings.Cut(address, " ")
		may, known := rights[address]
		if !known {
			t.Errorf("nobody has said who may %s", address)
			continue
		}
		which := []string{""}
		if ofLayers(path) {
			which = nil
			for _, l := range catalogue.Layers() {
				which = append(which, l.ID)
			}
		}
		for reader, b := range people {
			for _, l := range which {
				asked++
				status := b.try(method, addressOf(path, l))
				switch want := may(reader, l) && (l == "" || seesLayer(reader, l)); {
				case want && (status == http.StatusUnauthorized || status == http.StatusForbidden):
					t.Errorf("%s may %s %s, and is answered %d", reader, address, l, status)
				case !want && !refused(status):
					t.Errorf("%s may not %s %s, and is answered %d", reader, address, l, status)
				case status >= 500:
					t.Errorf("%s: %s %s: %d", reader, address, l, status)
				}
			}
		}
	}
	t.Logf("%d questions", asked)
}

// refused reports whether a status says no: a layer that one does not see is not there.
func refused(status int) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, status)
}

// try asks with a body that nothing could be done with, so that nothing changes whoever asks.
func (b *browser) try(method, path string) int {
	b.t.Helper()
	if path == "/events" {
		r, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, http.NoBody)
		if err != nil {
			b.t.Fatal(err)
		}
		resp, err := b.http.Do(r)
		if err != nil {
			b.t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if path == "/search" {
		path += "?q=a"
	}
	if path == "/api/session" && method != http.MethodGet {
		return http.StatusOK // it is how one comes and goes
	}
	var body any
	headers := []string{"X-Forwarded-For", "somebody", "If-Match", `"0"`}
	if method != http.MethodGet && method != http.MethodDelete {
		body = bytes.Repeat([]byte("?"), 9)
	}
	return b.send(method, path, body, headers...).StatusCode
}

func rightsReaders(t *testing.T, s *site, dsn string) map[string]*browser {
	t.Helper()
	people := map[string]*browser{}
	for reader := range readers {
		what, scope, isToken := strings.Cut(reader, " ")
		switch {
		case reader == "anyone":
			people[reader] = s.open()
		case reader == "disabled":
			b := s.as("van_hoa_2")
			if _, err := sub(t, dsn, "user", "disable", "van_hoa_2"); err != nil {
				t.Fatal(err)
			}
			people[reader] = b
		case isToken && what == "token":
			text, err := sub(t, dsn, "token", "add", "--user", "dia_chinh", "--scope", scope)
			if err != nil {
				t.Fatal(err)
			}
			people[reader] = s.open()
			people[reader].token = strings.TrimSpace(text)
		default:
			people[reader] = s.as(reader)
		}
	}
	return people
}

// Own rows: a partner of another operator and the head of another hamlet are told no, and that it is not theirs.
func TestOwnRowsAreTheOnlyOnes(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	partner, head, officer := s.as("viettel"), s.as("truong_ban"), s.as("van_hoa")
	own, _ := head.get("/api/session").json()["person"].(object)["hamlet_id"].(float64)
	first := func(b *browser, path string) (string, string) {
		id, ok := at(b.get(path).want(http.StatusOK).json(), "features", 0, "id").(float64)
		if !ok {
			t.Fatalf("%s is empty", path)
		}
		base, _, _ := strings.Cut(path, "?")
		item := fmt.Sprintf("%s/%d", base, int(id))
		return item, b.get(item).want(http.StatusOK).Header.Get("ETag")
	}
	for _, c := range []struct {
		who    *browser
		of     string
		change object
		status int
		code   string
	}{
		{partner, "/collections/masts/items?operator=viettel", object{"height_m": 41}, 200, ""},
		{partner, "/collections/masts/items?operator=viettel", object{"operator": "mobifone"}, 403, "not_own"},
		{partner, "/collections/masts/items?operator=viettel", object{"source_ref": "T-1"}, 403, "field_denied"},
		{partner, "/collections/masts/items?operator=mobifone", object{"height_m": 41}, 403, "not_own"},
		{partner, "/collections/hamlets/items?limit=1", object{"households": 1}, 403, "denied"},
		{head, fmt.Sprintf("/collections/hamlets/items?filter=id=%d", int(own)), object{"households": 71}, 200, ""},
		{head, fmt.Sprintf("/collections/hamlets/items?filter=id=%d", int(own)), object{"code": "X"}, 403, "field_denied"},
		{head, fmt.Sprintf("/collections/hamlets/items?filter=id=%d", int(own)), object{"priority": []string{"dense"}}, 403, "field_denied"},
		{head, fmt.Sprintf("/collections/hamlets/items?filter=id<>%d", int(own)), object{"households": 71}, 403, "not_own"},
		{officer, fmt.Sprintf("/collections/hamlets/items?filter=id<>%d", int(own)), object{"households": 71}, 200, ""},
	} {
		item, etag := first(c.who, strings.NewReplacer("<>", "%3C%3E", "id=", "id%3D").Replace(c.of))
		a := c.who.send("PATCH", item, object{"properties": c.change}, "If-Match", etag)
		if c.code == "" {
			a.want(c.status)
		} else {
			a.problem(c.status, c.code)
		}
	}
}
