package oidc

import "bando/internal/fault"

// Faults of signing in elsewhere. Their codes lead the browser back to the page, which finds the sentences in Faults.
var (
	ErrOff = fault.New(fault.NotFound, "oidc_off", fault.Text{
		VI: "Ở đây chưa mở đăng nhập bằng tài khoản của cơ quan. Hãy đăng nhập bằng tên và mật khẩu.",
		EN: "Signing in with your organisation's account is not set up here. Use your name and password.",
	})
	ErrAway = fault.New(fault.Busy, "oidc_away", fault.Text{
		VI: "Hệ thống đăng nhập của cơ quan không trả lời. Hãy thử lại sau ít phút, hoặc đăng nhập bằng tên và mật khẩu.",
		EN: "Your organisation's sign-in does not answer. Try again in a few minutes, or use your name and password.",
	})
	ErrSetUp = fault.New(fault.Busy, "oidc_set_up", fault.Text{
		VI: "Đăng nhập bằng tài khoản của cơ quan đang cài đặt sai. Hãy báo quản trị viên xem nhật ký của bando.",
		EN: "Signing in with your organisation's account is set up wrongly. Ask the administrator to look at bando's log.",
	})
	ErrReturn = fault.New(fault.Invalid, "oidc_return", fault.Text{
		VI: "Địa chỉ để quay về không thuộc trang này nên không được dùng. Hãy mở trang bản đồ rồi đăng nhập lại.",
		EN: "The address to return to is not of this site, so it was refused. Open the map and sign in again.",
	}).WithField("return")
	ErrState = fault.New(fault.Invalid, "oidc_state", fault.Text{
		VI: "Lần đăng nhập này đã quá 10 phút, đã có lần khác bắt đầu sau nó, hoặc không bắt đầu từ trình duyệt này. Hãy đăng nhập lại từ đầu.",
		EN: "This sign-in took more than 10 minutes, another was begun after it, or it was not begun in this browser. Sign in again from the start.",
	})
	ErrCancelled = fault.New(fault.Denied, "oidc_cancelled", fault.Text{
		VI: "Bạn đã dừng đăng nhập ở hệ thống của cơ quan, hoặc hệ thống đó không cho bạn dùng bản đồ này.",
		EN: "You stopped signing in at your organisation, or it does not let you use this map.",
	})
	ErrCode = fault.New(fault.Unauthenticated, "oidc_code", fault.Text{
		VI: "Lần đăng nhập này đã được dùng hoặc đã hết hạn. Hãy đăng nhập lại.",
		EN: "This sign-in was used already or has expired. Sign in again.",
	})
	ErrToken = fault.New(fault.Unauthenticated, "oidc_token", fault.Text{
		VI: "Không xác nhận được câu trả lời của hệ thống đăng nhập. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên xem nhật ký của bando.",
		EN: "The answer of your organisation's sign-in could not be verified. Try again; if it stays, ask the administrator to look at bando's log.",
	})
	ErrNoRole = fault.New(fault.Denied, "oidc_no_role", fault.Text{
		VI: "Bạn đã đăng nhập ở cơ quan, nhưng chưa được giao vai trò nào trên bản đồ này. Hãy nhờ quản trị viên của cơ quan giao vai trò.",
		EN: "You are signed in at your organisation, but have no role on this map yet. Ask your organisation's administrator for one.",
	})
	ErrTooMany = fault.New(fault.TooMany, "oidc_too_many", fault.Text{
		VI: "Quá nhiều lần đăng nhập cùng lúc từ mạng của bạn. Hãy chờ một phút rồi thử lại.",
		EN: "Too many sign-ins at once from your network. Wait a minute, then try again.",
	})
	ErrFailed = fault.New(fault.Internal, "oidc_failed", fault.Text{
		VI: "Không đăng nhập được vì hệ thống gặp lỗi và đã ghi lại. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên xem nhật ký của bando.",
		EN: "Signing in failed on our side, which was logged. Try again; if it stays, ask the administrator to look at bando's log.",
	})
	ErrHamlet = fault.New(fault.Denied, "oidc_hamlet", fault.Text{
		VI: "Tài khoản của cơ quan ghi một bản không có trên bản đồ. Hãy nhờ quản trị viên sửa lại mã bản.",
		EN: "Your organisation's account names a hamlet that is not on the map. Ask the administrator to correct the hamlet's code.",
	})
)

// Faults lists what a sign-in may end with, beside what package people says.
func Faults() []*fault.Error {
	return []*fault.Error{ErrOff, ErrAway, ErrSetUp, ErrReturn, ErrState, ErrCancelled, ErrCode, ErrToken, ErrNoRole, ErrHamlet, ErrTooMany, ErrFailed}
}
