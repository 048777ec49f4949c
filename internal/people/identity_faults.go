package people

import "bando/internal/fault"

// Faults of signing in with an identity that a provider vouches for, and of linking one.
var (
	ErrUnknownIdentity = fault.New(fault.Denied, "oidc_unknown", fault.Text{
		VI: "Bạn đã đăng nhập ở cơ quan, nhưng chưa có tài khoản nào ở đây gắn với tài khoản đó. Hãy đăng nhập bằng tên và mật khẩu rồi liên kết ở trang Tài khoản của tôi, hoặc nhờ quản trị viên.",
		EN: "You are signed in at your organisation, but no account here is linked to it. Sign in with your name and password and link it under My account, or ask the administrator.",
	})
	ErrAccountDisabled = fault.New(fault.Denied, "oidc_disabled", fault.Text{
		VI: "Tài khoản của bạn trên bản đồ này đang bị khóa. Hãy hỏi quản trị viên.",
		EN: "Your account on this map is locked. Ask the administrator.",
	})
	ErrIdentityTaken = fault.New(fault.Conflict, "oidc_taken", fault.Text{
		VI: "Tên này đã có tài khoản gắn với một người khác ở cơ quan. Hãy nhờ quản trị viên kiểm tra.",
		EN: "There is an account of this name that belongs to somebody else at your organisation. Ask the administrator to look at it.",
	})
	ErrIdentityAccount = fault.New(fault.Denied, "oidc_account", fault.Text{
		VI: "Thông tin ở cơ quan chưa đủ để mở tài khoản ở đây (tên đăng nhập, hoặc nhà mạng của doanh nghiệp viễn thông). Hãy nhờ quản trị viên.",
		EN: "What your organisation says is not enough for an account here (a sign-in name, or the operator of a telecom partner). Ask the administrator.",
	})
	ErrIdentityLastAdmin = fault.New(fault.Conflict, "oidc_last_admin", fault.Text{
		VI: "Cơ quan không còn giao bạn làm quản trị viên, nhưng ở đây bạn là quản trị viên cuối cùng. Hãy đăng nhập bằng tên và mật khẩu, có một quản trị viên khác trước đã.",
		EN: "Your organisation no longer has you as an administrator, but you are the last one here. Sign in with your name and password and have another one first.",
	})
	ErrLinked = fault.New(fault.Conflict, "oidc_linked", fault.Text{
		VI: "Chưa liên kết được: tài khoản ở cơ quan đã gắn với một tài khoản khác ở đây, hoặc tài khoản của bạn đã có liên kết khác. Hãy gỡ liên kết kia trước.",
		EN: "This was not linked: the account of your organisation belongs to another account here, or yours has another link. Remove that link first.",
	})
	ErrNoIdentity = fault.New(fault.NotFound, "no_identity", fault.Text{
		VI: "Tài khoản của bạn không có liên kết này; có thể nó đã được gỡ.",
		EN: "Your account has no such link; it may have been removed.",
	})
	ErrLastIdentity = fault.New(fault.Conflict, "identity_last", fault.Text{
		VI: "Tài khoản chưa có mật khẩu, nên liên kết này là cách duy nhất để đăng nhập. Hãy nhờ quản trị viên gửi lời mời để đặt mật khẩu trước.",
		EN: "The account has no password, so this link is the only way in. Ask the administrator for an invitation, which sets a password, first.",
	})
)

// IdentityFaults are what a sign-in with an identity, or a link, may end with.
func IdentityFaults() []*fault.Error {
	return []*fault.Error{ErrUnknownIdentity, ErrAccountDisabled, ErrIdentityTaken, ErrIdentityAccount, ErrIdentityLastAdmin, ErrLinked}
}
