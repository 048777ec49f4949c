package review

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"bando/internal/fault"
	"bando/internal/media"
)

// maxEvidence is how many files one move may carry.
const maxEvidence = 20

// wanted is the kind of evidence that a move asks for.
type wanted struct {
	types []string
	title fault.Text
}

// wants tells what a move's evidence must hold: a model for a move that attaches one, a photo for an installation.
func (s *step) wants() (wanted, bool) {
	switch {
	case slices.Contains(s.move.Fields, modelID):
		return wanted{[]string{media.GLB}, fault.Text{VI: "một mô hình 3D (GLB)", EN: "a 3D model (GLB)"}}, true
	case s.move.ID == "install":
		return wanted{[]string{media.JPEG, media.PNG, media.WebP}, fault.Text{VI: "một ảnh chụp tại chỗ", EN: "a photo taken on site"}}, true
	case s.move.Evidence:
		return wanted{nil, fault.Text{VI: "một tệp minh chứng (ảnh, văn bản hoặc mô hình)", EN: "a file as evidence (photo, document or model)"}}, true
	default:
		return wanted{}, false
	}
}

const modelID = "model_id"

// checkEvidence looks at each file: it is there, the person may use it, and the kind that is asked for is among them.
func (s *step) checkEvidence(ctx context.Context) error {
	if id, err := strconv.ParseInt(text(s.given, modelID), 10, 64); err == nil && len(s.evidence) == 0 {
		s.evidence = []int64{id} // the model speaks for itself
	}
	slices.Sort(s.evidence)
	s.evidence = slices.Compact(s.evidence)
	if len(s.evidence) > maxEvidence {
		return ErrEvidenceMany
	}
	want, asked := s.wants()
	fits := false
	for _, id := range s.evidence {
		item, err := s.files.Item(ctx, s.who, id)
		if f, ok := fault.As(err); ok && f.Kind() == fault.NotFound {
			return noEvidence(id)
		}
		if err != nil {
			return err
		}
		if want.types == nil || slices.Contains(want.types, item.Type) {
			fits = true
			s.found(item)
		}
	}
	if asked && !fits {
		return fault.New(ErrEvidence.Kind(), ErrEvidence.Code(), fault.Text{
			VI: "Bước “" + s.move.Title.VI + "” cần gửi kèm " + want.title.VI + ".",
			EN: "The step “" + s.move.Title.EN + "” needs " + want.title.EN + " with it.",
		}).WithField("evidence").With("types", want.types)
	}
	if model := text(s.given, modelID); model != "" && !slices.Contains(s.models, model) {
		return ErrModelEvidence
	}
	return nil
}

// found remembers what the rest of the step needs of a file.
func (s *step) found(item media.Item) {
	switch {
	case item.Type == media.GLB:
		s.models = append(s.models, strconv.FormatInt(item.ID, 10))
	case strings.HasPrefix(item.Type, "image/") && s.photoAt == nil:
		s.photoAt = item.Meta.Position
	}
}

func noEvidence(id int64) error {
	n := strconv.FormatInt(id, 10)
	return fault.New(ErrNoEvidence.Kind(), ErrNoEvidence.Code(), fault.Text{
		VI: "Không có tệp minh chứng số " + n + ", hoặc tệp của người khác. Hãy tải tệp lên trước rồi gửi lại.",
		EN: "There is no file of evidence number " + n + ", or it is somebody else's. Upload the file first, then try again.",
	}).WithField("evidence").With("id", id)
}
