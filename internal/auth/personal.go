package auth

import (
	"bando/geodata"
	"bando/internal/fault"
)

// MaySeePersonal says whether the person may see what tells of a person: the place and time that a camera wrote into a
// photo, and so the photo as it was sent. It is for the staff whose work it is; who oversees them reads everything else.
// No layer holds personal data, so nothing else is asked here (docs/rights.md).
func MaySeePersonal(p Person) bool {
	return p.Audience() == geodata.Staff && p.Role != geodata.Auditor
}

// errReadOnly is the fault of sending files without being somebody who changes anything.
var errReadOnly = fault.New(fault.Denied, "media_denied", fault.Text{
	VI: "Tài khoản hoặc mã truy cập này chỉ được đọc, không được gửi tệp.",
	EN: "This account or token may only read, not send files.",
})

// MaySend says whether the person may send files: whoever may change anything. What becomes of a file is decided where it
// is used.
func MaySend(p Person) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if p.Role == geodata.Auditor || (!p.has(ScopeWrite, "") && !p.has(ScopeMove, "")) {
		return errReadOnly
	}
	return nil
}
