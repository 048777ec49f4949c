package personal

import (
	"regexp"
	"strings"
	"unicode"

	"bando/geodata/vn"
)

// likeness is how much a text looks like a person's name.
type likeness int

const (
	noName likeness = iota
	likely          // two words: also how places are called
	strong          // a family name and two to four more words
	marked          // and a word that only people's names have: Văn, Thị, A, ông, bà
)

// families are family names, of the Kinh and of the peoples of the north-west.
var families = set(`nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đào mai lâm trịnh đoàn tạ hà cao chu tô lưu la kiều thái
	trương châu quách tăng phùng vương nông triệu lương lò lường quàng cà tòng vàng giàng sùng thào mùa hạng cứ chẻo tẩn phàn lù tao vừ ly hầu má lầu
	phùa cháng tráng chảo lồ sình pờ chang lỳ khoàng bàn đèo điêu lèng vì cầm bạc tống thân đàm mã nghiêm từ doãn thạch ma mạc ninh bế hứa lã mông
	đồng phí ông mùi liều thàng lừu hảng cư thèn sừng pao lý chìn chấu lìm tôn âu cù diệp giáp khúc kha đậu tiêu ngụy nhữ`)

// foldedFamilies are the same without diacritics, for files that have none.
var foldedFamilies = folded(families)

// things are words that a place, an office or a company has and a person has not.
var things = set(`ban xa thon to khu pho truong cho tram nha duong suoi nui deo cau thi tran huyen tinh phuong uy cong ty doanh nghiep hop tac
	benh vien chua den thac hang homestay khach san so phong chi cuc quoc lo`)

func set(list string) map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		words[w] = true
	}
	return words
}

func folded(words map[string]bool) map[string]bool {
	plain := map[string]bool{}
	for w := range words {
		plain[vn.Fold(w)] = true
	}
	return plain
}

var (
	// honorific stands before a person's name, in land files behind "hộ".
	honorific = regexp.MustCompile(`(?i)^(hộ\s+)?(gia đình\s+)?(ông|bà|ông/bà|anh|chị|cụ)\b\.?:?\s+`)
	// several are parted like this; the first is enough.
	several = regexp.MustCompile(`(?i)\s+và\s+|\s*[,;/&+(\-–]\s*`)
)

// nameLike judges one value.
func nameLike(value string) likeness {
	value = strings.TrimSpace(value)
	if len(value) > 120 {
		return noName
	}
	called := false
	if at := honorific.FindStringIndex(value + " "); at != nil && at[1] < len(value) {
		value, called = value[at[1]:], true
	}
	value = several.Split(value, 2)[0]
	words := strings.Fields(value)
	if len(words) < 2 || len(words) > 5 {
		return noName
	}
	for _, w := range words {
		first := []rune(w)[0]
		if !unicode.IsUpper(first) || strings.IndexFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) >= 0 {
			return noName
		}
	}
	return judgeName(words, called)
}

func judgeName(words []string, called bool) likeness {
	plain := vn.Fold(strings.Join(words, " ")) == strings.ToLower(strings.Join(words, " "))
	first, list := strings.ToLower(words[0]), families
	if plain { // not a diacritic in it
		list = foldedFamilies
	}
	second := vn.Fold(words[1])
	mark := second == "van" || second == "thi" || (second == "a" && len(words) > 2)
	switch {
	case called:
		return marked
	case !list[first]:
		return noName
	case len(words) == 2:
		return likely
	case mark:
		return marked
	case plain:
		return likely // "Ban Hon Moi" has a family name too
	}
	for _, w := range words[1:] {
		if things[vn.Fold(w)] && len(words) < 4 {
			return likely
		}
	}
	return strong
}
