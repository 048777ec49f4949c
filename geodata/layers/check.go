package layers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"bando/geodata"
	"bando/internal/fault"
)

// Problem is one fault of a declaration: where it is ("fields.households.min") and what to do about it.
type Problem struct {
	At   string       `json:"at"`
	Text geodata.Text `json:"text"`
}

// ErrDeclaration is the fault of a declaration that breaks rules; its member "problems" lists every one of them.
var ErrDeclaration = fault.New(fault.Invalid, "declaration_invalid", fault.Text{
	VI: "Khai báo lớp dữ liệu có lỗi. Sửa các mục được nêu rồi gửi lại.",
	EN: "The layer's declaration has faults. Mend those that are listed and send it again.",
})

// Check says everything that is wrong with a declaration at once: nil, or ErrDeclaration with the list of problems.
func Check(l geodata.Layer) error {
	c := &checker{layer: l}
	c.head()
	c.fields()
	c.rights()
	c.tile()
	c.style()
	c.moves()
	return c.err()
}

// CheckTogether says what is wrong between declarations: an id twice, or a reference to a layer that is not there.
func CheckTogether(all []geodata.Layer) error {
	c := &checker{}
	ids := make([]string, len(all))
	for i, l := range all {
		if slices.Contains(ids[:i], l.ID) {
			c.add(l.ID, "Mã lớp này được khai báo hai lần.", "This id is declared twice.")
		}
		ids[i] = l.ID
	}
	for _, l := range all {
		for _, f := range l.Fields {
			if f.Refers != "" && !slices.Contains(ids, f.Refers) {
				c.add(l.ID+".fields."+f.Name+".refers", "Không có lớp "+f.Refers+".", "There is no layer "+f.Refers+".")
			}
		}
	}
	return c.err()
}

var (
	layerID   = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
	fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`) // capitals are for other people's data, whose names are kept
	word      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	colour    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

// reservedIDs have a meaning of their own in addresses of tiles.
var reservedIDs = []string{"base"}

var geometries = []geodata.Geometry{
	geodata.Point, geodata.LineString, geodata.MultiLineString, geodata.MultiPolygon, geodata.Mixed, geodata.None,
}

// Rules lists the codes of the domain's rules that a declaration may ask for; internal/edit knows what they mean.
func Rules() []string {
	return []string{
		"in_commune_5km", "hamlet_in_commune", "overlap_same_status", "parcel_overlap", "purpose_sum", "main_purpose",
		"measured_area", "geohash_prefix", "route_length_50m", "near_facility_100m", "forest_kind_land",
		"siblings_overlap", "owner_columns_refused", "code_valid_in_year",
	}
}

type checker struct {
	layer    geodata.Layer
	problems []Problem
}

func (c *checker) add(at, vi, en string) {
	c.problems = append(c.problems, Problem{At: at, Text: geodata.Text{VI: vi, EN: en}})
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	lines := make([]string, len(c.problems))
	for i, p := range c.problems {
		lines[i] = p.At + ": " + p.Text.EN
	}
	e := ErrDeclaration.With("problems", c.problems)
	if c.layer.ID != "" {
		e = e.With("layer", c.layer.ID)
	}
	return e.Wrap(fmt.Errorf("%s", strings.Join(lines, "; ")))
}

func (c *checker) head() {
	l := c.layer
	if !layerID.MatchString(l.ID) || slices.Contains(reservedIDs, l.ID) || strings.HasSuffix(l.ID, "_label") {
		c.add("id", "Mã lớp gồm 2–40 chữ thường a–z, số, gạch dưới, bắt đầu bằng chữ, không kết thúc bằng _label.",
			"An id has 2–40 of a–z, 0–9 and underscore, begins with a letter and does not end in _label.")
	}
	c.text("title", l.Title, true)
	c.text("description", l.Description, true)
	if !slices.Contains(geodata.Themes(), l.Theme) {
		c.add("theme", "Chủ đề không có trong danh sách.", "The theme is not a known one.")
	}
	if !slices.Contains(geometries, l.Geometry) {
		c.add("geometry", "Kiểu hình học không có trong danh sách.", "The geometry is not a known kind.")
	}
	for i, k := range l.Key {
		if f, ok := find(l, k); !ok || !keyable(f.Type) || slices.Contains(l.Key[:i], k) {
			c.add("key."+k, "Khóa phải là các trường chữ, số hoặc ngày, mỗi trường một lần.",
				"A key is made of text, number or date fields, each once.")
		}
	}
	for name, sql := range l.Checks {
		if !word.MatchString(name) || !plainSQL(sql) {
			c.add("checks."+name, "Điều kiện phải là một biểu thức SQL duy nhất, không có dấu chấm phẩy hay chú thích.",
				"A check is one SQL expression, without semicolons or comments.")
		}
	}
	known := Rules()
	for _, r := range l.Rules {
		if !slices.Contains(known, r) {
			c.add("rules."+r, "Không có quy tắc này.", "There is no such rule.")
		}
	}
}

func keyable(t geodata.FieldType) bool {
	return t == geodata.String || t == geodata.Integer || t == geodata.Date
}

// plainSQL reports whether the expression stays inside the parentheses that it is put into: outside its quoted parts
// it has no semicolon, comment or dollar quote, and its parentheses match.
func plainSQL(sql string) bool {
	depth, quote := 0, rune(0)
	for i, r := range sql {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '(':
			depth++
		case r == ')':
			if depth--; depth < 0 {
				return false
			}
		case r == ';' || r == '\\' || strings.HasPrefix(sql[i:], "--") || strings.HasPrefix(sql[i:], "/*") || strings.HasPrefix(sql[i:], "$$"):
			return false
		}
	}
	return depth == 0 && quote == 0 && strings.TrimSpace(sql) != ""
}

// text checks what people read: there in both languages, in NFC (DOMAIN TX), without blanks around it.
func (c *checker) text(at string, t geodata.Text, required bool) {
	if !required && t == (geodata.Text{}) {
		return
	}
	for _, s := range []string{t.VI, t.EN} {
		if s == "" || strings.TrimSpace(s) != s || !norm.NFC.IsNormalString(s) {
			c.add(at, "Cần câu chữ cả tiếng Việt và tiếng Anh, dạng NFC, không thừa khoảng trắng.",
				"Words are needed in Vietnamese and English, in NFC, without blanks around them.")
			return
		}
	}
}

// find looks among the base attributes too.
func find(l geodata.Layer, name string) (geodata.Field, bool) {
	all := l.AllFields()
	if i := slices.IndexFunc(all, func(f geodata.Field) bool { return f.Name == name }); i >= 0 {
		return all[i], true
	}
	return geodata.Field{}, false
}

// zoom reports whether a zoom is one that tiles have.
func zoom(z int) bool { return z >= 0 && z <= 22 }
