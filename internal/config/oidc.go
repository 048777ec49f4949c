package config

import (
	"errors"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"bando/geodata"
)

// OIDC is the provider of OpenID Connect that people may sign in at, and what its claims mean here. The zero value means none.
type OIDC struct {
	// Issuer is the provider's address, exactly as it calls itself: https, or http on this machine alone (BANDO_OIDC_ISSUER,
	// --oidc-issuer).
	Issuer string
	// ClientID and Secret are what the provider knows bando by; the secret is empty for a client that has none. The secret comes from
	// a variable or a file and never from a flag, which the list of processes shows (BANDO_OIDC_CLIENT_ID, --oidc-client-id;
	// BANDO_OIDC_CLIENT_SECRET, BANDO_OIDC_CLIENT_SECRET_FILE, --oidc-client-secret-file).
	ClientID string
	Secret   Secret
	// Title is what the button says (BANDO_OIDC_TITLE, --oidc-title; "Vietnamese|English").
	Title geodata.Text
	// Scopes are asked for beside "openid". Default profile, email (BANDO_OIDC_SCOPES, --oidc-scopes).
	Scopes []string
	// RoleClaim is where a person's roles are told, and Roles what they mean here: the first that the person has counts. Without
	// Roles the account says what a person may do. Claims within claims are named with dots: "realm_access.roles"
	// (BANDO_OIDC_ROLE_CLAIM, --oidc-role-claim; BANDO_OIDC_ROLES, --oidc-roles).
	RoleClaim string
	Roles     []RoleOf
	// OperatorClaim and HamletClaim tell the telecom partner's operator and the code of the head's hamlet; empty: the account does
	// (BANDO_OIDC_OPERATOR_CLAIM, --oidc-operator-claim; BANDO_OIDC_HAMLET_CLAIM, --oidc-hamlet-claim).
	OperatorClaim, HamletClaim string
	// Unknown is what becomes of people without an account here. Default: they are refused (BANDO_OIDC_UNKNOWN, --oidc-unknown;
	// "refuse", "link", "create", "link,create").
	Unknown Unknown
	// Factors are the words by which the provider says that it has asked for a second factor; without any it never counts
	// (BANDO_OIDC_FACTOR, --oidc-factor; "amr=mfa,acr=…").
	Factors []FactorWord

	given int // in how many ways a secret was given
}

// RoleOf is what one value of the claim of roles means here.
type RoleOf struct {
	Value string
	Role  geodata.Role
}

// FactorWord is a value of the claim "amr" or "acr" that tells of a second factor.
type FactorWord struct{ Claim, Value string }

// Unknown is what becomes of people whom the provider knows and bando does not.
type Unknown struct {
	Link   bool // the account of their name is theirs from now on
	Create bool // an account is made
}

// On reports whether people may sign in at a provider.
func (o OIDC) On() bool { return o.Issuer != "" }

// oidcSettings are the rows of the table that concern the provider.
func oidcSettings() []setting {
	return []setting{
		{"oidc-issuer", "BANDO_OIDC_ISSUER", "", "đăng nhập bằng OpenID Connect: địa chỉ hệ thống · sign in by OpenID Connect: the provider's address (issuer)", parseIssuer},
		{"oidc-client-id", "BANDO_OIDC_CLIENT_ID", "", "tên mà hệ thống đó biết bando · the client id that it knows bando by", parseClientID},
		{"", "BANDO_OIDC_CLIENT_SECRET", "", "", parseClientSecret},
		{"oidc-client-secret-file", "BANDO_OIDC_CLIENT_SECRET_FILE", "", "tệp chứa khóa của bando ở đó · file that holds the client secret; or BANDO_OIDC_CLIENT_SECRET", parseClientSecretFile},
		{"oidc-title", "BANDO_OIDC_TITLE", "Đăng nhập bằng tài khoản cơ quan|Sign in with your organisation's account", "chữ trên nút · what the button says: Vietnamese|English", parseOIDCTitle},
		{"oidc-scopes", "BANDO_OIDC_SCOPES", "profile,email", "phạm vi xin thêm · scopes to ask for beside openid", parseScopes},
		{"oidc-role-claim", "BANDO_OIDC_ROLE_CLAIM", "", "thông tin nào cho biết vai trò · claim that tells the roles, such as realm_access.roles", parseRoleClaim},
		{"oidc-roles", "BANDO_OIDC_ROLES", "", "giá trị=vai trò · what they mean here, the first counts: value=role,value=role", parseRoles},
		{"oidc-operator-claim", "BANDO_OIDC_OPERATOR_CLAIM", "", "thông tin nào cho biết nhà mạng · claim that tells the telecom partner's operator", parseOperatorClaim},
		{"oidc-hamlet-claim", "BANDO_OIDC_HAMLET_CLAIM", "", "thông tin nào cho biết mã bản · claim that tells the code of the head's hamlet", parseHamletClaim},
		{"oidc-unknown", "BANDO_OIDC_UNKNOWN", "refuse", "người chưa có tài khoản · people without an account: refuse, link (by name), create, or link,create", parseUnknown},
		{"oidc-factor", "BANDO_OIDC_FACTOR", "", "dấu hiệu đã hỏi lớp bảo vệ thứ hai · what tells of a second factor: amr=mfa,acr=…", parseFactors},
	}
}

