package auth

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

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

// MayRow says whether the person may do the action to this feature of the layer. Of an update it is the answer as far as
// the row goes; MayUpdate knows the attributes too.
func MayRow(p Person, l geodata.Layer, a Action, f geodata.Feature) error {
	if err := May(p, l, a); err != nil {
		return err
	}
	if a == Create && f.Properties[sourceRef] != nil && !MayNameSource(p) {
		return notField(l, sourceRef, nil)
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

// MayUpdate says whether the person may make this change to a feature of the layer: one right must hold for the row as it
// was and as it would be, so that nobody gives a row away or takes one, and for every attribute that changes. moved says
// that the place changes.
func MayUpdate(p Person, l geodata.Layer, before, after geodata.Feature, moved bool) error {
	if err := May(p, l, Update); err != nil {
		return err
	}
	if !MayNameSource(p) && after.Properties[sourceRef] != nil && before.Properties[sourceRef] != after.Properties[sourceRef] {
		return notField(l, sourceRef, nil)
	}
	own, beyond := "", ""
	for _, g := range grants(p.Role, l, Update) {
		if g.Own != "" && (!owns(p, l, g.Own, before) || !owns(p, l, g.Own, after)) {
			own = g.Own
			continue
		}
		name, reaches := firstBeyond(g.Fields, before.Properties, after.Properties, moved)
		if reaches {
			return nil
		}
		beyond = name
	}
	if beyond != "" {
		return notField(l, beyond, Writable(p, l))
	}
	return notOwn(own)
}

// sourceRef is the attribute that names a feature in the file that it came from. It is unique among all features and hidden.
const sourceRef = "source_ref"

// MayNameSource says whether the person may say what a feature is called in the file that it came from: imports find their
// features by it. Whoever does not see it of others could find out by conflicts what theirs have.
func MayNameSource(p Person) bool { return p.Audience() == geodata.Staff }

// firstBeyond finds an attribute that changes though it is not among the fields, the first by name. No fields are all.
func firstBeyond(fields []string, before, after map[string]any, moved bool) (name string, reaches bool) {
	if len(fields) == 0 {
		return "", true
	}
	if moved && !slices.Contains(fields, geodata.GeometryField) {
		return geodata.GeometryField, false
	}
	var beyond []string
	for _, side := range []map[string]any{before, after} {
		for name := range side {
			if !slices.Contains(fields, name) && !reflect.DeepEqual(before[name], after[name]) {
				beyond = append(beyond, name)
			}
		}
	}
	if len(beyond) == 0 {
		return "", true
	}
	return slices.Min(beyond), false
}

// Writable lists the attributes of the layer that the person may change by hand on features where the person may change
// anything, "geometry" among them where the place may be; nil means all, and also none where May refuses updates.
func Writable(p Person, l geodata.Layer) []string {
	var fields []string
	for _, g := range grants(p.Role, l, Update) {
		if len(g.Fields) == 0 {
			return nil
		}
		fields = append(fields, g.Fields...)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// Takes reports whether the move is one of the person's role; whether it may be taken with a feature is for MayMove.
func Takes(p Person, m geodata.Move) bool { return slices.Contains(m.Roles, p.Role) }

// MayMove says whether the person may take this feature along the move. States, reasons, evidence and the second
// person are for package review to judge.
func MayMove(p Person, l geodata.Layer, m geodata.Move, f geodata.Feature) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if !Takes(p, m) {
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

// denied says what is not allowed to a layer, and who may.
func denied(verb Verb, layer geodata.Text, may []geodata.Role) error {
	return deniedThing(verb, geodata.Text{VI: "lớp “" + layer.VI + "”", EN: "the layer “" + layer.EN + "”"}, may)
}

// deniedThing says what is not allowed to a thing, and who may.
func deniedThing(verb Verb, thing geodata.Text, may []geodata.Role) error {
	text := fault.Text{
		VI: "Vai trò của bạn không được " + verb.VI + " " + thing.VI + ".",
		EN: "Your role may not " + verb.EN + " " + thing.EN + ".",
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

// notField says that an attribute of the layer is not the person's to change, and which are.
func notField(l geodata.Layer, name string, may []string) error {
	names := func(lang string) string {
		list := make([]string, len(may))
		for i, n := range may {
			list[i] = fieldTitle(l, n, lang)
		}
		return strings.Join(list, ", ")
	}
	text := geodata.Text{
		VI: "Bạn không được ghi “" + fieldTitle(l, name, "vi") + "” của lớp “" + l.Title.VI + "”.",
		EN: "You may not write “" + fieldTitle(l, name, "en") + "” of the layer “" + l.Title.EN + "”.",
	}
	refusal := fault.New(errField.Kind(), errField.Code(), text).WithField(name)
	if len(may) == 0 {
		return refusal
	}
	text.VI += " Bạn sửa được: " + names("vi") + "."
	text.EN += " You may change: " + names("en") + "."
	return fault.New(errField.Kind(), errField.Code(), text).WithField(name).With("fields", may)
}

func fieldTitle(l geodata.Layer, name, lang string) string {
	if name == geodata.GeometryField {
		return geodata.Text{VI: "hình học", EN: "geometry"}.In(lang)
	}
	for _, f := range l.AllFields() {
		if f.Name == name && f.Title.In(lang) != "" {
			return f.Title.In(lang)
		}
	}
	return name
}
