package features

import (
	"net/http"
	"slices"

	"bando/geodata"
)

const typeProblem = "application/problem+json"

func refTo(schema string) Node { return Node{"$ref": "#/components/schemas/" + schema} }

// Problems are the answers of what goes wrong, as RFC 9457 documents. Every operation may answer 400, 401 (a token that is
// none), 405 and 503 (the database is away, or a question takes too long); more statuses may be given.
func Problems(more ...int) []Answer {
	var list []Answer
	for _, p := range []struct {
		status int
		code   string
		text   geodata.Text
	}{
		{http.StatusBadRequest, "parameter_invalid", geodata.Text{VI: "Yêu cầu không hợp lệ", EN: "The request is not valid"}},
		{http.StatusUnauthorized, "not_signed_in", geodata.Text{VI: "Cần đăng nhập, hoặc mã truy cập không đúng", EN: "Sign in, or mend the token"}},
		{http.StatusForbidden, "not_allowed", geodata.Text{VI: "Không có quyền", EN: "Not allowed"}},
		{http.StatusNotFound, "no_feature", geodata.Text{VI: "Không có ở đây", EN: "It is not there"}},
		{http.StatusMethodNotAllowed, "method_not_allowed", geodata.Text{VI: "Không nhận phương thức này; xem Allow", EN: "The method is not taken; see Allow"}},
		{http.StatusConflict, "conflict", geodata.Text{VI: "Trái với dữ liệu đang có", EN: "Against what is there"}},
		{http.StatusGone, "history_given_up", geodata.Text{VI: "Đã lược bỏ", EN: "Given up"}},
		{http.StatusPreconditionFailed, "stale_revision", geodata.Text{VI: "Đã có người sửa", EN: "Changed meanwhile"}},
		{http.StatusRequestEntityTooLarge, "body_too_large", geodata.Text{VI: "Quá lớn", EN: "Too large"}},
		{http.StatusUnsupportedMediaType, "media_type_unsupported", geodata.Text{VI: "Không đọc được định dạng này; xem Accept-Post, Accept-Patch", EN: "The format is not read; see Accept-Post, Accept-Patch"}},
		{http.StatusUnprocessableEntity, "idempotency_key_reused", geodata.Text{VI: "Khóa Idempotency-Key đã dùng cho yêu cầu khác", EN: "The Idempotency-Key stands for another request"}},
		{http.StatusPreconditionRequired, "if_match_required", geodata.Text{VI: "Thiếu If-Match", EN: "If-Match is missing"}},
		{http.StatusServiceUnavailable, "busy", geodata.Text{VI: "Tạm thời chưa phục vụ được; xem Retry-After", EN: "Not at the moment; see Retry-After"}},
	} {
		always := p.status == http.StatusBadRequest || p.status == http.StatusUnauthorized || p.status == http.StatusMethodNotAllowed || p.status == http.StatusServiceUnavailable
		if !always && !slices.Contains(more, p.status) {
			continue
		}
		list = append(list, Answer{Status: p.status, Text: p.text, Content: []Content{{Type: typeProblem, Schema: refTo("problem"), Example: Node{
			"type": "urn:bando:problem:" + p.code, "title": p.text.VI, "status": p.status, "code": p.code, "detail": p.text.VI + ".", "trace": "5f2d8c1e9a7b6043",
		}}}})
	}
	return list
}

// document is a good answer: JSON, its HTML twin where there is one, and 304 for whoever has it already.
func (s *Service) document(text geodata.Text, contents ...Content) []Answer {
	if s.Pages != nil {
		contents = append(contents, Content{Type: typeHTML, Schema: Node{"type": "string"}})
	}
	tag := Header{Name: "ETag", Text: geodata.Text{VI: "Phiên bản; gửi lại bằng If-None-Match", EN: "The version; send it back in If-None-Match"}, Schema: Node{"type": "string"}}
	links := Header{Name: "Link", Text: geodata.Text{VI: "Các liên kết (RFC 8288)", EN: "Links (RFC 8288)"}, Schema: Node{"type": "string"}}
	return []Answer{
		{Status: http.StatusOK, Text: text, Content: contents, Headers: []Header{tag, links}},
		{Status: http.StatusNotModified, Text: geodata.Text{VI: "Bạn đã có phiên bản này", EN: "You have this version already"}, Headers: []Header{tag}},
	}
}
