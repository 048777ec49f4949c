package auth

import (
	"slices"
	"strconv"

	"bando/geodata"
	"bando/internal/fault"
)

// May says whether the person's role has any right to the action on the layer. It is a first answer: where the right
// is for own rows only, MayRow has the last word. The error is ErrSignIn, or a Denied that says who may.
func May(p Person, l geodata.Layer, a Action) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if len(grants(p.Role, l, a)) == 0 {
		return denied(verbOf(a), l.Title, rolesFor(l, a))
	}
	if !p.has(ScopeWrite, l.ID) {
		return errScope.With("scope", ScopeWrite+":"+l.ID)
	}
	return nil
}

// MayRow says whether the person may do the action to this feature of the layer: before and after an update, each row
// is asked for, so that nobody gives a row away or takes one.
func MayRow(p Person, l geodata.Layer, a Action, f geodata.Feature) error {
	if err := May(p, l, a); err != nil {
		return err
	}
	own := ""
	for _, g := range grants(p.Role, l, a) {
		if g.Own == "" || owns(p, l, g.Own, f) {
			return nil
		}
		own = g.Own
	}
	return notOwn(own)
}

// MayMove says whether the person may take this feature along the move. States, reasons, evidence and the second
// person are for package review to judge.
func MayMove(p Person, l geodata.Layer, m geodata.Move, f geodata.Feature) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if !slices.Contains(m.Roles, p.Role) {
		return denied(Verb{VI: "thực hiện bước “" + m.Title.VI + "” của", EN: "take the step “" + m.Title.EN + "” of"}, l.Title, m.Roles)
	}
	if !p.has(ScopeMove, l.ID) {
		return errScope.With("scope", ScopeMove+":"+l.ID)
	}
	if narrow, isNarrow := ownOf(p.Role); isNarrow && !owns(p, l, narrow, f) {
		return notOwn(narrow)
	}
	return nil
}

// MaySee says whether the person may see this feature of the layer; hidden attributes are another matter.
func MaySee(p Person, l geodata.Layer, f geodata.Feature) bool {
	if p.Audience() == geodata.Staff {
		return true
	}
	if field, value, ok := Owns(p, l); ok && f.Properties[field] == value {
		return true
	}
	return l.Public.Visible && !slices.ContainsFunc(l.Public.When, func(c geodata.Condition) bool {
		return !c.Holds(map[string]any{c.Field: asText(f.Properties[c.Field])})
	})
}

// asText gives a value as PostgreSQL casts it to text, since that is what conditions compare in SQL.
func asText(v any) any {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	default:
		return v
	}
}

// Owns tells which rows of the layer are the person's own to see although the person's audience may not: those whose
// field has the value. It is so for partners, where a grant or a move is theirs on their own rows.
func Owns(p Person, l geodata.Layer) (field, value string, ok bool) {
	if p.Role != geodata.TelecomPartner || p.Operator == "" || (!p.has(ScopeRead, "") && !p.has(ScopeWrite, l.ID)) {
		return "", "", false
	}
	field, ok = ownField(l, ownOperator)
	if !ok || !hasOwnRight(p.Role, l) {
		return "", "", false
	}
	return field, p.Operator, true
}

func hasOwnRight(r geodata.Role, l geodata.Layer) bool {
	return slices.ContainsFunc(l.Edit, func(g geodata.Grant) bool { return g.Own == ownOperator && slices.Contains(g.Roles, r) }) ||
		slices.ContainsFunc(l.Moves, func(m geodata.Move) bool { return slices.Contains(m.Roles, r) })
}

// OwnDefault tells the field and value that mark a new feature as the person's own, where the person may create own
// ones only.
func OwnDefault(p Person, l geodata.Layer) (field string, value any, ok bool) {
	for _, g := range grants(p.Role, l, Create) {
		if g.Own == "" {
			return "", nil, false
		}
		name, known := ownField(l, g.Own)
		switch {
		case !known:
		case g.Own == ownOperator && p.Operator != "":
			field, value, ok = name, p.Operator, true
		case g.Own == ownHamlet && p.HamletID != 0 && l.ID != hamlets:
			field, value, ok = name, p.HamletID, true
		}
	}
	return field, value, ok
}

// The ways in which a row can be somebody's own, as declarations name them.
const (
	ownOperator = "operator"
	ownHamlet   = "hamlet_id"
	hamlets     = "hamlets"
)

// ownField is the attribute that tells whose a row is. Internet points call their operator the provider.
func ownField(l geodata.Layer, own string) (string, bool) {
	if own != ownOperator {
		return own, own == ownHamlet
	}
	for _, name := range []string{ownOperator, "provider"} {
		if _, ok := l.Field(name); ok {
			return name, true
		}
	}
	return "", false
}

func owns(p Person, l geodata.Layer, own string, f geodata.Feature) bool {
	field, ok := ownField(l, own)
	switch {
	case !ok:
		return false
	case own == ownOperator:
		return p.Operator != "" && f.Properties[field] == p.Operator
	case l.ID == hamlets:
		return p.HamletID != 0 && f.ID == p.HamletID
	default:
		id, isID := f.Properties[field].(int64)
		return isID && p.HamletID != 0 && id == p.HamletID
	}
}

// ownOf tells which rows alone a role takes moves on. It binds the roles that have an own, whatever the move says of
// Own: an officer named beside them works for the whole commune.
func ownOf(r geodata.Role) (string, bool) {
	switch r {
	case geodata.TelecomPartner:
		return ownOperator, true
	case geodata.HamletHead:
		return ownHamlet, true
	default:
		return "", false
	}
}

func grants(r geodata.Role, l geodata.Layer, a Action) []geodata.Grant {
	var held []geodata.Grant
	for _, g := range l.Edit {
		if slices.Contains(g.Roles, r) && (len(g.Actions) == 0 || slices.Contains(g.Actions, string(a))) {
			held = append(held, g)
		}
	}
	return held
}

func rolesFor(l geodata.Layer, a Action) []geodata.Role {
	var roles []geodata.Role
	for _, r := range geodata.Roles {
		if len(grants(r, l, a)) > 0 {
			roles = append(roles, r)
		}
	}
	return roles
}

// denied says what is not allowed, and who may.
func denied(verb Verb, layer geodata.Text, may []geodata.Role) error {
	text := fault.Text{
		VI: "Vai trò của bạn không được " + verb.VI + " lớp “" + layer.VI + "”.",
		EN: "Your role may not " + verb.EN + " the layer “" + layer.EN + "”.",
	}
	if len(may) > 0 {
		text.VI += " Người làm được: " + titles(may, "vi") + "."
		text.EN += " These may: " + titles(may, "en") + "."
	}
	return fault.New(errDenied.Kind(), errDenied.Code(), text).With("roles", may)
}

func notOwn(own string) error {
	text := fault.Text{
		VI: "Bạn chỉ được sửa dữ liệu của nhà mạng mình.",
		EN: "You may change what belongs to your own operator only.",
	}
	if own == ownHamlet {
		text = fault.Text{
			VI: "Bạn chỉ được sửa dữ liệu của bản mình.",
			EN: "You may change what belongs to your own hamlet only.",
		}
	}
	return fault.New(errNotOwn.Kind(), errNotOwn.Code(), text)
}
