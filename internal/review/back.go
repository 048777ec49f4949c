package review

import (
	"context"
	"reflect"
	"slices"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

// errConfirmed is the fault of changing what a second person has confirmed and would go on to vouch for.
var errConfirmed = fault.New(fault.Conflict, "confirmed_since", geodata.Text{
	VI: "Nội dung này đã được người thứ hai xác nhận từ đó. Hãy chuyển sang bước tranh chấp hoặc kiểm tra lại, rồi mới lấy lại.",
	EN: "A second person has confirmed this since. Dispute it or have it checked again first, then take it back.",
})

// MayArrive holds the rule of the second person where a revision is taken back: whoever made the claim does not bring back the state
// that says another confirmed it. now is the feature as it is, nil where it is not there; then is what it is to be. The claim is the one that
// stood before the revision.
func (r *Review) MayArrive(ctx context.Context, who auth.Person, l geodata.Layer, id int64, now, then map[string]any, revision geodata.Revision) error {
	for _, m := range l.Moves {
		if !m.SecondPerson || then[m.Field] != m.To {
			continue
		}
		fields, states := []string{}, slices.Clone(m.From)
		if l.ID == submissions {
			states = []string{"submitted"}
		} else {
			for _, state := range m.From {
				fields = append(fields, claimed(l, m, state)...)
			}
		}
		if now[m.Field] == m.To {
			if slices.ContainsFunc(l.Fields, func(f geodata.Field) bool { return f.Moved && !reflect.DeepEqual(now[f.Name], then[f.Name]) }) {
				return errConfirmed
			}
			continue
		}
		if err := r.notAuthor(ctx, who, l, m, id, fields, states, revision); err != nil {
			return err
		}
	}
	return nil
}
