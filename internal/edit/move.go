package edit

import (
	"slices"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

// mayMove holds the move's own conditions where the row is locked, so that of two people who take the same step at
// once one comes second. They bind the features of the layer whose move it is; its effects on others are the caller's.
func (w *work) mayMove(i *item) error {
	m := *w.batch.Move
	if _, ok := i.layer.Move(m.ID); !ok {
		if w.batch.System {
			return nil
		}
		return errMoveElsewhere.With("move", m.ID)
	}
	if i.was == nil || i.row.Op != geodata.Update {
		return errMoveElsewhere.With("move", m.ID)
	}
	if !w.batch.System {
		if err := auth.MayMove(w.who, i.layer, m, before(i)); err != nil {
			return err
		}
	}
	state, _ := i.was.Properties[m.Field].(string)
	if !slices.Contains(m.From, state) {
		return ErrState.With("state", state).With("from", m.From)
	}
	if m.Reason && w.batch.Reason == "" {
		return errReason
	}
	if m.Evidence && len(w.batch.Evidence) == 0 {
		return errEvidence
	}
	for _, name := range m.Needs {
		if i.row.Properties[name] == nil {
			return missing(i.layer, name)
		}
	}
	return nil
}

// writable reports whether the change may set a field that only a move, or bando itself, writes.
func (w *work) writable(f geodata.Field) bool {
	if w.batch.System || (!f.Moved && !f.Computed) {
		return true
	}
	if w.batch.Back && f.Moved {
		return true // authorise has judged it
	}
	m := w.batch.Move
	return m != nil && (f.Name == m.Field || slices.Contains(m.Fields, f.Name))
}

// ErrState is the fault of a move from a state that it does not start in.
var ErrState = fault.New(fault.Conflict, "wrong_state", geodata.Text{
	VI: "Bước này không làm được ở trạng thái hiện tại; hãy tải lại để xem trạng thái mới nhất.",
	EN: "This step cannot be taken from the present state; reload to see the latest state.",
})

var (
	errMoveElsewhere = fault.New(fault.Invalid, "move_elsewhere", geodata.Text{
		VI: "Bước này không thuộc về lớp hoặc đối tượng đó.",
		EN: "This step does not belong to that layer or feature.",
	})
	errReason = fault.New(fault.Invalid, "reason_required", geodata.Text{
		VI: "Hãy ghi lý do cho bước này.",
		EN: "Give a reason for this step.",
	}).WithField("reason")
	errEvidence = fault.New(fault.Invalid, "evidence_required", geodata.Text{
		VI: "Bước này cần tệp minh chứng (ảnh, văn bản hoặc mô hình).",
		EN: "This step needs evidence: a photo, a document or a model.",
	}).WithField("evidence")
)
