package people

import "bando/internal/fault"

// Faults of signing in.
var (
	// ErrSignIn is one answer for a wrong name, a wrong password, and an account that may not sign in: which of them
	// it was is nobody's business.
	ErrSignIn = fault.New(fault.Unauthenticated, "sign_in_failed", fault.Text{
		VI: "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra lại (cả kiểu gõ tiếng Việt và phím Caps Lock), hoặc nhờ quản trị viên đặt lại mật khẩu.",
		EN: "The name or the password is not right. Check them (also the keyboard's input method and Caps Lock), or ask the administrator to set a new password.",
	})
	// ErrCodeNeeded comes only after the right password.
	ErrCodeNeeded = fault.New(fault.Unauthenticated, "second_factor_needed", fault.Text{
		VI: "Tài khoản này có lớp bảo vệ thứ hai. Hãy nhập mã 6 số trên ứng dụng xác thực, hoặc một mã khôi phục.",
		EN: "This account has a second factor. Give the 6-digit code of your authenticator app, or a recovery code.",
	}).WithField("code")
	ErrSignInCode = fault.New(fault.Unauthenticated, "second_factor_wrong", fault.Text{
		VI: "Mã không đúng, đã dùng hoặc đã hết hạn. Hãy chờ mã mới trên ứng dụng; nếu vẫn sai, hãy kiểm tra đồng hồ của điện thoại.",
		EN: "The code is wrong, used or too old. Wait for the app's next one; if that fails too, check the phone's clock.",
	}).WithField("code")
	ErrCode = fault.New(fault.Invalid, "code_wrong", ErrSignInCode.Text()).WithField("code")
	// ErrUnfinished is the fault of doing anything else while the account lacks the second factor that its role needs.
	ErrUnfinished = fault.New(fault.Denied, "second_factor_setup", fault.Text{
		VI: "Vai trò của bạn cần lớp bảo vệ thứ hai. Hãy cài mã xác thực ở trang Tài khoản của tôi rồi làm tiếp.",
		EN: "Your role needs a second factor. Set one up under My account, then go on.",
	})
	// ErrCodeAwaited is the fault of doing anything else while a session awaits the account's own second factor.
	ErrCodeAwaited = fault.New(fault.Denied, "second_factor_awaited", fault.Text{
		VI: "Tài khoản này có lớp bảo vệ thứ hai. Hãy nhập mã trên ứng dụng xác thực, hoặc một mã khôi phục, để đăng nhập xong.",
		EN: "This account has a second factor. Give the code of your authenticator app, or a recovery code, to finish signing in.",
	})
	// ErrNotFresh is the fault of what takes a session that was opened just now.
	ErrNotFresh = fault.New(fault.Denied, "session_not_fresh", fault.Text{
		VI: "Việc này cần bạn vừa đăng nhập trong 10 phút qua. Hãy đăng xuất, đăng nhập lại rồi làm tiếp.",
		EN: "For this you must have signed in within the last 10 minutes. Sign out, sign in again, then go on.",
	})
	ErrFactorOn = fault.New(fault.Conflict, "second_factor_on", fault.Text{
		VI: "Tài khoản đã có lớp bảo vệ thứ hai. Muốn dùng điện thoại khác, hãy gỡ lớp cũ trước.",
		EN: "The account has a second factor already. To use another phone, remove the old one first.",
	})
	ErrNoFactor = fault.New(fault.Conflict, "second_factor_off", fault.Text{
		VI: "Tài khoản chưa có lớp bảo vệ thứ hai.",
		EN: "The account has no second factor.",
	})
	ErrNoOffer = fault.New(fault.Conflict, "second_factor_not_offered", fault.Text{
		VI: "Chưa có mã QR nào đang chờ xác nhận. Hãy bắt đầu lại việc cài lớp bảo vệ thứ hai.",
		EN: "No QR code waits to be confirmed. Begin anew to set up the second factor.",
	})
	// ErrTooMany carries retry_after in seconds.
	ErrTooMany = fault.New(fault.TooMany, "sign_in_too_many", fault.Text{
		VI: "Đăng nhập sai quá nhiều lần. Hãy chờ một lúc rồi thử lại.",
		EN: "Too many failed sign-ins. Wait a moment, then try again.",
	})
	ErrBusy = fault.New(fault.Busy, "sign_in_busy", fault.Text{
		VI: "Đang có quá nhiều người đăng nhập cùng lúc. Hãy thử lại sau vài giây.",
		EN: "Too many people are signing in at once. Try again in a few seconds.",
	})
	ErrSession = fault.New(fault.Unauthenticated, "session_ended", fault.Text{
		VI: "Phiên đăng nhập đã hết hạn. Hãy đăng nhập lại; những gì đang soạn vẫn còn trên màn hình.",
		EN: "The session has ended. Sign in again; what you were writing is still on the screen.",
	})
	ErrToken = fault.New(fault.Unauthenticated, "token_invalid", fault.Text{
		VI: "Mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi. Hãy tạo mã mới.",
		EN: "The token is wrong, has expired or was withdrawn. Make a new one.",
	})
	ErrOldPassword = fault.New(fault.Invalid, "password_wrong", fault.Text{
		VI: "Mật khẩu hiện tại không đúng, nên chưa đổi gì.",
		EN: "The current password is not right, so nothing was changed.",
	}).WithField("current")
	ErrNoSession = fault.New(fault.NotFound, "no_session", fault.Text{
		VI: "Không có phiên đăng nhập này; có thể nó đã kết thúc.",
		EN: "There is no such session; it may have ended.",
	})
	ErrNoToken = fault.New(fault.NotFound, "no_token", fault.Text{
		VI: "Bạn không có mã truy cập này; có thể nó đã được thu hồi.",
		EN: "You have no such token; it may have been withdrawn.",
	})
	ErrCSRF = fault.New(fault.Denied, "csrf", fault.Text{
		VI: "Yêu cầu không đến từ trang đang mở của bạn nên không được thực hiện. Hãy tải lại trang rồi làm lại.",
		EN: "The request did not come from your open page, so it was not carried out. Reload the page and do it again.",
	})
)

