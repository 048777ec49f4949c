package layers

import (
	"slices"

	"bando/geodata"
	"bando/geodata/personal"
)

// OwnerRule is the rule of layers of land: what tells of the land user is refused there under more names than elsewhere.
const OwnerRule = "owner_columns_refused"

// opened are the kinds of personal data that an attribute may be declared for.
var opened = []personal.Kind{personal.Phone, personal.Email}

// personal refuses attributes that are meant for data of people: no layer keeps them, but for a phone or an address that
// somebody agreed to have published.
func (c *checker) personal(at string, f geodata.Field) {
	land := slices.Contains(c.layer.Rules, OwnerRule)
	for _, kind := range f.Personal {
		if land || f.Type != geodata.String || !slices.Contains(opened, personal.Kind(kind)) {
			c.add(at+".personal", "Chỉ trường chữ, ngoài các lớp đất đai, được nhận phone hoặc email.",
				"Only text may be open for phone or email, and not in layers of land.")
		}
	}
	for _, name := range append([]string{f.Name, f.Title.VI, f.Title.EN}, f.Aliases...) {
		kind, certainty := personal.Named(name, land)
		if certainty == personal.Sure && !IsOpen(f, kind) {
			c.add(at, "“"+name+"” là "+kind.Title().VI+": bản đồ không lưu dữ liệu cá nhân (Luật 91/2025/QH15); hãy bỏ trường này.",
				"“"+name+"” is "+kind.Title().EN+": the map keeps no personal data (Luật 91/2025/QH15); leave the field out.")
			return
		}
	}
}

// IsOpen reports whether the attribute is declared for such data of people who agreed.
func IsOpen(f geodata.Field, kind personal.Kind) bool {
	return slices.Contains(f.Personal, string(kind))
}
