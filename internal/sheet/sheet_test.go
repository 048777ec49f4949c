package sheet_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"bando/internal/sheet"
)

// read gives the text of a sheet, line by line as it is drawn, and its number of pages. The strings in the page's content are
// UTF-16, as the fonts are used.
func read(t *testing.T, s sheet.Sheet) (text string, pages int) {
	t.Helper()
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	for object := range bytes.SplitSeq(out.Bytes(), []byte("endobj")) {
		if bytes.Contains(object, []byte("/Type /Page\n")) {
			pages++
		}
		_, packed, ok := bytes.Cut(object, []byte("stream\n"))
		if !ok || bytes.Contains(object, []byte("/Length1")) { // a font is no content
			continue
		}
		r, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			continue // neither is what is not packed
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, drawn := range regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\) ?Tj`).FindAllSubmatch(content, -1) {
			raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(drawn[1], func(escaped []byte) []byte {
				if escaped[1] == 'r' {
					return []byte("\r")
				}
				return escaped[1:]
			})
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = binary.BigEndian.Uint16(raw[2*i:])
			}
			text += string(utf16.Decode(units)) + " "
		}
	}
	return strings.Join(strings.Fields(text), " "), pages
}

func example() sheet.Sheet {
	hash := strings.Repeat("0123456789abcdef", 4)
	return sheet.Sheet{
		Site: "Bản đồ số xã Bình Lư", Collection: "Bản, tổ dân phố", Name: "Bản Nà Đon", ID: "http://127.0.0.1:8080/collections/hamlets/items/3",
		Entries: []sheet.Entry{
			{At: time.Date(2026, 11, 24, 18, 30, 0, 0, time.UTC), Title: "Sửa, Trưởng bản", Lines: []string{"Số hộ: 57 → 61", "Lý do: rà soát cuối năm"}, Place: "12.1", Hash: hash},
		},
		Address: "http://127.0.0.1:8080/collections/hamlets/items/3/proof?entry=12.1&f=html&hash=" + hash,
		Signed:  "lần sửa 12, ký lúc 2026-11-24T18:40:00Z", PublicKey: "bando+12345678+key", Made: time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC),
	}
}

func TestASheetSaysWhatHappenedInVietnamese(t *testing.T) {
	s := example()
	text, pages := read(t, s)
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
	for _, said := range []string{
		"PHIẾU LỊCH SỬ DỮ LIỆU", "Bản Nà Đon", "01:30:00, 25/11/2026 – Sửa, Trưởng bản", "Số hộ: 57 → 61", "Lý do: rà soát cuối năm",
		"Mục 12.1", s.Entries[0].Hash, "Cách kiểm tra", "ký lúc 2026-11-24T18:40:00Z", "bando+12345678+key", "02:00:00, 25/11/2026",
	} {
		if !strings.Contains(text, said) {
			t.Errorf("%q is not said in\n%s", said, text)
		}
	}
}

func TestALongHistoryStaysOnOnePageAndIsCounted(t *testing.T) {
	s := example()
	for i := range 300 {
		e := s.Entries[0]
		e.Place = fmt.Sprintf("%d.1", i+13)
		e.Lines = []string{strings.Repeat("Một dòng rất dài để thử. ", 1+i%20)}
		s.Entries = append(s.Entries, e)
	}
	text, pages := read(t, s)
	shown := strings.Count(text, "Mục ") // one of each entry, and none of the words around
	if told := fmt.Sprintf("… và %d mục cũ hơn", len(s.Entries)-shown); pages != 1 || shown < 5 || !strings.Contains(text, told) {
		t.Errorf("%d pages, %d entries, want %q in\n%s", pages, shown, told, text)
	}
	// One entry that is longer than the page is not drawn over the proof.
	s = example()
	s.Entries[0].Lines = []string{strings.Repeat("Quá dài. ", 3000)}
	if text, pages = read(t, s); pages != 1 || !strings.Contains(text, "và 1 mục cũ hơn") {
		t.Errorf("%d pages:\n%s", pages, text)
	}
}

func TestWhateverWasTypedIsDrawn(t *testing.T) {
	s := example()
	s.Name = "Ba\u0309n đo\u0302\u0300 <b>\x00\n\u202e😀 \\ ) ("
	text, _ := read(t, s)
	if !strings.Contains(text, "Bản đồ <b>") {
		t.Errorf("%s", text)
	}
}
