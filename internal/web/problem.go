package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"bando/internal/fault"
)

// faultStatus is the answer to each kind of fault.
func faultStatus(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unsupported:
		return http.StatusUnsupportedMediaType
	case fault.Required:
		return http.StatusPreconditionRequired
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unprocessable:
		return http.StatusUnprocessableEntity
	case fault.Busy:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// statusTitle is the short title of a problem; it is the same for every problem of a status.
func statusTitle(status int) fault.Text {
	switch status {
	case http.StatusBadRequest:
		return fault.Text{VI: "Yêu cầu không hợp lệ", EN: "Bad request"}
	case http.StatusUnauthorized:
		return fault.Text{VI: "Chưa đăng nhập", EN: "Not signed in"}
	case http.StatusForbidden:
		return fault.Text{VI: "Không có quyền", EN: "Not allowed"}
	case http.StatusNotFound:
		return fault.Text{VI: "Không tìm thấy", EN: "Not found"}
	case http.StatusMethodNotAllowed:
		return fault.Text{VI: "Không dùng được phương thức này", EN: "Method not allowed"}
	case http.StatusConflict:
		return fault.Text{VI: "Trạng thái không cho phép", EN: "Conflict"}
	case http.StatusGone:
		return fault.Text{VI: "Không còn nữa", EN: "Gone"}
	case http.StatusPreconditionFailed:
		return fault.Text{VI: "Đã có người sửa", EN: "Changed meanwhile"}
	case http.StatusRequestEntityTooLarge:
		return fault.Text{VI: "Quá lớn", EN: "Too large"}
	case http.StatusUnsupportedMediaType:
		return fault.Text{VI: "Không đọc được định dạng này", EN: "Unsupported format"}
	case http.StatusUnprocessableEntity:
		return fault.Text{VI: "Không xử lý được", EN: "Unprocessable"}
	case http.StatusPreconditionRequired:
		return fault.Text{VI: "Thiếu If-Match", EN: "Precondition required"}
	case http.StatusTooManyRequests:
		return fault.Text{VI: "Quá nhiều yêu cầu", EN: "Too many requests"}
	case http.StatusServiceUnavailable:
		return fault.Text{VI: "Tạm thời chưa phục vụ được", EN: "Temporarily unavailable"}
	default:
		return fault.Text{VI: "Lỗi của hệ thống", EN: "Internal error"}
	}
}

// The faults of this package that have no better home.
var (
	errInternal = fault.New(fault.Internal, "internal", fault.Text{
		VI: "Hệ thống gặp lỗi và đã ghi lại. Hãy thử lại; nếu vẫn lỗi, gửi mã “trace” cho người quản trị.",
		EN: "Something went wrong on our side and was logged. Try again; if it stays, give the trace id to the administrator.",
	})
	errTimeout = fault.New(fault.Busy, "timeout", fault.Text{
		VI: "Xử lý quá lâu nên đã dừng. Hãy thử lại với phạm vi nhỏ hơn.",
		EN: "This took too long and was stopped. Try again with a smaller request.",
	})
	errMethod = fault.New(fault.Invalid, "method_not_allowed", fault.Text{
		VI: "Địa chỉ này không nhận phương thức đó. Xem phần “Allow”.",
		EN: "This address does not take that method. See the Allow header.",
	})
)

// methodError is the one answer that no kind of fault stands for.
type methodError struct {
	fault *fault.Error
	allow []string
}

// MethodNotAllowed answers 405 and tells the methods that the address does take.
func MethodNotAllowed(allow []string) error {
	return &methodError{fault: errMethod.With("allow", allow), allow: allow}
}

func (e *methodError) Error() string { return e.fault.Error() }
func (e *methodError) Unwrap() error { return e.fault }

// StatusOf is the status that an error of a handler is answered with.
func StatusOf(err error) int {
	f, known := fault.As(err)
	switch {
	case known:
		return faultStatus(f.Kind())
	case errors.Is(err, context.DeadlineExceeded):
		return faultStatus(errTimeout.Kind())
	case errors.Is(err, context.Canceled):
		return statusClientGone
	default:
		return http.StatusInternalServerError
	}
}

// writeProblem answers an error as an RFC 9457 problem document in the reader's language.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	f, known := fault.As(err)
	switch {
	case !known && errors.Is(err, context.DeadlineExceeded):
		f = errTimeout
	case !known || f.Kind() == fault.Internal:
		f = errInternal
	}
	status := faultStatus(f.Kind())
	if m := (*methodError)(nil); errors.As(err, &m) {
		status = http.StatusMethodNotAllowed
		w.Header().Set("Allow", strings.Join(m.allow, ", "))
	}
	lang := Language(r)
	kind, body := pageOf(r, f, status)
	if body == nil {
		kind, body = "application/problem+json", documentOf(problem(f, status, lang, traceOf(r)), status)
	}
	h := w.Header()
	for _, stale := range []string{"ETag", "Last-Modified", "Content-Encoding", "Content-Length", "Location"} {
		h.Del(stale)
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	wait, told := f.Details()["retry_after"].(int) // seconds
	if !told && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) {
		wait, told = 2, true
	}
	if told {
		h.Set("Retry-After", strconv.Itoa(wait))
	}
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="bando"`)
	case http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // the rest of the body is not read
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(bytes.TrimSpace(body), '\n'))
}

// ProblemOf is the problem document of a fault that is only a part of an answer.
func ProblemOf(f *fault.Error, lang string) map[string]any {
	doc := problem(f, faultStatus(f.Kind()), lang, "")
	delete(doc, "trace") // that of the whole answer
	return doc
}

// documentOf writes the document.
func documentOf(doc map[string]any, status int) []byte {
	body, err := json.Marshal(doc)
	if err != nil { // a detail that cannot be written must not hide the fault
		body = []byte(`{"type":"about:blank","status":` + strconv.Itoa(status) + `}`)
	}
	return body
}

// problem is the document; members added by a fault never replace the standard ones.
func problem(f *fault.Error, status int, lang, trace string) map[string]any {
	doc := f.Details()
	if doc == nil {
		doc = make(map[string]any, 8)
	}
	doc["type"] = "urn:bando:problem:" + f.Code()
	doc["title"] = statusTitle(status).In(lang)
	doc["status"] = status
	doc["code"] = f.Code()
	doc["detail"] = f.Sentence(lang)
	doc["trace"] = trace
	if f.Field() != "" {
		doc["field"] = f.Field()
	}
	if p, ok := f.Place(); ok {
		doc["place"] = [2]float64{p.Lon, p.Lat}
	}
	return doc
}
