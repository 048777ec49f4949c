package auth

import (
	"slices"

	"bando/geodata"
)

// NeedsSecondFactor says whether the role is worth more than a password: who keeps the accounts, and who approves in the
// commune's name.
func NeedsSecondFactor(r geodata.Role) bool { return r == geodata.Admin || r == geodata.Leader }

// KeepsAccounts reports whether people of the role make, change and disable accounts.
func KeepsAccounts(r geodata.Role) bool { return r == geodata.Admin }

// HasHamlet reports whether people of the role speak for one hamlet.
func HasHamlet(r geodata.Role) bool { return r == geodata.HamletHead }

// MayKeepAccounts says whether the person may make, change and disable accounts and organisations.
func MayKeepAccounts(p Person) error {
	return amongRoles(p, Verb{VI: "quản lý", EN: "keep"}, geodata.Text{VI: "tài khoản và tổ chức", EN: "accounts and organisations"}, geodata.Admin)
}

// MayReadAccountLog says whether the person may read what was done to accounts.
func MayReadAccountLog(p Person) error {
	return amongRoles(p, Verb{VI: "xem", EN: "see"}, geodata.Text{VI: "nhật ký tài khoản", EN: "the account log"}, geodata.Admin, geodata.Auditor)
}

// amongRoles lets the people of some roles do a thing that is no layer's.
func amongRoles(p Person, verb Verb, what geodata.Text, may ...geodata.Role) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if !slices.Contains(may, p.Role) {
		return deniedThing(verb, what, may)
	}
	return nil
}
