// Package sheet draws the evidence sheet of a feature: one page of A4 that says what happened to it, who did it and when, and
// how anybody can check that by the log's chain of hashes. It is in Vietnamese, as the offices that file it are.
package sheet

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode/qr"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/text/unicode/norm"
)

// Sheet is what the page says.
type Sheet struct {
	// Site is the name of the map, Notice what must be said of its data, such as that it is a demo; may be empty.
	Site, Notice string
	// Collection is the title of the layer, Name what the feature is called, ID the address of the feature in the API.
	Collection, Name, ID string
	// Entries are what happened, the newest first. Those that do not fit are counted on the page.
	Entries []Entry
	// Older is how many entries there are besides.
	Older int
	// Address is the page that checks the sheet; the QR code leads there.
	Address string
	// Signed is the newest checkpoint of the log in words, and PublicKey the key that it can be checked by.
	Signed, PublicKey string
	// Made is when the sheet was made; times are written as in Vietnam.
	Made time.Time
}

// Entry is one change.
type Entry struct {
	At    time.Time
	Title string   // what was done, and by whom
	Lines []string // what changed, why, on what evidence
	// Place is the entry's in the log, "12.3", and Hash its hash in hexadecimal.
	Place, Hash string
}

// The page, in millimetres, and its type, in points.
const (
	width, height = 210.0, 297.0
	margin        = 18.0
	bottom        = height - 66 // where the entries end and the proof begins
	qrSide        = 34.0
	lineHeight    = 4.6
	serif, mono   = "serif", "mono"
	bold, regular = "B", ""
	body, small   = 10.0, 8.0
	pointsPerLine = 0.46 // millimetres of line height for a point of type
)

// vietnam is the zone of the sheet's times; the country has one and no summer time.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

type page struct {
	*fpdf.Fpdf
}

// Write draws the sheet as PDF.
func (s Sheet) Write(w io.Writer) error {
	p := page{fpdf.New("P", "mm", "A4", "")}
	p.AddUTF8FontFromBytes(serif, regular, liberationserifregular.TTF)
	p.AddUTF8FontFromBytes(serif, bold, liberationserifbold.TTF)
	p.AddUTF8FontFromBytes(mono, regular, liberationmonoregular.TTF)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(false, 0)
	p.SetTitle("Phiếu lịch sử dữ liệu: "+plain(s.Name), true)
	p.SetCreationDate(s.Made)
	p.SetModificationDate(s.Made)
	p.SetLang("vi")
	p.AddPage()
	s.head(p)
	s.history(p)
	if err := s.proof(p); err != nil {
		return err
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("draw an evidence sheet: %w", err)
	}
	return nil
}

func (s Sheet) head(p page) {
	p.text(serif, regular, body, s.Site)
	p.Ln(3)
	p.SetFont(serif, bold, 15)
	p.CellFormat(0, 8, "PHIẾU LỊCH SỬ DỮ LIỆU", "", 1, "C", false, 0, "")
	p.Ln(1)
	if s.Notice != "" {
		p.text(serif, regular, small, s.Notice)
		p.Ln(1)
	}
	for _, fact := range [][2]string{{"Lớp dữ liệu", s.Collection}, {"Đối tượng", s.Name}, {"Địa chỉ", s.ID}, {"Lập lúc", moment(s.Made)}} {
		p.SetFont(serif, bold, body)
		p.CellFormat(28, lineHeight, fact[0], "", 0, "L", false, 0, "")
		p.text(serif, regular, body, fact[1])
	}
	p.Ln(2)
	p.rule()
}

// history writes the entries as far as they fit, and says how many did not.
func (s Sheet) history(p page) {
	for i, e := range s.Entries {
		if p.GetY()+e.height(p) > bottom {
			s.Older += len(s.Entries) - i
			break
		}
		p.text(serif, bold, body, moment(e.At)+" – "+e.Title)
		for _, line := range e.Lines {
			p.SetX(margin + 5)
			p.text(serif, regular, body, line)
		}
		p.SetX(margin + 5)
		p.text(mono, regular, 6.5, "Mục "+e.Place+"  "+e.Hash)
		p.Ln(1.5)
	}
	if s.Older > 0 {
		p.text(serif, regular, body, fmt.Sprintf("… và %d mục cũ hơn; xem đủ ở địa chỉ kiểm tra bên dưới.", s.Older))
	}
}

// height is how much of the page the entry takes, and the line about older ones behind it.
func (e Entry) height(p page) float64 {
	p.SetFont(serif, regular, body)
	lines := 3 + len(p.SplitText(plain(moment(e.At)+" – "+e.Title), width-2*margin))
	for _, line := range e.Lines {
		lines += len(p.SplitText(plain(line), width-2*margin-5))
	}
	return float64(lines) * lineHeight
}

// proof is the foot of the page: how to check what stands above.
func (s Sheet) proof(p page) error {
	p.SetY(bottom + 4)
	p.rule()
	top := p.GetY() + 2
	if err := p.qr(s.Address, margin, top, qrSide); err != nil {
		return err
	}
	p.SetLeftMargin(margin + qrSide + 5)
	p.SetY(top)
	p.text(serif, bold, body, "Cách kiểm tra")
	p.text(serif, regular, body, "Quét mã, hoặc mở địa chỉ dưới đây: trang đó nói mục mới nhất trên phiếu này có đúng là mục trong nhật ký hay không. "+
		"Mỗi mục mang mã băm SHA-256 tính từ chính nó và mục đứng trước, nên không ai sửa được một mục mà các mục sau không lộ ra.")
	p.text(mono, regular, 6.5, s.Address)
	if s.Signed != "" {
		p.Ln(1)
		p.text(serif, regular, small, "Mốc đã ký gần nhất: "+s.Signed)
		p.text(mono, regular, 6.5, s.PublicKey)
	}
	p.SetLeftMargin(margin)
	return nil
}

// text writes a paragraph to the right margin.
func (p page) text(family, style string, size float64, text string) {
	p.SetFont(family, style, size)
	p.MultiCell(0, max(size*pointsPerLine, 3), plain(text), "", "L", false)
}

func (p page) rule() {
	p.SetLineWidth(0.2)
	p.Line(margin, p.GetY(), width-margin, p.GetY())
	p.Ln(2)
}

// qr draws a QR code as squares, sharp at any size.
func (p page) qr(text string, x, y, side float64) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("make the QR code of an evidence sheet: %w", err)
	}
	modules := code.Bounds().Dx()
	module := side / float64(modules)
	p.SetFillColor(0, 0, 0)
	for row := range modules {
		for column := range modules {
			if r, _, _, _ := code.At(column, row).RGBA(); r == 0 {
				p.Rect(x+float64(column)*module, y+float64(row)*module, module, module, "F")
			}
		}
	}
	return nil
}

func moment(t time.Time) string { return t.In(vietnam()).Format("15:04:05, 02/01/2006") }

// plain makes one line of a text, in the letters that the fonts have: composed, and without what cannot be seen.
func plain(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r > 0xFFFF: // fonts of fpdf end there
			return '□'
		}
		return r
	}, text))
}
