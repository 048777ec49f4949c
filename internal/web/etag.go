package web

import (
	"net/http"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

// Tags is the value of an If-Match or If-None-Match header (RFC 9110, sections 8.8.3 and 13.1).
type Tags struct {
	any  bool
	list []tag
}

type tag struct {
	opaque string // with its quotes
	weak   bool
}

// parseTags reads entity tags from header lines. What is no tag matches nothing.
func parseTags(lines []string) Tags {
	var t Tags
	rest := strings.TrimSpace(strings.Join(lines, ","))
	if rest == "*" {
		return Tags{any: true}
	}
	for rest != "" {
		rest = strings.TrimLeft(rest, " \t,")
		item, weak := strings.CutPrefix(rest, "W/")
		if len(item) < 2 || item[0] != '"' {
			// Not a tag: go on after the next comma.
			_, rest, _ = strings.Cut(rest, ",")
			continue
		}
		end := strings.IndexByte(item[1:], '"')
		if end < 0 {
			return t
		}
		t.list = append(t.list, tag{opaque: item[:end+2], weak: weak})
		rest = item[end+2:]
	}
	return t
}

// NotModified sets the ETag header (given with its quotes) and, when the reader already has this version, answers 304
// and reports true. The comparison is the weak one, as RFC 9110 asks for If-None-Match.
func NotModified(w http.ResponseWriter, r *http.Request, etag string) bool {
	opaque := strings.TrimPrefix(etag, "W/")
	_, same := Held(r, func(held string) bool { return held == opaque })
	w.Header().Set("ETag", etag)
	if same {
		w.WriteHeader(http.StatusNotModified)
	}
	return same
}

// Held reads If-None-Match of a GET or HEAD (RFC 9110, section 13.1.2). It gives the first of the reader's tags, in quotes and
// without the mark of a weak one, that stands for the version there is; for "*" it reports true without a tag.
func Held(r *http.Request, same func(opaque string) bool) (opaque string, found bool) {
	lines := r.Header["If-None-Match"]
	if len(lines) == 0 || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return "", false
	}
	have := parseTags(lines)
	for _, t := range have.list {
		if same(t.opaque) {
			return t.opaque, true
		}
	}
	return "", have.any
}

// RevisionTag is the entity tag of a feature: its revision in quotes.
func RevisionTag(rev geodata.Revision) string { return `"` + strconv.FormatInt(int64(rev), 10) + `"` }

// Faults of preconditions.
var (
	// ErrNoPrecondition is the fault of a write without If-Match.
	ErrNoPrecondition = fault.New(fault.Required, "if_match_required", fault.Text{
		VI: "Thiếu If-Match. Hãy đọc đối tượng trước rồi gửi lại ETag của nó, để không ghi đè việc người khác vừa làm.",
		EN: "If-Match is missing. Read the feature first and send its ETag, so that nobody's work is overwritten.",
	}).WithField("If-Match")
	// ErrPrecondition is the fault of an If-Match that names no revision a feature can have.
	ErrPrecondition = fault.New(fault.Stale, "stale_revision", fault.Text{
		VI: "Đối tượng đã được sửa sau khi bạn đọc. Hãy tải lại và làm lại trên bản mới.",
		EN: "The feature has changed since you read it. Reload it and make your change again.",
	}).WithField("If-Match")
)

// Expected is what a writer says of the version to be changed.
type Expected struct {
	// Any is "If-Match: *": whatever is there.
	Any bool
	// Revisions are the versions named, at least one unless Any.
	Revisions []geodata.Revision
}

// Expect reads If-Match of a write: 428 when it is missing, 412 when none of its tags can be a feature's. Weak tags
// never match (RFC 9110, section 13.1.1).
func Expect(r *http.Request) (Expected, error) {
	lines := r.Header.Values("If-Match")
	if len(lines) == 0 {
		return Expected{}, ErrNoPrecondition
	}
	tags := parseTags(lines)
	if tags.any {
		return Expected{Any: true}, nil
	}
	var e Expected
	for _, t := range tags.list {
		n, err := strconv.ParseInt(strings.Trim(t.opaque, `"`), 10, 64)
		if err == nil && !t.weak && n >= 0 {
			e.Revisions = append(e.Revisions, geodata.Revision(n))
		}
	}
	if len(e.Revisions) == 0 {
		return Expected{}, ErrPrecondition
	}
	return e, nil
}
