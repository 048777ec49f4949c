package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/revert"
	"bando/internal/store"
	"bando/internal/web"
)

// revertRequest is the body of taking a revision back.
type revertRequest struct {
	Reason   string        `json:"reason"`
	Features []store.Place `json:"features"`
	Mode     string        `json:"mode"` // "all" (unless said) or "each"
	DryRun   bool          `json:"dry_run"`
}

// maxRevert bounds its size in bytes.
const maxRevert = 1 << 20

var (
	errRevertMode = fault.New(fault.Invalid, "revert_invalid", fault.Text{
		VI: "“mode” là “all” (lấy lại hết hoặc không gì cả) hoặc “each” (lấy lại những gì không vướng).",
		EN: "“mode” is “all” (all of it or nothing) or “each” (what nothing stands in the way of).",
	}).WithField("mode")
	errRevertFeatures = fault.New(fault.Invalid, "revert_invalid", fault.Text{
		VI: "“features” là danh sách từ 1 đến 10.000 {\"collection\":…,\"id\":…}, mỗi đối tượng một lần; bỏ đi nếu lấy lại cả lần sửa.",
		EN: "“features” is a list of 1 to 10,000 {\"collection\":…,\"id\":…}, each once; leave it out to take all of the revision back.",
	}).WithField("features")
)

// revert takes a revision back.
func (a *API) revert(w http.ResponseWriter, r *http.Request) error {
	if !Who(r).SignedIn() {
		return auth.ErrSignIn
	}
	if err := features.CheckQuery(r); err != nil {
		return err
	}
	n, err := revisionIn(r)
	if err != nil {
		return err
	}
	body := revertRequest{Mode: "all"}
	if err := web.ReadJSON(w, r, maxRevert, &body); err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	q := revert.Request{Revision: n, Features: body.Features, Each: body.Mode == "each", DryRun: body.DryRun}
	if q.Reason, err = features.Reason(r, body.Reason); err != nil {
		return err
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if q.Once, err = features.Once(r, sent); err != nil {
		return err
	}
	done, err := a.Features.Made(r, q.Once, func(ctx context.Context) (edit.Result, error) { return a.Revert.Revert(ctx, Who(r), q) })
	if err != nil {
		return err
	}
	answer, err := revert.AnswerOf(done)
	if err != nil {
		return err
	}
	a.Features.Follow(r.Context(), done.Revision)
	features.Tell(w, done)
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, answer)
}

func (b revertRequest) check() error {
	if b.Mode != "all" && b.Mode != "each" {
		return errRevertMode
	}
	if b.Features == nil {
		return nil
	}
	named := map[store.Place]bool{}
	for _, f := range b.Features {
		if f.Layer == "" || f.ID < 1 || named[f] {
			return errRevertFeatures
		}
		named[f] = true
	}
	if len(named) == 0 || len(named) > revert.MaxFeatures {
		return errRevertFeatures
	}
	return nil
}