// check holds the settings against each other, and tells all that is wrong.
func (o *OIDC) check() error {
	var faults []error
	if !o.On() {
		if o.ClientID != "" || o.given > 0 || len(o.Roles) > 0 {
			faults = append(faults, errIssuer())
		}
		return errors.Join(faults...)
	}
	if o.ClientID == "" {
		faults = append(faults, invalid("BANDO_OIDC_CLIENT_ID", "Hãy ghi tên mà hệ thống đăng nhập biết bando (client id).", "Give the client id that the provider knows bando by."))
	}
	if o.given > 1 {
		faults = append(faults, invalid("BANDO_OIDC_CLIENT_SECRET", "Khóa được ghi hai lần: chỉ giữ biến BANDO_OIDC_CLIENT_SECRET hoặc tệp --oidc-client-secret-file.",
			"The secret is given twice: keep the variable BANDO_OIDC_CLIENT_SECRET or the file --oidc-client-secret-file."))
	}
	if (o.RoleClaim == "") != (len(o.Roles) == 0) {
		faults = append(faults, invalid("BANDO_OIDC_ROLES", "Vai trò cần cả hai: thông tin nào (--oidc-role-claim) và giá trị nào là vai trò nào (--oidc-roles).",
			"Roles take both: the claim (--oidc-role-claim) and what its values mean (--oidc-roles)."))
	}
	if o.Unknown.Create && len(o.Roles) == 0 {
		faults = append(faults, invalid("BANDO_OIDC_UNKNOWN", "Muốn tự mở tài khoản thì phải biết vai trò: hãy ghi --oidc-role-claim và --oidc-roles.",
			"Who makes accounts must know their roles: give --oidc-role-claim and --oidc-roles."))
	}
	return errors.Join(faults...)
}

// errIssuer never repeats the address: people write secrets in the wrong place.
func errIssuer() error {
	return invalid("BANDO_OIDC_ISSUER", "Hãy viết địa chỉ https của hệ thống đăng nhập, ví dụ https://dangnhap.example.vn (http chỉ dùng được trên chính máy này).",
		"Write the https address of the provider, such as https://login.example.vn (http is for this machine alone).")
}

func parseIssuer(s *Settings, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || !Confidential(u) || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil {
		return errIssuer()
	}
	s.OIDC.Issuer = text
	return nil
}

// Confidential reports whether nobody between here and an address can read along: it is https, or on this machine.
func Confidential(u *url.URL) bool {
	switch {
	case u.Host == "":
		return false
	case u.Scheme == "https":
		return true
	default:
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Scheme == "http" && (u.Hostname() == "localhost" || (err == nil && ip.Unmap().IsLoopback()))
	}
}

func parseClientID(s *Settings, text string) error {
	s.OIDC.ClientID = text
	return nil
}

func parseClientSecret(s *Settings, text string) error {
	s.OIDC.keep(text)
	return nil
}

func (o *OIDC) keep(secret string) {
	if secret != "" {
		o.Secret = Secret(secret)
		o.given++
	}
}

func parseClientSecretFile(s *Settings, path string) error {
	const most = 4 << 10 // bytes
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if secret := strings.TrimSpace(string(text)); err == nil && secret != "" && len(secret) <= most {
		s.OIDC.keep(secret)
		return nil
	}
	return invalid("BANDO_OIDC_CLIENT_SECRET_FILE", "Không đọc được khóa trong tệp này. Hãy kiểm tra đường dẫn, quyền đọc và nội dung.",
		"There is no secret to be read in this file. Check its path, the right to read it, and what is in it.").Wrap(err)
}