// Faults of keeping accounts.
var (
	ErrName = fault.New(fault.Invalid, "account_name", fault.Text{
		VI: "Tên đăng nhập gồm 1 đến 80 chữ cái của một loại chữ viết, chữ số hoặc dấu, không có khoảng trắng.",
		EN: "A sign-in name has 1 to 80 letters of one script, digits or signs, and no spaces.",
	}).WithField("name")
	ErrNameTaken = fault.New(fault.Conflict, "account_name_taken", fault.Text{
		VI: "Đã có tài khoản mang tên này. Hãy chọn tên khác.",
		EN: "There is an account of this name already. Choose another name.",
	}).WithField("name")
	ErrNoAccount = fault.New(fault.NotFound, "no_account", fault.Text{
		VI: "Không có tài khoản này. Xem danh sách bằng: bando user list",
		EN: "There is no such account. See the list with: bando user list",
	}).WithField("name")
	ErrRole = fault.New(fault.Invalid, "account_role", fault.Text{
		VI: "Không có vai trò này. Hãy chọn một vai trò trong danh sách cho phép.",
		EN: "There is no such role. Choose one of those allowed.",
	}).WithField("role")
	ErrOperator = fault.New(fault.Invalid, "account_operator", fault.Text{
		VI: "Tài khoản doanh nghiệp viễn thông phải ghi rõ nhà mạng (ví dụ --operator viettel).",
		EN: "The account of a telecom partner must name its operator (such as --operator viettel).",
	}).WithField("operator")
	ErrPasswordShort = fault.New(fault.Invalid, "password_short", fault.Text{
		VI: "Mật khẩu cần ít nhất 10 ký tự. Một câu ngắn dễ nhớ là tốt nhất.",
		EN: "A password needs at least 10 characters. A short sentence that is easy to remember is best.",
	}).WithField("password")
	ErrPasswordLong = fault.New(fault.Invalid, "password_long", fault.Text{
		VI: "Mật khẩu dài quá 256 ký tự.",
		EN: "The password is longer than 256 characters.",
	}).WithField("password")
	ErrPasswordUnreadable = fault.New(fault.Invalid, "password_unreadable", fault.Text{
		VI: "Mật khẩu có ký tự điều khiển không gõ lại được. Hãy chọn mật khẩu khác.",
		EN: "The password holds control characters that cannot be typed again. Choose another.",
	}).WithField("password")
	ErrPasswordCommon = fault.New(fault.Invalid, "password_common", fault.Text{
		VI: "Mật khẩu này nằm trong số những mật khẩu dễ đoán nhất (từ thông dụng, tên, ngày tháng, dãy phím). Hãy ghép vài từ không liên quan thành một câu.",
		EN: "This password is among the first that are guessed (common words, names, dates, rows of keys). Put some unrelated words together.",
	}).WithField("password")
	ErrPasswordIsName = fault.New(fault.Invalid, "password_is_name", fault.Text{
		VI: "Mật khẩu không được trùng với tên đăng nhập.",
		EN: "The password must not be the sign-in name.",
	}).WithField("password")
	ErrScope = fault.New(fault.Invalid, "token_scope", fault.Text{
		VI: "Phạm vi của mã gồm read, write, move; write và move có thể thu hẹp vào một lớp, ví dụ write:parcels.",
		EN: "A token's scopes are read, write and move; write and move may be narrowed to one layer, such as write:parcels.",
	}).WithField("scopes")
	ErrExpired = fault.New(fault.Invalid, "token_expiry", fault.Text{
		VI: "Ngày hết hạn của mã phải ở tương lai.",
		EN: "A token must expire in the future.",
	}).WithField("expires_at")
	ErrTitle = fault.New(fault.Invalid, "account_title", fault.Text{
		VI: "Chức danh dài tối đa 200 ký tự và nằm trên một dòng.",
		EN: "A title has at most 200 characters, on one line.",
	}).WithField("title")
	ErrOrganisation = fault.New(fault.Invalid, "account_organisation", fault.Text{
		VI: "Không có tổ chức mang mã này. Hãy thêm tổ chức trước.",
		EN: "There is no organisation of this code. Add it first.",
	}).WithField("organisation")
	ErrOrganisationTaken = fault.New(fault.Conflict, "organisation_taken", fault.Text{
		VI: "Đã có tổ chức mang mã này.",
		EN: "There is an organisation of this code already.",
	}).WithField("code")
	ErrOrganisationForm = fault.New(fault.Invalid, "organisation_form", fault.Text{
		VI: "Tổ chức cần mã (chữ thường không dấu, chữ số, gạch ngang), tên dưới 200 ký tự và loại commune, operator, province hoặc other; chỉ nhà mạng (operator) mới ghi mã nhà mạng, và phải ghi.",
		EN: "An organisation needs a code (small letters, digits, hyphens), a title of at most 200 characters, and a kind: commune, operator, province or other; an operator, and nobody else, names its operator code.",
	})
	ErrNoOrganisation = fault.New(fault.NotFound, "no_organisation", fault.Text{
		VI: "Không có tổ chức này.",
		EN: "There is no such organisation.",
	})
	ErrLastAdmin = fault.New(fault.Conflict, "last_admin", fault.Text{
		VI: "Đây là quản trị viên cuối cùng còn đăng nhập được. Hãy có một quản trị viên khác trước đã.",
		EN: "This is the last administrator who can sign in. Have another one first.",
	})
	ErrOwnReset = fault.New(fault.Conflict, "own_reset", fault.Text{
		VI: "Không đặt lại được tài khoản của chính mình. Hãy đổi mật khẩu ở trang Tài khoản của tôi, hoặc nhờ quản trị viên khác.",
		EN: "Nobody resets the own account. Change the password under My account, or ask another administrator.",
	})
	ErrInvitation = fault.New(fault.NotFound, "invitation", fault.Text{
		VI: "Lời mời này không đúng, đã được dùng hoặc đã hết hạn. Hãy nhờ quản trị viên gửi lời mời mới.",
		EN: "This invitation is wrong, was used, or has expired. Ask the administrator for a new one.",
	})
	ErrNotDemo = fault.New(fault.Denied, "not_demo", fault.Text{
		VI: "Đây không phải cơ sở dữ liệu thử nghiệm, nên không tạo tài khoản thử nghiệm. Hãy dùng: bando user add",
		EN: "This is not a demo database, so no demo accounts are made. Use: bando user add",
	})
)
