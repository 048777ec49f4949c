package edit

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/personal"
	"bando/geodata/vn"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

// read brings what the change gives into the forms of the declaration: attributes and geometry.
func (w *work) read(i *item) {
	i.row.ID = i.ID
	if i.err != nil || i.Op == geodata.Delete {
		return
	}
	if i.Op == geodata.Create && i.ID != 0 && !w.batch.System && !w.batch.Back {
		i.refuse(errIDGiven)
		return
	}
	known := w.knownFields(i.layer)
	i.given = make(map[string]any, len(i.Properties))
	for name, v := range i.Properties {
		if name == "id" || name == "revision" { // every answer carries them; they are not for the writer to set
			continue
		}
		f, ok := w.rules.field(i.layer.ID, name)
		if !ok || !visible(known, f) {
			i.refuse(unknown(i.layer, name, known))
			return
		}
		if text, ok := v.(string); ok && name == "purposes" && slices.Contains(i.layer.Rules, "main_purpose") {
			v = purposesInWords(text, w.legalArea(i))
		}
		value, err := store.Coerce(f, v)
		if err != nil {
			i.refuse(asFault(err))
			return
		}
		if f.Name == "source_ref" && i.Op == geodata.Upsert && !auth.MayNameSource(w.reader()) {
			continue // it would find features that the person does not see
		}
		if f.Computed && i.Op == geodata.Upsert && !w.batch.System {
			continue // a file exported from here has them; they are computed anew
		}
		i.given[name] = value
	}
	w.readGeometry(i)
}

// legalArea is the legal area that the change itself gives, in m²; nil when it gives none.
func (w *work) legalArea(i *item) any {
	f, ok := w.rules.field(i.layer.ID, "legal_area_m2")
	if !ok {
		return nil
	}
	area, err := store.Coerce(f, i.Properties["legal_area_m2"])
	if err != nil {
		return nil
	}
	return area
}

func visible(known []geodata.Field, f geodata.Field) bool {
	return !f.Hidden || slices.ContainsFunc(known, func(k geodata.Field) bool { return k.Name == f.Name })
}

// validate judges the new row by the declaration. What was there before and stays is not judged again, so that an old
// slip in one attribute does not keep another from being mended.
func (w *work) validate(i *item) {
	for _, f := range w.rules.fields(i.layer.ID) {
		v := i.row.Properties[f.Name]
		var old any
		if i.was != nil {
			old = i.was.Properties[f.Name]
		}
		if v == nil && f.Required {
			i.refuse(missing(i.layer, f.Name))
			return
		}
		if i.was != nil && reflect.DeepEqual(v, old) {
			continue
		}
		if _, given := i.given[f.Name]; given && !w.writable(f) && !w.asDefault(i, f, v) {
			i.refuse(notWritable(f))
			return
		}
		if v == nil {
			continue
		}
		err := w.rules.judge(i.layer.ID, f, v)
		if err == nil {
			err = i.impersonal(f, v)
		}
		if err != nil {
			i.refuse(err)
			return
		}
	}
	if err := w.placed(i); err != nil {
		i.refuse(err)
		return
	}
	w.rules.inGo(i)
}

// asDefault lets a new feature name the state that it would get anyway.
func (w *work) asDefault(i *item, f geodata.Field, v any) bool {
	if i.was != nil {
		return false
	}
	d, err := store.Coerce(f, f.Default)
	return err == nil && reflect.DeepEqual(d, v)
}

// judge tests one value against its field.
func (r *rulebook) judge(layer string, f geodata.Field, v any) *fault.Error {
	switch v := v.(type) {
	case string:
		return r.judgeText(layer, f, v)
	case []string:
		for _, s := range v {
			if len(f.Enum) > 0 && !hasCode(f, s) {
				return notInList(f, s)
			}
			if utf8.RuneCountInString(s) > f.LongestText() {
				return tooLong(f)
			}
			if vn.LooksLikeTCVN3(s) {
				return legacyText(f, s)
			}
		}
	case int64:
		return judgeNumber(f, float64(v))
	case float64:
		return judgeNumber(f, v)
	}
	return nil
}

