package features

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/web"
)

const (
	// maxBody bounds one feature as it is sent, in bytes. 200,000 vertices, the most that one may have, fit.
	maxBody = 8 << 20
	// followWithin bounds how long an answer waits for the server's own followers to have seen the change.
	followWithin = 5 * time.Second
	// reasonHeader carries the reason of a change, percent-encoded UTF-8; the body's member "reason" is the other way.
	reasonHeader = "Bando-Reason"
	maxReason    = 2000 // characters
)

var errReason = fault.New(fault.Invalid, "reason_invalid", fault.Text{
	VI: "Lý do không đọc được, có ký tự điều khiển, hoặc dài quá 2000 ký tự. Tiêu đề Bando-Reason phải là UTF-8 mã hóa phần trăm.",
	EN: "The reason cannot be read, has control characters, or is longer than 2000 characters. The header Bando-Reason is percent-encoded UTF-8.",
}).WithField("reason")

// Create answers POST /collections/{collection}/items with 201 and the new feature.
func (s *Service) Create(w http.ResponseWriter, r *http.Request) error {
	l, err := s.writable(r, auth.Create)
	if err != nil {
		return err
	}
	in, err := s.input(w, r, 0, wholeTypes()...)
	if err != nil {
		return err
	}
	for _, member := range []string{"type", "properties"} {
		if _, given := in.members[member]; !given {
			return errFeature.WithField(member)
		}
	}
	result, err := s.apply(r, in.change(l, geodata.Create, 0), in)
	if err != nil {
		return err
	}
	return s.Answer(w, r, l, result, http.StatusCreated)
}

// Replace answers PUT of an item: what is not sent becomes null.
func (s *Service) Replace(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, geodata.Update, wholeTypes()...)
}

// Patch answers PATCH of an item with a JSON merge patch of the feature (RFC 7396).
func (s *Service) Patch(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, geodata.Merge, patchTypes()...)
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, op geodata.Op, types ...string) error {
	l, err := s.writable(r, auth.Update)
	if err != nil {
		return err
	}
	id, err := FeatureID(r)
	if err != nil {
		return err
	}
	in, err := s.input(w, r, id, types...)
	if err != nil {
		return err
	}
	if op == geodata.Update {
		for _, member := range []string{"type", "geometry", "properties"} {
			if _, given := in.members[member]; !given && (member != "geometry" || l.Geometry != geodata.None) {
				return errFeature.WithField(member)
			}
		}
	}
	c := in.change(l, op, id)
	if c.Expect, err = s.Expected(r, l, id); err != nil { // RFC 9110, 13.2.1: after what is wrong with the request itself
		return err
	}
	result, err := s.apply(r, c, in)
	if err != nil {
		return err
	}
	return s.Answer(w, r, l, result, http.StatusOK)
}

// Delete answers DELETE of an item with 204.
func (s *Service) Delete(w http.ResponseWriter, r *http.Request) error {
	l, err := s.writable(r, auth.Delete)
	if err != nil {
		return err
	}
	id, err := FeatureID(r)
	if err != nil {
		return err
	}
	expect, err := s.Expected(r, l, id)
	if err != nil {
		return err
	}
	result, err := s.apply(r, geodata.Change{Layer: l.ID, Op: geodata.Delete, ID: id, Expect: expect}, input{})
	if err != nil {
		return err
	}
	s.Follow(r.Context(), result.Revision)
	Tell(w, result)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// writable finds the layer and refuses early who may not write it at all: a body of many megabytes is not read in vain.
func (s *Service) writable(r *http.Request, action auth.Action) (geodata.Layer, error) {
	if !s.Who(r).SignedIn() {
		return geodata.Layer{}, auth.ErrSignIn
	}
	l, err := s.layer(r)
	if err != nil {
		return l, err
	}
	return l, auth.May(s.Who(r), l, action)
}

// Expected reads If-Match: the revision that the writer has seen, nil for any. 428 without it, 412 when none of its tags
// can be a revision.
func (s *Service) Expected(r *http.Request, l geodata.Layer, id int64) (*geodata.Revision, error) {
	e, err := web.Expect(r)
	if err != nil || e.Any {
		return nil, err
	}
	if len(e.Revisions) > 1 { // of several, the one that is there now counts
		item, err := s.Store.Item(r.Context(), l.ID, id, s.Who(r))
		if err != nil && fault.KindOf(err) != fault.NotFound { // package edit says so, unless it was deleted by the very same request
			return nil, err
		}
		if err == nil && slices.Contains(e.Revisions, item.Revision) {
			return &item.Revision, nil
		}
	}
	return &e.Revisions[0], nil
}

func (s *Service) input(w http.ResponseWriter, r *http.Request, id int64, types ...string) (input, error) {
	if crs := strings.Trim(r.Header.Get("Content-Crs"), "<> "); crs != "" && crs != crs84 {
		return input{}, errCRS.WithField("Content-Crs")
	}
	body, err := web.ReadBody(w, r, maxBody, types...)
	if err != nil {
		return input{}, err
	}
	in, err := parseFeature(body, id)
	in.body = body
	return in, err
}

// apply hands the change to the one door.
func (s *Service) apply(r *http.Request, c geodata.Change, in input) (edit.Result, error) {
	reason, err := Reason(r, in.reason)
	if err != nil {
		return edit.Result{}, err
	}
	once, err := Once(r, in.body)
	if err != nil {
		return edit.Result{}, err
	}
	return s.Editor.Apply(r.Context(), s.Who(r), edit.Batch{Changes: one(c), Reason: reason, Via: "api", Once: once})
}

// Follow waits until what this server shows has the revision in it, so that whoever is told of the change and looks at
// the map sees it. A feed that is late does not undo what was kept: the answer is given all the same.
func (s *Service) Follow(ctx context.Context, rev geodata.Revision) {
	if rev == 0 {
		return
	}
	waiting, cancel := context.WithTimeout(ctx, followWithin)
	defer cancel()
	if err := s.Wait(waiting, rev); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "the answer to an edit did not wait for the feed", slog.Int64("revision", int64(rev)))
	}
}

// Reason is why a change is made: the header's text, else the body's.
func Reason(r *http.Request, body string) (string, error) {
	reason := body
	if header := r.Header.Get(reasonHeader); header != "" {
		text, err := url.PathUnescape(header)
		if err != nil {
			return "", errReason.Wrap(err)
		}
		reason = text
	}
	if !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > maxReason || strings.ContainsFunc(reason, unwritable) {
		return "", errReason
	}
	return reason, nil
}

// unwritable is a control character that no reason needs, such as the null that PostgreSQL cannot keep.
func unwritable(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune("\n\r\t", c) }

// one is a batch of one change.
func one(c geodata.Change) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) { yield(c, nil) }
}
