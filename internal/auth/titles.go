package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bando/geodata"
)

// Verb is what a person does to a layer, in both languages.
type Verb = geodata.Text

func verbOf(a Action) Verb {
	switch a {
	case Create:
		return Verb{VI: "thêm vào", EN: "add to"}
	case Delete:
		return Verb{VI: "xóa khỏi", EN: "delete from"}
	default:
		return Verb{VI: "sửa", EN: "change"}
	}
}

// RoleTitle is what people call the role.
func RoleTitle(r geodata.Role) geodata.Text {
	switch r {
	case geodata.LandOfficer:
		return geodata.Text{VI: "Công chức địa chính", EN: "Land officer"}
	case geodata.ForestRanger:
		return geodata.Text{VI: "Kiểm lâm địa bàn", EN: "Forest ranger"}
	case geodata.CultureOfficer:
		return geodata.Text{VI: "Công chức văn hóa – xã hội", EN: "Culture and society officer"}
	case geodata.HamletHead:
		return geodata.Text{VI: "Trưởng bản", EN: "Hamlet head"}
	case geodata.TelecomPartner:
		return geodata.Text{VI: "Doanh nghiệp viễn thông", EN: "Telecom partner"}
	case geodata.TourismStaff:
		return geodata.Text{VI: "Cán bộ du lịch", EN: "Tourism staff"}
	case geodata.Leader:
		return geodata.Text{VI: "Lãnh đạo UBND", EN: "Leader of the commune"}
	case geodata.Auditor:
		return geodata.Text{VI: "Giám sát (MTTQ)", EN: "Auditor"}
	case geodata.Admin:
		return geodata.Text{VI: "Quản trị", EN: "Administrator"}
	case geodata.Forgotten:
		return geodata.Text{VI: "Đã xóa dữ liệu", EN: "Forgotten"}
	default:
		return geodata.Text{VI: "Người dân, du khách", EN: "Public"}
	}
}

func titles(roles []geodata.Role, lang string) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = lowerFirst(RoleTitle(r).In(lang))
	}
	return strings.Join(names, ", ")
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