func (r *rulebook) judgeText(layer string, f geodata.Field, s string) *fault.Error {
	switch {
	case len(f.Enum) > 0:
		if !hasCode(f, s) {
			return notInList(f, s)
		}
		return nil
	case f.Type != geodata.String:
		return nil
	case utf8.RuneCountInString(s) > f.LongestText():
		return tooLong(f)
	case vn.LooksLikeTCVN3(s):
		return legacyText(f, s)
	case (f.Name == "code" || f.Name == "name") && strings.ContainsFunc(s, misleads):
		return misleading(f)
	}
	if pattern := r.pattern(layer, f.Name); pattern != nil && !pattern.MatchString(s) {
		return badPattern(f, s)
	}
	return nil
}

// misleads tells the characters that make two codes or names look alike, or one be read backwards (UTS 39, UAX 9): marks
// of direction and characters without width. Vietnamese and the languages of the commune need none of them.
func misleads(c rune) bool {
	return c == 0x061c || c >= 0x200b && c <= 0x200f || c >= 0x202a && c <= 0x202e || c >= 0x2060 && c <= 0x2069 || c == 0xfeff
}

// hasCode also takes codes that are no longer offered: files and older features have them (DOMAIN section 5.3).
func hasCode(f geodata.Field, s string) bool {
	return slices.ContainsFunc(f.Enum, func(c geodata.Code) bool { return c.Value == s })
}

func judgeNumber(f geodata.Field, x float64) *fault.Error {
	if len(f.Enum) > 0 {
		if s := strconv.FormatFloat(x, 'f', -1, 64); !hasCode(f, s) {
			return notInList(f, s)
		}
	}
	if (f.Min != nil && x < *f.Min) || (f.Max != nil && x > *f.Max) {
		return outOfRange(f)
	}
	return nil
}

// rulebook is what the declarations ask for, looked up once.
type rulebook struct {
	layers map[string]layerRules
}

type layerRules struct {
	fields   []geodata.Field
	byName   map[string]geodata.Field
	patterns map[string]*regexp.Regexp
	rules    []rule
	// measured says that a rule needs the geometry in metres.
	measured bool
	// neighbours says that a rule compares features with each other, so that writers must come one after another.
	neighbours bool
}

func newRulebook(c *geodata.Catalogue) *rulebook {
	r := &rulebook{layers: map[string]layerRules{}}
	for _, l := range c.Layers() {
		lr := layerRules{fields: l.AllFields(), byName: map[string]geodata.Field{}, patterns: map[string]*regexp.Regexp{}}
		for _, f := range lr.fields {
			lr.byName[f.Name] = f
			if f.Pattern == "" {
				continue
			}
			if p, err := regexp.Compile(f.Pattern); err == nil { // package layers has checked them
				lr.patterns[f.Name] = p
			}
		}
		for _, rule := range rules() {
			if slices.Contains(l.Rules, rule.code) && !slices.ContainsFunc(rule.needs, func(id string) bool { return !declared(c, id) }) {
				lr.rules = append(lr.rules, rule)
				lr.measured = lr.measured || rule.measured
				lr.neighbours = lr.neighbours || rule.neighbours
			}
		}
		r.layers[l.ID] = lr
	}
	return r
}

func declared(c *geodata.Catalogue, id string) bool {
	_, err := c.Layer(id)
	return err == nil
}

func (r *rulebook) field(layer, name string) (geodata.Field, bool) {
	f, ok := r.layers[layer].byName[name]
	return f, ok
}

func (r *rulebook) fields(layer string) []geodata.Field { return r.layers[layer].fields }

func (r *rulebook) pattern(layer, field string) *regexp.Regexp {
	return r.layers[layer].patterns[field]
}

func (r *rulebook) inGo(i *item) {
	for _, rule := range r.layers[i.layer.ID].rules {
		if rule.row == nil {
			continue
		}
		if err := rule.row(i); err != nil {
			i.refuse(err)
			return
		}
	}
}

// unknown says that there is no such attribute; for one that names a person, why there will never be.
func unknown(l geodata.Layer, name string, known []geodata.Field) *fault.Error {
	if _, certainty := personal.Named(name, slices.Contains(l.Rules, layers.OwnerRule)); certainty == personal.Sure {
		return errOwner.WithField(name)
	}
	return store.UnknownField(strings.TrimSpace(name), known)
}
