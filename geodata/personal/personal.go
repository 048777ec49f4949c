// Package personal knows what tells of a person: the names of columns under which files carry land users, and the values
// that give one away, such as identity numbers, phones and names. The map holds none of them (Luật 91/2025/QH15).
package personal

import (
	"strings"
	"unicode/utf8"

	"bando/geodata"
)

// Kind is what a column or a value tells of a person.
type Kind string

// The kinds.
const (
	Name    Kind = "name"
	ID      Kind = "id_number" // căn cước (12 digits), chứng minh nhân dân (9 digits), passport
	Phone   Kind = "phone"
	Email   Kind = "email"
	Address Kind = "address" // where somebody lives
	Life    Kind = "life"    // birth, sex, family, bank account, insurance
)

// Title is how people call the kind.
func (k Kind) Title() geodata.Text {
	switch k {
	case Name:
		return geodata.Text{VI: "tên người", EN: "a person's name"}
	case ID:
		return geodata.Text{VI: "số giấy tờ tùy thân", EN: "an identity number"}
	case Phone:
		return geodata.Text{VI: "số điện thoại", EN: "a phone number"}
	case Email:
		return geodata.Text{VI: "thư điện tử", EN: "an e-mail address"}
	case Address:
		return geodata.Text{VI: "nơi ở", EN: "a home address"}
	default:
		return geodata.Text{VI: "thông tin về đời riêng", EN: "a fact of somebody's life"}
	}
}

// dot stands for what is not shown.
const dot = "•"

// Mask shows of a value as much as is needed to find it again in its file, and not enough to learn it: "03••••••89".
func Mask(kind Kind, value string) string {
	if kind == Name || kind == Address {
		words := strings.Fields(value)
		for i, w := range words {
			first, _ := utf8.DecodeRuneInString(w)
			words[i] = string(first) + dot + dot
		}
		return strings.Join(words[:min(len(words), 6)], " ")
	}
	if kind == Email {
		first, _ := utf8.DecodeRuneInString(value)
		return string(first) + strings.Repeat(dot, 3) + "@" + strings.Repeat(dot, 3)
	}
	const shown, least = 2, 9 // characters at each end, and of a value that shows any
	runes := []rune(value)
	if len(runes) < least {
		return strings.Repeat(dot, len(runes))
	}
	return string(runes[:shown]) + strings.Repeat(dot, len(runes)-2*shown) + string(runes[len(runes)-shown:])
}
