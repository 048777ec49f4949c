package revert

import (
	"bytes"
	"reflect"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

// Conflict is what stands in the way of setting one feature back.
type Conflict struct {
	Layer string  `json:"collection"`
	ID    int64   `json:"id"`
	Name  *string `json:"name"`
	// Code is changed_since, deleted_since, id_taken, or that of the fault with which the door refuses it.
	Code       string      `json:"code"`
	Attributes []Attribute `json:"attributes"`
	// Geometry says that the geometry has been changed since.
	Geometry bool          `json:"geometry"`
	Detail   *geodata.Text `json:"detail,omitempty"`
}

// Attribute is one that somebody has changed since: what it was, and would become again, what the revision set it to, what it is now.
type Attribute struct {
	Name  string       `json:"name"`
	Title geodata.Text `json:"title"`
	Was   any          `json:"was"`
	Set   any          `json:"set"`
	Now   any          `json:"now"`
}

const (
	codeChanged = "changed_since"
	codeDeleted = "deleted_since"
	codeTaken   = "id_taken"
)

// sayings are the sentences of the conflicts.
func sayings(code string) *geodata.Text {
	switch code {
	case codeChanged:
		return &geodata.Text{VI: "Đã có người sửa tiếp từ lần sửa đó.", EN: "Somebody has changed it since that revision."}
	case codeDeleted:
		return &geodata.Text{VI: "Đối tượng này đã bị xóa từ đó.", EN: "It has been deleted since."}
	default:
		return &geodata.Text{VI: "Mã id này đã lại có đối tượng, và khác với đối tượng đã bị xóa.", EN: "The id is a feature's again, and not the one that was deleted."}
	}
}

func (c comparison) conflict(code string) *Conflict {
	return &Conflict{Layer: c.Layer, ID: c.ID, Name: orNull(c.name()), Code: code, Attributes: []Attribute{}, Detail: sayings(code)}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (c *Conflict) add(f geodata.Field, was, set, now any) {
	c.Attributes = append(c.Attributes, Attribute{f.Name, f.Title, was, set, now})
}

func (c *Conflict) some() bool { return c.Geometry || len(c.Attributes) > 0 }

// told leaves out of a conflict what is not for the person: who is not staff reads values of the own features alone.
func (p *plan) told(c comparison, conflict *Conflict) *Conflict {
	if p.who.Audience() == geodata.Staff {
		return conflict
	}
	field, value, own := auth.Owns(p.who, c.layer)
	mine := func(side map[string]any) bool {
		v, named := side[field]
		return !named || v == nil || v == value
	}
	if own && mine(c.Before) && mine(c.After) && (c.now == nil || c.now.Properties[field] == value) {
		return conflict
	}
	conflict.Attributes, conflict.Geometry, conflict.Name = []Attribute{}, false, nil
	return conflict
}

// conflictOf is a fault with which the door refuses a feature.
func conflictOf(r Result, name string, f *fault.Error) *Conflict {
	text, code := f.Text(), f.Code()
	if f.Kind() == fault.Stale {
		code = codeChanged
	}
	return &Conflict{Layer: r.Layer, ID: r.ID, Name: orNull(name), Code: code, Attributes: []Attribute{}, Detail: &text}
}

// hard says that a fault is of the person, not of the feature.
func hard(f *fault.Error) bool {
	switch f.Kind() {
	case fault.Conflict, fault.Invalid, fault.NotFound, fault.Stale:
		return false
	default:
		return true
	}
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func sameShape(a, b []byte) bool { return bytes.Equal(a, b) }

// conflicts is the fault of a revision that cannot be taken back whole.
func conflicts(results []Result, count int) error {
	list := make([]*Conflict, 0, min(count, maxConflicts))
	for _, r := range results {
		if r.Conflict != nil && len(list) < cap(list) {
			list = append(list, r.Conflict)
		}
	}
	return ErrConflicts.With("conflicts", list).With("count", count)
}

var (
	// ErrReason is the fault of taking back without saying why.
	ErrReason = fault.New(fault.Invalid, "reason_required", geodata.Text{
		VI: "Hãy ghi lý do lấy lại.", EN: "Say why it is taken back.",
	}).WithField("reason")
	// ErrConflicts is the fault of a revision that cannot be taken back whole; its member conflicts tells why.
	ErrConflicts = fault.New(fault.Conflict, "revert_conflicts", geodata.Text{
		VI: "Không lấy lại được toàn bộ: có đối tượng đã thay đổi từ đó. Chưa có gì được ghi. Xem từng mục, hoặc chỉ lấy lại phần không vướng.",
		EN: "It cannot be taken back whole: something has changed since. Nothing was kept. Look at each, or take back only what nothing stands in the way of.",
	})
	// ErrNotOfRevision is the fault of naming a feature that the revision did nothing to.
	ErrNotOfRevision = fault.New(fault.NotFound, "not_of_revision", geodata.Text{
		VI: "Có đối tượng được nêu không thuộc lần sửa này.", EN: "A feature that is named is none of this revision's.",
	}).WithField("features")
	// ErrWhole is the fault of taking a part of a publication back.
	ErrWhole = fault.New(fault.Conflict, "revert_whole_only", geodata.Text{
		VI: "Lần sửa này thuộc hồ sơ phủ sóng hoặc vùng phủ đã công bố, liên quan đến nhiều lớp: chỉ lấy lại được cả lần sửa, không lấy lại từng phần.",
		EN: "This revision is of published coverage or its submissions and concerns several layers: it is taken back as a whole or not at all.",
	})
)

// ConflictsOf reads the conflicts out of ErrConflicts: those that are told, and how many there are.
func ConflictsOf(err error) (told []*Conflict, count int, ok bool) {
	f, isFault := fault.As(err)
	if !isFault || f.Code() != ErrConflicts.Code() {
		return nil, 0, false
	}
	told, _ = f.Details()["conflicts"].([]*Conflict)
	count, _ = f.Details()["count"].(int)
	return told, count, true
}
