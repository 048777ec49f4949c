package difference

import (
	"math"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/store"
)

// number writes a quantity with its unit.
func number(x float64, decimals int, unit string) geodata.Text {
	vi := vn.Number(x, decimals)
	t := geodata.Text{VI: vi, EN: english(vi)}
	if unit = unitSign(unit); unit != "" {
		t.VI, t.EN = t.VI+" "+unit, t.EN+" "+unit
	}
	return t
}

// decimals is how many digits behind the point the number has.
func decimals(x float64) int {
	_, part, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	return len(part)
}

// english turns the marks of a Vietnamese number round.
func english(vi string) string { return strings.NewReplacer(",", ".", ".", ",").Replace(vi) }

// unitSign is what people write for a UCUM code.
func unitSign(unit string) string {
	switch unit {
	case "m2":
		return "m²"
	case "deg":
		return "°"
	default:
		return unit
	}
}

// negligible is below what anybody measures: a centimetre, or a square decimetre.
const negligible = 0.01

// shape says how a geometry changed.
func shape(e store.Entry) Line {
	line := Line{Field: geodata.GeometryField, Title: geodata.Text{VI: "Vị trí, hình dạng", EN: "Place and shape"}}
	s := e.Shape
	switch s.Dimension {
	case 2:
		line.From, line.To = metres(s.AreaBefore, "m2"), metres(s.AreaAfter, "m2")
	case 1:
		line.From, line.To = metres(s.LengthBefore, "m"), metres(s.LengthAfter, "m")
	}
	switch e.Op {
	case geodata.Create:
		line.How = drawn(s, line.To)
	case geodata.Delete:
		line.How = geodata.Text{VI: "không còn trên bản đồ", EN: "no longer on the map"}
	default:
		line.How = changed(s, line)
	}
	return line
}

func drawn(s store.Shape, measured geodata.Text) geodata.Text {
	switch {
	case measured == geodata.Text{}:
		return geodata.Text{VI: "được vẽ lần đầu", EN: "drawn for the first time"}
	case s.Dimension == 1:
		return geodata.Text{VI: "được vẽ, dài " + measured.VI, EN: "drawn, " + measured.EN + " long"}
	default:
		return geodata.Text{VI: "được vẽ, diện tích " + measured.VI, EN: "drawn, with an area of " + measured.EN}
	}
}

func changed(s store.Shape, line Line) geodata.Text {
	var vi, en []string
	if line.From != (geodata.Text{}) && line.To != (geodata.Text{}) {
		what, by := geodata.Text{VI: "diện tích ", EN: "area "}, difference(s.AreaBefore, s.AreaAfter, "m2")
		if s.Dimension == 1 {
			what, by = geodata.Text{VI: "chiều dài ", EN: "length "}, difference(s.LengthBefore, s.LengthAfter, "m")
		}
		if by == (geodata.Text{}) {
			vi, en = append(vi, what.VI+"không đổi, "+line.To.VI), append(en, what.EN+"as before, "+line.To.EN)
		} else {
			vi, en = append(vi, what.VI+line.From.VI+" → "+line.To.VI+" ("+by.VI+")"), append(en, what.EN+line.From.EN+" → "+line.To.EN+" ("+by.EN+")")
		}
	}
	if s.Moved != nil && *s.Moved >= negligible {
		by := number(math.Round(*s.Moved*100)/100, 2, "m")
		if s.Dimension == 0 {
			vi, en = append(vi, "dời "+by.VI), append(en, "moved by "+by.EN)
		} else {
			vi, en = append(vi, "tâm dời "+by.VI), append(en, "its middle moved by "+by.EN)
		}
	}
	if len(vi) == 0 {
		return geodata.Text{VI: "đã sửa", EN: "changed"}
	}
	return geodata.Text{VI: strings.Join(vi, ", "), EN: strings.Join(en, ", ")}
}

// metres writes a measure to a decimetre; nothing for none.
func metres(x *float64, unit string) geodata.Text {
	if x == nil {
		return geodata.Text{}
	}
	return number(*x, 1, unit)
}

// difference is by how much a measure grew, with its sign; nothing when that is negligible.
func difference(before, after *float64, unit string) geodata.Text {
	by := *after - *before
	if math.Abs(by) < negligible {
		return geodata.Text{}
	}
	t := number(math.Abs(by), 1, unit)
	sign := "+"
	if by < 0 {
		sign = "−"
	}
	return geodata.Text{VI: sign + t.VI, EN: sign + t.EN}
}
