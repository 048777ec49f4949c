package features

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/web"
)

const (
	// maxBatch bounds a batch in bytes, maxChanges in changes.
	maxBatch   = 32 << 20
	maxChanges = edit.MaxRefusals
)

// The two ways of a batch with what is refused.
const (
	modeAll  = "all"  // nothing is kept
	modeEach = "each" // the others are kept
)

var (
	errBatch = fault.New(fault.Invalid, "batch_invalid", fault.Text{
		VI: `Cần {"mode":"all" hoặc "each","changes":[{"op":"update","collection":…,"id":…,"if_match":…,"feature":{…}},…]}. Xem mục thay đổi hàng loạt trong tài liệu API.`,
		EN: `A batch is {"mode":"all" or "each","changes":[{"op":"update","collection":…,"id":…,"if_match":…,"feature":{…}},…]}. See batches in the API's documentation.`,
	})
	errTooManyChanges = fault.New(fault.TooLarge, "too_many_changes", fault.Text{
		VI: "Mỗi lần gửi tối đa 10.000 thay đổi. Hãy chia nhỏ, hoặc nhập bằng lệnh “bando import”.",
		EN: "A batch has 10,000 changes at most. Send less at once, or bring it in with “bando import”.",
	}).WithField("changes").With("most", maxChanges)
)

// batch is what was sent. Its changes are read one by one while they are kept, so that they are never in memory all at once.
type batch struct {
	Mode    string
	DryRun  bool
	Reason  string
	changes []byte // the JSON array
}

// Batch answers POST /batch: changes of many features, kept in one transaction.
func (s *Service) Batch(w http.ResponseWriter, r *http.Request) error {
	if !s.Who(r).SignedIn() {
		return auth.ErrSignIn
	}
	body, err := web.ReadBody(w, r, maxBatch, typeJSON)
	if err != nil {
		return err
	}
	sent, err := readBatch(body)
	if err != nil {
		return err
	}
	reason, err := Reason(r, sent.Reason)
	if err != nil {
		return err
	}
	once, err := Once(r, body)
	if err != nil {
		return err
	}
	result, err := s.Editor.Apply(r.Context(), s.Who(r), edit.Batch{
		Changes: sent.all(), Reason: reason, Via: "api", Each: sent.Mode == modeEach, DryRun: sent.DryRun, Once: once,
	})
	if err != nil {
		return err
	}
	s.Follow(r.Context(), result.Revision)
	Tell(w, result)
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, reportOf(sent, result, web.Language(r)))
}

// readBatch looks through a batch: every member is known and there once, every change is JSON. What the changes say is read
// later.
func readBatch(body []byte) (batch, error) {
	b := batch{Mode: modeAll}
	dec := json.NewDecoder(bytes.NewReader(body))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return b, errBatch
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok || seen[name] {
			return b, errBatch.WithField(name)
		}
		seen[name] = true
		switch name {
		case "mode":
			err = dec.Decode(&b.Mode)
		case "dry_run":
			err = dec.Decode(&b.DryRun)
		case "reason":
			var reason json.RawMessage
			if err = dec.Decode(&reason); err == nil {
				err = errors.Join(web.CheckJSON(reason), json.Unmarshal(reason, &b.Reason))
			}
		case "changes":
			b.changes, err = skim(dec, body)
		default:
			err = errBatch
		}
		if f, ok := fault.As(err); ok && f.Field() != "" {
			return b, f
		}
		if err != nil {
			return b, errBatch.WithField(name).Wrap(err)
		}
	}
	_, err := dec.Token()
	if _, more := dec.Token(); err != nil || !errors.Is(more, io.EOF) {
		return b, errBatch
	}
	switch {
	case b.changes == nil:
		return b, errBatch.WithField("changes")
	case b.Mode != modeAll && b.Mode != modeEach:
		return b, errBatch.WithField("mode")
	}
	return b, nil
}

