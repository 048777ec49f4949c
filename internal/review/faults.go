package review

import (
	"fmt"
	"strings"

	"bando/geodata"
	"bando/internal/edit"
	"bando/internal/fault"
)

// Faults of moves.
var (
	ErrNoMove = fault.New(fault.NotFound, "no_move", fault.Text{
		VI: "Lớp này không có bước công việc đó.", EN: "This layer has no such step of work.",
	})
	ErrSecondPerson = fault.New(fault.Denied, "second_person", fault.Text{
		VI: "Bước này phải do người khác thực hiện, không phải người đã báo hoặc đã gửi. Hãy nhờ một cán bộ khác xác nhận.",
		EN: "This step must be taken by somebody other than who reported or submitted it. Ask another officer to confirm it.",
	})
	ErrField  = fault.New(fault.Invalid, "field_not_in_move", fault.Text{})
	ErrNeeds  = fault.New(fault.Invalid, "field_missing", fault.Text{})
	ErrReason = fault.New(fault.Invalid, "reason_required", fault.Text{
		VI: "Hãy ghi lý do cho bước này: ai kiểm tra, khi nào, thấy gì.",
		EN: "Give a reason for this step: who looked, when, and what they saw.",
	}).WithField("reason")
	ErrReasonLong = fault.New(fault.Invalid, "reason_long", fault.Text{
		VI: "Lý do dài quá 2.000 ký tự. Hãy viết gọn lại hoặc gửi kèm tệp.",
		EN: "The reason is longer than 2,000 characters. Shorten it, or attach a file.",
	}).WithField("reason")
	ErrEvidence     = fault.New(fault.Invalid, "evidence_required", fault.Text{}).WithField("evidence")
	ErrNoEvidence   = fault.New(fault.Invalid, "evidence_unknown", fault.Text{}).WithField("evidence")
	ErrEvidenceMany = fault.New(fault.Invalid, "evidence_too_many", fault.Text{
		VI: "Nhiều nhất 20 tệp minh chứng cho một bước. Hãy chọn những tệp cần thiết.",
		EN: "At most 20 files of evidence for a step. Choose those that matter.",
	}).WithField("evidence")
	ErrModelEvidence = fault.New(fault.Invalid, "model_not_in_evidence", fault.Text{
		VI: "Mô hình được gắn phải là tệp GLB gửi kèm bước này.",
		EN: "The model attached must be the GLB file sent with this step.",
	}).WithField("model_id")
	ErrShare = fault.New(fault.Invalid, "share_missing", fault.Text{
		VI: "Phủ sóng một phần thì cần ghi tỷ lệ hộ có 5G (0–100 %).",
		EN: "Coverage in part needs the share of households with 5G (0–100 %).",
	}).WithField("coverage_5g_households_pct")
	ErrNothing = fault.New(fault.Conflict, "nothing_changed", fault.Text{
		VI: "Đối tượng đã ở đúng tình trạng này với các số liệu này, nên không có gì được ghi thêm.",
		EN: "The feature is in this very state with these very figures already, so nothing more was written.",
	})
	ErrFuture = fault.New(fault.Invalid, "date_in_future", fault.Text{
		VI: "Ngày này còn ở tương lai. Hãy ghi ngày đã thực hiện.",
		EN: "This date lies in the future. Give the day on which it was done.",
	})
	ErrSubmissionFaults = fault.New(fault.Conflict, "submission_faults", fault.Text{
		VI: "Hồ sơ còn lỗi nên chưa nộp được. Hãy xem danh sách lỗi trên bản đồ, sửa tệp rồi gửi lại.",
		EN: "The submission has errors, so it cannot be submitted yet. See the list of faults on the map, mend the file and send it again.",
	})
	ErrChangedSince = fault.New(fault.Conflict, "changed_after_submission", fault.Text{
		VI: "Hồ sơ đã bị sửa sau khi nộp nên không còn là hồ sơ đã cam kết. Hãy trả lại để doanh nghiệp nộp lại.",
		EN: "The submission was changed after it was submitted, so it is not what was claimed any more. Return it, to be submitted again.",
	})
)

func noMove(l geodata.Layer, id string) error {
	ids := make([]string, len(l.Moves))
	for i, m := range l.Moves {
		ids[i] = m.ID
	}
	return ErrNoMove.With("move", id).With("moves", ids)
}

// wrongState says from which states the move starts, by their names.
func wrongState(l geodata.Layer, m geodata.Move, state string) error {
	title := func(value, lang string) string {
		f, _ := l.Field(m.Field)
		for _, c := range f.Enum {
			if c.Value == value {
				return "“" + c.Title.In(lang) + "”"
			}
		}
		return "“" + value + "”"
	}
	from := func(lang, or string) string {
		names := make([]string, len(m.From))
		for i, s := range m.From {
			names[i] = title(s, lang)
		}
		return strings.Join(names, or)
	}
	return fault.New(edit.ErrState.Kind(), edit.ErrState.Code(), fault.Text{
		VI: fmt.Sprintf("Đối tượng đang ở tình trạng %s; bước “%s” chỉ làm được từ %s.", title(state, "vi"), m.Title.VI, from("vi", " hoặc ")),
		EN: fmt.Sprintf("The feature is in the state %s; the step “%s” starts from %s only.", title(state, "en"), m.Title.EN, from("en", " or ")),
	}).With("state", state).With("from", m.From)
}

func (s *step) notAsked(name string) error {
	return fault.New(ErrField.Kind(), ErrField.Code(), fault.Text{
		VI: fmt.Sprintf("Bước “%s” không ghi thuộc tính “%s”; hãy bỏ ra hoặc sửa riêng.", s.move.Title.VI, name),
		EN: fmt.Sprintf("The step “%s” does not write the attribute “%s”; leave it out, or change it by itself.", s.move.Title.EN, name),
	}).WithField(name).With("fields", s.move.Fields)
}

func (s *step) needs(name string) error {
	f, _ := s.layer.Field(name)
	return fault.New(ErrNeeds.Kind(), ErrNeeds.Code(), fault.Text{
		VI: fmt.Sprintf("Bước “%s” cần “%s” (%s); hãy điền vào.", s.move.Title.VI, f.Title.VI, name),
		EN: fmt.Sprintf("The step “%s” needs “%s” (%s); fill it in.", s.move.Title.EN, f.Title.EN, name),
	}).WithField(name)
}
