package features

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/edit"
	"bando/internal/fault"
)

const (
	// onceHeader names a write, so that it is made once however often it is sent (draft-ietf-httpapi-idempotency-key-header).
	onceHeader = "Idempotency-Key"
	// replayedHeader marks an answer that tells again of a write that was made before.
	replayedHeader = "Idempotent-Replayed"

	leastKey, longestKey = 8, 255 // characters
)

var errKey = fault.New(fault.Invalid, "idempotency_key_invalid", fault.Text{
	VI: "Idempotency-Key phải có 8 đến 255 ký tự ASCII nhìn thấy được, ví dụ một UUID, và chỉ ghi một lần.",
	EN: "An Idempotency-Key has 8 to 255 visible ASCII characters, a UUID for instance, and is given once.",
}).WithField(onceHeader)

// Once reads the key of a write, nil where it has none. What was asked for is told by method, address, the headers that change
// what a write means, and its content.
func Once(r *http.Request, content ...[]byte) (*edit.Once, error) {
	given := r.Header.Values(onceHeader)
	if len(given) == 0 {
		return nil, nil //nolint:nilnil // no key is no fault
	}
	key, ok := readKey(given[0])
	if len(given) > 1 || !ok {
		return nil, errKey
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is none has been refused, or does not matter
	h := sha256.New()
	for _, part := range []string{
		r.Method, r.URL.EscapedPath(), r.URL.RawQuery, kind, strings.Join(r.Header.Values("If-Match"), ","), r.Header.Get("Content-Crs"), r.Header.Get(reasonHeader),
	} {
		content = append(content, []byte(part))
	}
	for _, part := range content { // their lengths keep them apart
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // never fails
		_, _ = h.Write(part)
	}
	return &edit.Once{Key: key, Request: [sha256.Size]byte(h.Sum(nil))}, nil
}

// readKey reads a key: a string in quotes (RFC 8941), or the characters themselves.
func readKey(text string) (string, bool) {
	text = strings.Trim(text, " \t")
	if inner, quoted := strings.CutPrefix(text, `"`); quoted {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, `"`); !closed {
			return "", false
		}
		text = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(inner)
	}
	invisible := func(c rune) bool { return c <= ' ' || c > '~' }
	return text, len(text) >= leastKey && len(text) <= longestKey && !strings.ContainsFunc(text, invisible)
}

// Made makes a write that judges what is there before it comes to the editor, or tells what became of it before.
func (s *Service) Made(r *http.Request, once *edit.Once, write func(context.Context) (edit.Result, error)) (edit.Result, error) {
	before := func(ctx context.Context) (edit.Result, bool, error) {
		if once == nil {
			return edit.Result{}, false, nil
		}
		return s.Editor.First(ctx, s.Who(r), *once)
	}
	if result, found, err := before(r.Context()); found || err != nil {
		return result, err
	}
	result, refused := write(r.Context())
	if refused != nil { // perhaps by what its twin has changed in between
		if result, found, err := before(r.Context()); found && err == nil {
			return result, nil
		}
	}
	return result, refused
}

// Tell tells of a write in the headers: its number, and whether it was made before.
func Tell(w http.ResponseWriter, result edit.Result) {
	if result.Revision != 0 { // nothing was changed otherwise
		w.Header().Set("Bando-Revision", strconv.FormatInt(int64(result.Revision), 10))
	}
	if result.Replayed {
		w.Header().Set(replayedHeader, "true")
	}
}

// Answer answers a write of one feature with the feature as the write left it.
func (s *Service) Answer(w http.ResponseWriter, r *http.Request, l geodata.Layer, result edit.Result, status int) error {
	s.Follow(r.Context(), result.Revision)
	Tell(w, result)
	made := result.Outcomes[0]
	if status == http.StatusCreated {
		w.Header().Set("Location", s.itemURL(r, l, made.Feature))
	}
	q := question{crs: references()[0]}
	q.Layer, q.Who = l.ID, s.Who(r)
	item, err := s.Store.ItemOf(r.Context(), s.Store.Pool(), q.Query, made.Feature)
	if (err == nil && item.Revision != made.Revision) || fault.KindOf(err) == fault.NotFound { // somebody was here since
		q.Revision = made.Revision
		item, err = s.Store.ItemOf(r.Context(), s.Store.Pool(), q.Query, made.Feature)
	}
	if err != nil {
		return err
	}
	return s.showItem(w, r, l, q, item, status)
}

func onceParameter() Parameter {
	return Parameter{
		Name: onceHeader, In: "header", Schema: Node{"type": "string", "minLength": leastKey}, Example: `"8e03978e-40d5-43dd-bc93-6894a57f9324"`,
		Text: geodata.Text{
			VI: "Khóa riêng của thay đổi, giữ 7 ngày: gửi lại cùng khóa thì nhận lại câu trả lời đầu, không sửa lần nữa",
			EN: "The change's own key, known for 7 days: sent again with it, the first answer comes again and nothing is changed twice",
		},
	}
}

func replayedHeaderTold() Header {
	return Header{
		Name: replayedHeader, Schema: Node{"type": "string", "enum": []string{"true"}},
		Text: geodata.Text{VI: "Thay đổi đã được ghi từ lần gửi trước", EN: "The change was made when it was sent before"},
	}
}