// skim passes over the array of changes and gives its text.
func skim(dec *json.Decoder, body []byte) ([]byte, error) {
	token, err := dec.Token()
	if err != nil || token != json.Delim('[') {
		return nil, errBatch
	}
	start := dec.InputOffset() - 1
	var change json.RawMessage
	for n := 0; dec.More(); n++ {
		if n == maxChanges {
			return nil, errTooManyChanges
		}
		if err := dec.Decode(&change); err != nil {
			return nil, err
		}
		if err := web.CheckJSON(change); err != nil {
			return nil, at(n, err)
		}
	}
	_, err = dec.Token()
	return body[start:dec.InputOffset()], err
}

// at names the change at fault.
func at(n int, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	field := fmt.Sprintf("changes[%d]", n)
	if f.Field() != "" {
		field += "." + f.Field()
	}
	return f.WithField(field).With("index", n)
}

// all are the changes, each read when it is asked for.
func (b batch) all() iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		dec := json.NewDecoder(bytes.NewReader(b.changes))
		if _, err := dec.Token(); err != nil { // skim has seen that it is well
			yield(geodata.Change{}, err)
			return
		}
		var text json.RawMessage
		for n := 0; dec.More(); n++ {
			if err := dec.Decode(&text); err != nil {
				yield(geodata.Change{}, err)
				return
			}
			c, err := readChange(text)
			c.Ref = strconv.Itoa(n)
			if err != nil {
				err = at(n, err)
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// wish is one change as it is sent.
type wish struct {
	Op         string          `json:"op"`
	Collection string          `json:"collection"`
	ID         int64           `json:"id"`
	IfMatch    json.RawMessage `json:"if_match"`
	Feature    json.RawMessage `json:"feature"`
}

// readChange reads one change. What is wrong with it is a fault of kind Invalid or Required.
func readChange(text []byte) (c geodata.Change, err error) {
	var in wish
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return c, errBatch.Wrap(err)
	}
	c.Layer, c.ID = in.Collection, in.ID
	ops := map[string]geodata.Op{"create": geodata.Create, "replace": geodata.Update, "update": geodata.Merge, "delete": geodata.Delete, "upsert": geodata.Upsert}
	op, known := ops[in.Op]
	fresh := op == geodata.Create || op == geodata.Upsert
	switch {
	case !known:
		return c, errBatch.WithField("op")
	case in.Collection == "":
		return c, errBatch.WithField("collection")
	case in.ID < 0 || (in.ID == 0) != fresh:
		return c, errBatch.WithField("id")
	case (len(in.Feature) == 0) != (op == geodata.Delete):
		return c, errBatch.WithField("feature")
	}
	expect, err := expected(in.IfMatch, !fresh)
	if err != nil || op == geodata.Delete {
		c.Op, c.Expect = op, expect
		return c, err
	}
	feature, err := parseFeature(in.Feature, in.ID)
	if err != nil {
		return c, err
	}
	c = feature.change(geodata.Layer{ID: in.Collection}, op, in.ID)
	c.Expect = expect
	switch _, whole := feature.members["properties"]; {
	case feature.members["reason"] != nil:
		return c, errBatch.WithField("feature.reason") // one transaction has one reason
	case (op == geodata.Create || op == geodata.Update) && !whole:
		return c, errFeature.WithField("feature.properties")
	}
	return c, nil
}

// expected reads if_match: an entity tag, its number, or "*" for whatever is there, which is nil.
func expected(text json.RawMessage, required bool) (*geodata.Revision, error) {
	if len(text) == 0 || string(text) == "null" {
		if required {
			return nil, web.ErrNoPrecondition.WithField("if_match")
		}
		return nil, nil //nolint:nilnil // whatever is there
	}
	var tag string
	if json.Unmarshal(text, &tag) != nil {
		tag = string(text)
	}
	if tag == "*" {
		return nil, nil //nolint:nilnil // whatever is there
	}
	n, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil || n < 0 {
		return nil, errBatch.WithField("if_match")
	}
	revision := geodata.Revision(n)
	return &revision, nil
}