func parseOIDCTitle(s *Settings, text string) error {
	const most = 100 // characters
	vi, en, both := strings.Cut(text, "|")
	if !both {
		en = vi
	}
	s.OIDC.Title = geodata.Text{VI: strings.TrimSpace(vi), EN: strings.TrimSpace(en)}
	for _, title := range []string{s.OIDC.Title.VI, s.OIDC.Title.EN} {
		if title == "" || len([]rune(title)) > most || strings.ContainsFunc(title, func(c rune) bool { return c < ' ' || c == '|' }) {
			return invalid("BANDO_OIDC_TITLE", "Hãy viết tiếng Việt|tiếng Anh, mỗi bên từ 1 đến 100 ký tự.", "Write Vietnamese|English, each of 1 to 100 characters.")
		}
	}
	return nil
}

func parseScopes(s *Settings, text string) error {
	for _, scope := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		switch {
		case scope == "offline_access": // bando keeps no token of the provider
			return invalid("BANDO_OIDC_SCOPES", "bando không giữ mã nào của hệ thống đăng nhập, nên không xin offline_access.",
				"bando keeps none of the provider's tokens, so it does not ask for offline_access.")
		case strings.ContainsFunc(scope, func(c rune) bool { return c < '!' || c > '~' || c == '"' || c == '\\' }): // RFC 6749, 3.3
			return invalid("BANDO_OIDC_SCOPES", "Hãy viết các phạm vi, cách nhau bằng dấu phẩy, ví dụ profile,email.", "Write scopes with commas between, such as profile,email.")
		case scope != "openid" && !slices.Contains(s.OIDC.Scopes, scope):
			s.OIDC.Scopes = append(s.OIDC.Scopes, scope)
		}
	}
	return nil
}

func parseRoleClaim(s *Settings, text string) error {
	s.OIDC.RoleClaim = text
	return nil
}

func parseOperatorClaim(s *Settings, text string) error {
	s.OIDC.OperatorClaim = text
	return nil
}

func parseHamletClaim(s *Settings, text string) error {
	s.OIDC.HamletClaim = text
	return nil
}

func parseRoles(s *Settings, text string) error {
	return eachPair(text, func(value, role string) error {
		if value == "" || !slices.Contains(geodata.Roles, geodata.Role(role)) {
			return invalid("BANDO_OIDC_ROLES", "Hãy viết giá trị=vai trò, cách nhau bằng dấu phẩy, ví dụ canbo-dat=land_officer,quantri=admin.",
				"Write value=role with commas between, such as canbo-dat=land_officer,quantri=admin.").With("role", role).With("roles", geodata.Roles)
		}
		s.OIDC.Roles = append(s.OIDC.Roles, RoleOf{value, geodata.Role(role)})
		return nil
	})
}

func parseFactors(s *Settings, text string) error {
	return eachPair(text, func(claim, value string) error {
		if value == "" || (claim != "amr" && claim != "acr") {
			return invalid("BANDO_OIDC_FACTOR", "Hãy viết amr=giá trị hoặc acr=giá trị, cách nhau bằng dấu phẩy, ví dụ amr=mfa.",
				"Write amr=value or acr=value with commas between, such as amr=mfa.").With("claim", claim)
		}
		s.OIDC.Factors = append(s.OIDC.Factors, FactorWord{claim, value})
		return nil
	})
}

// eachPair reads name=value with commas between.
func eachPair(text string, keep func(name, value string) error) error {
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if err := keep(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	return nil
}

func parseUnknown(s *Settings, text string) error {
	for word := range strings.SplitSeq(text, ",") {
		switch strings.TrimSpace(word) {
		case "refuse":
		case "link":
			s.OIDC.Unknown.Link = true
		case "create":
			s.OIDC.Unknown.Create = true
		default:
			return invalid("BANDO_OIDC_UNKNOWN", "Hãy chọn refuse (từ chối), link (gắn theo tên), create (mở tài khoản), hoặc link,create.",
				"Choose refuse, link (by name), create, or link,create.")
		}
	}
	return nil
}
