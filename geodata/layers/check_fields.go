package layers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"bando/geodata"
)

// ownColumns are in every table and cannot be declared.
var ownColumns = []string{"id", "geom", "revision"}

// parameters of the addresses of features: an attribute of the same name could not be asked for.
var parameters = []string{
	"limit", "after", "before", "bbox", "datetime", "sortby", "properties", "skipGeometry", "crs", "filter", "f", "lang", "geometry",
}

var fieldTypes = []geodata.FieldType{
	geodata.String, geodata.Integer, geodata.Number, geodata.Boolean, geodata.Date,
	geodata.DateTime, geodata.Strings, geodata.Object, geodata.Place,
}

func (c *checker) fields() {
	seen := make(map[string]bool, len(c.layer.Fields))
	for _, f := range c.layer.Fields {
		at := "fields." + f.Name
		if !fieldName.MatchString(f.Name) || slices.Contains(ownColumns, f.Name) {
			c.add(at, "Tên trường gồm chữ a–z, số, gạch dưới; id, geom, revision đã có sẵn.",
				"A field's name has letters, 0–9 and underscore; id, geom and revision are there already.")
		}
		if slices.Contains(parameters, f.Name) {
			c.add(at, "Tên này là tham số của API; hãy đặt tên khác.", "The name is a parameter of the API; choose another.")
		}
		if seen[strings.ToLower(f.Name)] {
			c.add(at, "Trường này được khai báo hai lần.", "This field is declared twice.")
		}
		seen[strings.ToLower(f.Name)] = true
		c.field(at, f)
	}
}

func (c *checker) field(at string, f geodata.Field) {
	c.text(at+".title", f.Title, true)
	c.text(at+".help", f.Help, false)
	if !slices.Contains(fieldTypes, f.Type) {
		c.add(at+".type", "Kiểu dữ liệu không có trong danh sách.", "The type is not a known one.")
		return
	}
	if base := slices.IndexFunc(geodata.BaseFields(), func(b geodata.Field) bool { return b.Name == f.Name }); base >= 0 && geodata.BaseFields()[base].Type != f.Type {
		c.add(at+".type", "Trường có sẵn phải giữ nguyên kiểu.", "A field that every layer has keeps its type.")
	}
	textual := f.Type == geodata.String || f.Type == geodata.Strings
	numeric := f.Type == geodata.Integer || f.Type == geodata.Number
	if (f.Min != nil || f.Max != nil || f.Unit != "") && !numeric {
		c.add(at, "Giới hạn và đơn vị chỉ dành cho trường số.", "Limits and units are for numbers only.")
	}
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		c.add(at+".min", "Giá trị nhỏ nhất lớn hơn giá trị lớn nhất.", "The minimum is above the maximum.")
	}
	if (f.Pattern != "" || f.CodeList != "" || len(f.Enum) > 0) && !textual {
		c.add(at, "Mẫu và danh mục mã chỉ dành cho trường chữ.", "Patterns and codes are for text only.")
	}
	if f.MaxLength < 0 || (f.MaxLength > 0 && f.Type != geodata.String) {
		c.add(at+".maxLength", "Độ dài tối đa là số dương, chỉ cho trường chữ.", "The longest length is positive and for text only.")
	}
	if !samePattern(f.Pattern) {
		c.add(at+".pattern", "Mẫu không phải biểu thức chính quy mà cả Go và PostgreSQL đều hiểu.",
			"The pattern is not a regular expression that both Go and PostgreSQL understand.")
	}
	if f.Refers != "" && f.Type != geodata.Integer {
		c.add(at+".refers", "Chỉ trường số nguyên mới trỏ tới lớp khác.", "Only an integer can refer to a layer.")
	}
	if f.TileFrom != nil && (!zoom(*f.TileFrom) || f.Type == geodata.Strings || f.Type == geodata.Object || f.Type == geodata.Place) {
		c.add(at+".tileFrom", "Ô bản đồ chỉ chở giá trị đơn, ở mức phóng 0–22.", "Tiles carry single values only, at zooms 0–22.")
	}
	if f.Computed && f.Moved {
		c.add(at, "Một trường không thể vừa do hệ thống tính vừa do quy trình ghi.", "A field is computed or moved, not both.")
	}
	if f.Required && f.Default == nil && (f.Computed || f.Moved) {
		c.add(at+".default", "Trường bắt buộc mà người dùng không nhập được thì cần giá trị mặc định.",
			"A required field that nobody can enter needs a default.")
	}
	c.personal(at, f)
	c.codes(at+".enum", f.Enum)
	if f.Default != nil && !fits(f) {
		c.add(at+".default", "Giá trị mặc định không hợp với kiểu của trường.", "The default does not fit the field.")
	}
	for _, a := range f.Aliases {
		if Fold(a) == "" {
			c.add(at+".aliases", "Tên gọi khác không được để trống.", "An alias has no letters.")
		}
	}
}

func (c *checker) codes(at string, list []geodata.Code) {
	seen := make(map[string]bool, len(list))
	for _, code := range list {
		if code.Value == "" || seen[code.Value] {
			c.add(at+"."+code.Value, "Mỗi mã phải khác nhau và không trống.", "Each code is there once and is not empty.")
		}
		seen[code.Value] = true
		c.text(at+"."+code.Value, code.Title, true)
		if code.Color != "" && !colour.MatchString(code.Color) {
			c.add(at+"."+code.Value+".color", "Màu viết dạng #rrggbb chữ thường.", "A colour is #rrggbb in lower case.")
		}
		if code.ValidTo != "" && !isDate(code.ValidTo) {
			c.add(at+"."+code.Value+".validTo", "Ngày viết dạng YYYY-MM-DD.", "A date is YYYY-MM-DD.")
		}
	}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// samePattern reports whether a pattern compiles and keeps to what the two dialects share: extensions that begin with
// "(?" mean other things in PostgreSQL.
func samePattern(pattern string) bool {
	_, err := regexp.Compile(pattern)
	return err == nil && !strings.Contains(pattern, "(?") && !strings.Contains(pattern, `\z`) && !strings.Contains(pattern, `\p`)
}

// fits reports whether a default, as JSON gives it, is a value of the field.
func fits(f geodata.Field) bool {
	switch v := f.Default.(type) {
	case bool:
		return f.Type == geodata.Boolean
	case float64:
		if f.Type == geodata.Integer && v != float64(int64(v)) {
			return false
		}
		return (f.Type == geodata.Integer || f.Type == geodata.Number) &&
			(f.Min == nil || v >= *f.Min) && (f.Max == nil || v <= *f.Max)
	case string:
		if f.Type == geodata.Date {
			return isDate(v)
		}
		matches, err := regexp.MatchString(f.Pattern, v)
		return f.Type == geodata.String && err == nil && matches && (len(f.Enum) == 0 || hasCode(f, v))
	default:
		return false
	}
}

func hasCode(f geodata.Field, value string) bool {
	return slices.ContainsFunc(f.Enum, func(c geodata.Code) bool { return c.Value == value })
}
