package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/config"
)

func TestAProviderIsReadFromFlagsVariablesAndAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("bí mật \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := read(t, map[string]string{"BANDO_OIDC_ISSUER": "https://login.example.vn/realms/commune", "BANDO_OIDC_CLIENT_ID": "bando", "BANDO_OIDC_CLIENT_SECRET_FILE": file},
		"--oidc-title", " Đăng nhập tỉnh | Provincial sign-in", "--oidc-scopes", "openid profile,roles profile", "--oidc-role-claim", "realm_access.roles",
		"--oidc-roles", "dia-chinh = land_officer, quan-tri=admin,", "--oidc-unknown", "link,create", "--oidc-factor", "amr=mfa,acr=https://vneid.example/loa3",
		"--oidc-operator-claim", "nha_mang", "--oidc-hamlet-claim", "ma_ban")
	if err != nil {
		t.Fatal(err)
	}
	o := s.OIDC
	if !o.On() || o.Secret != "bí mật" || o.Title != (geodata.Text{VI: "Đăng nhập tỉnh", EN: "Provincial sign-in"}) || o.OperatorClaim != "nha_mang" || o.HamletClaim != "ma_ban" ||
		!reflect.DeepEqual(o.Scopes, []string{"profile", "roles"}) || o.Unknown != (config.Unknown{Link: true, Create: true}) ||
		!reflect.DeepEqual(o.Roles, []config.RoleOf{{Value: "dia-chinh", Role: geodata.LandOfficer}, {Value: "quan-tri", Role: geodata.Admin}}) ||
		!reflect.DeepEqual(o.Factors, []config.FactorWord{{Claim: "amr", Value: "mfa"}, {Claim: "acr", Value: "https://vneid.example/loa3"}}) {
		t.Errorf("%+v", o)
	}
	asJSON, _ := json.Marshal(s)
	if printed := fmt.Sprintf("%+v %#v %s", s, s, asJSON); strings.Contains(printed, "mật") || !strings.Contains(printed, "…") {
		t.Errorf("printed as %s", printed)
	}
	if plain, err := read(t, nil); err != nil || plain.OIDC.On() || plain.OIDC.Unknown != (config.Unknown{}) {
		t.Errorf("without a provider: %+v, %v", plain.OIDC, err)
	}
}

func TestAProviderOnThisMachineNeedsNoTLS(t *testing.T) {
	for issuer, taken := range map[string]bool{
		"http://127.0.0.1:8081": true, "http://localhost/realms/x": true, "http://[::1]:1": true, "https://login.example.vn": true,
		"http://login.example.vn": false, "http://localhost.example.vn": false, "login.example.vn": false, "ftp://127.0.0.1": false,
		"https://u:p@login.example.vn": false, "https://login.example.vn?x=1": false, "https://login.example.vn#x": false, "https://": false,
	} {
		if _, err := read(t, map[string]string{"BANDO_OIDC_ISSUER": issuer, "BANDO_OIDC_CLIENT_ID": "bando"}); (err == nil) != taken {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

func TestAllFaultsOfAProviderAreToldAtOnce(t *testing.T) {
	tell := func(env map[string]string, names ...string) {
		t.Helper()
		_, err := read(t, env)
		if err == nil {
			t.Fatalf("%v was taken", env)
		}
		for _, name := range names {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("the error does not speak of %s: %v", name, err)
			}
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
	tell(map[string]string{
		"BANDO_OIDC_ISSUER": "http://u:hush@x", "BANDO_OIDC_TITLE": "|x", "BANDO_OIDC_SCOPES": "email,offline_access", "BANDO_OIDC_ROLES": "a=king",
		"BANDO_OIDC_UNKNOWN": "welcome", "BANDO_OIDC_FACTOR": "mfa", "BANDO_OIDC_CLIENT_SECRET_FILE": "/no/such/file", "BANDO_OIDC_CLIENT_SECRET": "hush",
	}, "BANDO_OIDC_ISSUER", "BANDO_OIDC_TITLE", "BANDO_OIDC_SCOPES", "BANDO_OIDC_ROLES", "BANDO_OIDC_UNKNOWN", "BANDO_OIDC_FACTOR", "BANDO_OIDC_CLIENT_SECRET_FILE")
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	tell(map[string]string{
		"BANDO_OIDC_ISSUER": "https://x", "BANDO_OIDC_CLIENT_SECRET": "hush", "BANDO_OIDC_CLIENT_SECRET_FILE": file,
		"BANDO_OIDC_ROLE_CLAIM": "roles", "BANDO_OIDC_UNKNOWN": "create",
	}, "BANDO_OIDC_CLIENT_ID", "BANDO_OIDC_CLIENT_SECRET", "BANDO_OIDC_ROLES", "BANDO_OIDC_UNKNOWN")
	tell(map[string]string{"BANDO_OIDC_CLIENT_SECRET": "hush"}, "BANDO_OIDC_ISSUER")
}
