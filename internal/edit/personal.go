package edit

import (
	"fmt"
	"slices"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/personal"
	"bando/internal/fault"
)

// ErrPersonal is the fault of words that tell of a person: a phone, an identity number. Its member "found" shows it masked.
var ErrPersonal = fault.New(fault.Invalid, "personal_data", geodata.Text{})

// impersonal refuses a value of a free text that tells of a person, unless the attribute is declared for such data. A commune code
// of the feature tells numbers of parcels from numbers of people.
func (i *item) impersonal(f geodata.Field, v any) *fault.Error {
	if len(f.Enum) > 0 || f.Pattern != "" {
		return nil
	}
	var err *fault.Error
	eachText(v, func(s string) {
		if err == nil {
			err = impersonal(f, s, i.places())
		}
	})
	return err
}

// places are the commune codes that the feature is known by.
func (i *item) places() []string {
	var codes []string
	for _, name := range []string{"commune_code", "former_commune"} {
		if code, ok := i.row.Properties[name].(string); ok {
			codes = append(codes, code)
		}
	}
	return codes
}

func eachText(v any, look func(string)) {
	switch v := v.(type) {
	case string:
		look(v)
	case []string:
		for _, s := range v {
			look(s)
		}
	case []any:
		for _, m := range v {
			eachText(m, look)
		}
	case map[string]any:
		for _, m := range v {
			eachText(m, look)
		}
	}
}

func impersonal(f geodata.Field, s string, places []string) *fault.Error {
	for _, found := range personal.Find(s, places...) {
		if layers.IsOpen(f, found.Kind) {
			continue
		}
		title := found.Kind.Title()
		return of(ErrPersonal, f.Name,
			fmt.Sprintf("“%s” có %s (%s). Bản đồ không lưu dữ liệu cá nhân; hãy bỏ phần đó rồi gửi lại.", titleOf(f, "vi"), title.VI, found.Masked()),
			fmt.Sprintf("“%s” holds %s (%s). The map keeps no personal data; take that out and send it again.", titleOf(f, "en"), title.EN, found.Masked())).
			With("found", found.Masked()).With("kind", found.Kind)
	}
	return nil
}

// CheckReason judges a reason: it goes into the log, which is public and keeps it. Fault: ErrPersonal.
func CheckReason(reason string) error {
	f := geodata.Field{Name: "reason", Title: geodata.Text{VI: "Lý do", EN: "The reason"}}
	if err := impersonal(f, reason, nil); err != nil {
		return err
	}
	return nil
}

// noOwnersInside looks for personal data in objects, where no column name gives them away.
func noOwnersInside(i *item) *fault.Error {
	for _, f := range i.layer.Fields {
		if f.Type != geodata.Object {
			continue
		}
		if key, found := ownerKey(i.given[f.Name], slices.Contains(i.layer.Rules, layers.OwnerRule)); found {
			return errOwner.WithField(f.Name).With("member", key)
		}
	}
	return nil
}

func ownerKey(v any, land bool) (string, bool) {
	switch v := v.(type) {
	case []any:
		for _, m := range v {
			if key, found := ownerKey(m, land); found {
				return key, true
			}
		}
	case map[string]any:
		for key, m := range v {
			if _, certainty := personal.Named(key, land); certainty == personal.Sure {
				return key, true
			}
			if inner, found := ownerKey(m, land); found {
				return inner, true
			}
		}
	}
	return "", false
}
