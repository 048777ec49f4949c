// Package auth decides who may do what: one place for reading and writing, rows and moves. What no grant allows is refused.
package auth

import (
	"slices"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

// Person is who asks. The zero Person is anyone: not signed in, sees what is public, writes nothing.
type Person struct {
	Account int64 // the account's id; zero for anyone and for the command line
	// Name is how the log calls the person: the account's name, or the command's.
	Name string
	Role geodata.Role
	// Operator is the telecom operator that a partner works for, as the code in the layers ("viettel").
	Operator string
	// HamletID is the hamlet of a hamlet head; zero when there is none.
	HamletID int64
	// Scopes bound what a token may do; nil means everything that the role may (a session, the command line).
	Scopes []string
}

// The scopes of tokens. ScopeWrite and ScopeMove may be narrowed to one layer: "write:parcels".
const (
	ScopeRead  = "read"  // see what the role sees
	ScopeWrite = "write" // create, change and delete what the role may
	ScopeMove  = "move"  // take the moves of the layers' work that the role may
)

// ValidScope reports whether the text is a scope that a token can have.
func ValidScope(scope string) bool {
	what, layer, narrowed := strings.Cut(scope, ":")
	switch what {
	case ScopeRead:
		return !narrowed
	case ScopeWrite, ScopeMove:
		return !narrowed || layer != ""
	default:
		return false
	}
}

// Command is the person behind a subcommand on the machine itself, such as "bando import": whoever may run it there
// could write the database by hand, so it has an administrator's rights.
func Command(name string) Person {
	return Person{Name: name, Role: geodata.Admin}
}

// SignedIn reports whether the person is known.
func (p Person) SignedIn() bool { return p.Role != "" && p.Role != geodata.Anyone }

// MayWatch says whether the person may see how the server itself is doing: its layers' memory, its counters.
func MayWatch(p Person) error {
	return amongRoles(p, Verb{VI: "xem", EN: "see"}, geodata.Text{VI: "tình trạng máy chủ", EN: "the server's condition"}, geodata.Admin, geodata.Auditor)
}

// Audience is the circle of readers the person belongs to. Partners compete with one another, so they see what the
// public sees, and their own rows beside (see Owns).
func (p Person) Audience() geodata.Audience {
	switch p.Role {
	case geodata.LandOfficer, geodata.ForestRanger, geodata.CultureOfficer, geodata.HamletHead,
		geodata.TourismStaff, geodata.Leader, geodata.Auditor, geodata.Admin:
		if p.has(ScopeRead, "") || p.has(ScopeWrite, "") {
			return geodata.Staff
		}
	default: // partners, anyone, and roles that are none
	}
	return geodata.Public
}

// Reader is somebody who sees what the audience sees, and nothing of one's own.
func Reader(a geodata.Audience) Person {
	if a == geodata.Staff {
		return Person{Role: geodata.Auditor}
	}
	return Person{}
}

// NeedsOperator reports whether the role is nothing without the operator that its rows are of.
func NeedsOperator(r geodata.Role) bool { return r == geodata.TelecomPartner }

// has reports whether the person's token reaches so far; the empty layer asks for any.
func (p Person) has(scope, layer string) bool {
	if p.Scopes == nil {
		return true
	}
	return slices.ContainsFunc(p.Scopes, func(s string) bool {
		what, narrowed, _ := strings.Cut(s, ":")
		return what == scope && (narrowed == "" || layer == "" || narrowed == layer)
	})
}

// Action is what a person wants to do to a layer's features, as grants name it.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Actions lists every action.
var Actions = []Action{Create, Update, Delete}

// ErrSignIn is the fault of writing without being signed in.
var ErrSignIn = fault.New(fault.Unauthenticated, "sign_in", fault.Text{
	VI: "Hãy đăng nhập để làm việc này.",
	EN: "Sign in to do this.",
})

// errDenied is the fault of a right that the person's role lacks; denied makes the sentence.
var errDenied = fault.New(fault.Denied, "denied", fault.Text{})

// errScope is the fault of a token that was not made for this.
var errScope = fault.New(fault.Denied, "token_scope", fault.Text{
	VI: "Mã truy cập này không có quyền làm việc đó; hãy dùng mã có phạm vi rộng hơn hoặc đăng nhập.",
	EN: "This token was not given the right to do this; use one with a wider scope, or sign in.",
})

// errNotOwn is the fault of writing a row of somebody else.
var errNotOwn = fault.New(fault.Denied, "not_own", fault.Text{})

// errField is the fault of writing an attribute that is not the person's to write.
var errField = fault.New(fault.Denied, "field_denied", fault.Text{})

// IsDenied reports whether the error is a missing right of somebody who is signed in.
func IsDenied(err error) bool { return fault.KindOf(err) == fault.Denied }
