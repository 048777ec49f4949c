package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"bando/internal/fault"
)

// Faults of what readers send.
var (
	// ErrTooLarge is the fault of a body over the limit.
	ErrTooLarge = fault.New(fault.TooLarge, "body_too_large", fault.Text{
		VI: "Dữ liệu gửi lên quá lớn. Hãy chia nhỏ, hoặc nhập bằng lệnh “bando import”.",
		EN: "The body is too large. Send less at once, or bring it in with “bando import”.",
	})
	// ErrMediaType is the fault of a Content-Type or Content-Encoding that is not read here.
	ErrMediaType = fault.New(fault.Unsupported, "media_type_unsupported", fault.Text{
		VI: "Không đọc được định dạng này. Hãy gửi đúng Content-Type.",
		EN: "This format is not read here. Send one of the accepted content types.",
	}).WithField("Content-Type")
	// ErrJSON is the fault of text that is not JSON, or says a thing twice.
	ErrJSON = fault.New(fault.Invalid, "json_invalid", fault.Text{
		VI: "Dữ liệu không phải JSON đúng. Hãy sửa ở vị trí được nêu.",
		EN: "This is not valid JSON. Mend it at the place named.",
	})
	errInterrupted = fault.New(fault.Invalid, "body_incomplete", fault.Text{
		VI: "Dữ liệu bị ngắt giữa chừng. Hãy gửi lại.",
		EN: "The body broke off. Send it again.",
	})
)

// maxDepth bounds how deep JSON may be nested: GeoJSON needs eight. maxMembers bounds the members of one object, as each is looked up.
const (
	maxDepth   = 64
	maxMembers = 10_000
)

// ReadBody reads a request's body of one of the media types, at most limit bytes. A longer one is refused before it is
// read when its length is announced. No types means any.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64, types ...string) ([]byte, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, ErrMediaType.WithField("Content-Encoding").With("accepted", []string{"identity"})
	}
	if len(types) > 0 {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || !slices.Contains(types, kind) {
			return nil, ErrMediaType.With("accepted", types)
		}
	}
	tooLarge := ErrTooLarge.With("max_bytes", limit)
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, tooLarge
	}
	if err != nil {
		return nil, errInterrupted.Wrap(err)
	}
	return body, nil
}

// ReadJSON reads a JSON body into a struct. Unknown members, members named twice and text after the value are refused.
func ReadJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	body, err := ReadBody(w, r, limit, "application/json")
	if err != nil {
		return err
	}
	if err := CheckJSON(body); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return decodeFault(err)
	}
	return nil
}

// decodeFault names the member that did not fit.
func decodeFault(err error) error {
	f := ErrJSON.Wrap(err)
	if typed := (*json.UnmarshalTypeError)(nil); errors.As(err, &typed) {
		return f.WithField(typed.Field)
	}
	var name string
	if _, scanErr := fmt.Sscanf(err.Error(), "json: unknown field %q", &name); scanErr == nil {
		return f.WithField(name)
	}
	return f
}

// CheckJSON says whether text is one JSON value in UTF-8 of whole characters that names no member twice: a reader that keeps the first and
// one that keeps the last would understand different things. The fault tells line and column.
func CheckJSON(text []byte) error {
	if !utf8.Valid(text) {
		return ErrJSON.With("problem", "not UTF-8")
	}
	var raw json.RawMessage // checks the syntax, with the offset of a fault
	if err := json.Unmarshal(text, &raw); err != nil {
		offset := int64(len(text))
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			offset = syntax.Offset
		}
		return jsonFault(text, offset, err)
	}
	if at := halfCharacter(text); at >= 0 {
		return jsonFault(text, int64(at), errHalf)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := checkValue(dec, 0); err != nil {
		return jsonFault(text, dec.InputOffset(), err)
	}
	return nil
}

var errHalf = errors.New("half of a surrogate pair")

// halfCharacter finds an escape in valid JSON that is half of a surrogate pair, or says -1. It is no character (RFC 7493, section 2.1):
// one reader keeps it, another puts something else in its place.
func halfCharacter(text []byte) int {
	unit := func(at int) uint64 { // the UTF-16 unit that an escape at a place stands for
		if at+6 > len(text) || text[at] != '\\' || text[at+1] != 'u' {
			return 0
		}
		u, err := strconv.ParseUint(string(text[at+2:at+6]), 16, 16)
		if err != nil {
			return 0
		}
		return u
	}
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		switch u := unit(at); {
		case u >= 0xd800 && u < 0xdc00:
			if low := unit(at + 6); low < 0xdc00 || low > 0xdfff {
				return at
			}
			at += 11
		case u >= 0xdc00 && u <= 0xdfff:
			return at
		default:
			at++ // what is escaped is no escape itself
		}
	}
	return -1
}

func jsonFault(text []byte, offset int64, err error) error {
	line, column := position(text, offset)
	return ErrJSON.With("problem", err.Error()).With("line", line).With("column", column).Wrap(err)
}

func checkValue(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return err
	}
	opening, isDelim := token.(json.Delim)
	if !isDelim {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if opening == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if seen[name] {
				return fmt.Errorf("member %q is there twice", name)
			}
			if seen[name] = true; len(seen) > maxMembers {
				return fmt.Errorf("an object of more than %d members", maxMembers)
			}
		}
		if err := checkValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// position counts lines and columns (in bytes) from one.
func position(text []byte, offset int64) (line, column int) {
	before := text[:min(max(offset, 0), int64(len(text)))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// WriteJSON answers with a value as JSON. The media type is application/json unless the header is already set.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, err := w.Write(buf.Bytes())
	return err
}
