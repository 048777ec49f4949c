package edit

import (
	"math"
	"slices"
	"strings"

	"bando/geodata/vn"
	"bando/internal/fault"
)

// purpose is one use of a parcel (DOMAIN section 2: purposes[] {code, area_m2, term}). Of several uses that a file names in
// one column the areas are not known: then the first is taken for the main one.
type purpose struct {
	code  string
	area  float64 // m²
	known bool    // the area
}

// purposesInWords reads what files have in a column of land-use codes: "LUC", or "ONT+CLN". A single use has all of the
// legal area. Other text is left for the caller to refuse.
func purposesInWords(text string, legalAreaM2 any) any {
	codes := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("+;,/ ", r) })
	list := make([]any, len(codes))
	for i, code := range codes {
		use := map[string]any{"code": strings.ToUpper(code)}
		if area, ok := legalAreaM2.(float64); ok && len(codes) == 1 {
			use["area_m2"] = area
		}
		list[i] = use
	}
	return list
}

// purposesOf reads the parcel's uses; ok is false when they are not what they should be.
func purposesOf(v any) (list []purpose, ok bool) {
	members, ok := v.([]any)
	if !ok {
		return nil, v == nil
	}
	for _, m := range members {
		object, isObject := m.(map[string]any)
		code, hasCode := object["code"].(string)
		area, isArea := object["area_m2"].(float64)
		if !isObject || !hasCode || (object["area_m2"] != nil && !isArea) || area < 0 {
			return nil, false
		}
		list = append(list, purpose{code, area, isArea})
	}
	return list, true
}

// purposeSum: the areas of the uses make up the legal area, to 0.5 m² (DOMAIN section 2).
func purposeSum(i *item) *fault.Error {
	const toleranceM2 = 0.5
	list, ok := purposesOf(i.row.Properties["purposes"])
	if !ok {
		return errPurposes
	}
	f, _ := i.layer.Field("main_purpose")
	sum, whole := 0.0, true
	for _, p := range list {
		if len(f.Enum) > 0 && !hasCode(f, p.code) {
			return notInList(f, p.code).WithField("purposes")
		}
		sum += p.area
		whole = whole && p.known
	}
	legal, known := i.row.Properties["legal_area_m2"].(float64)
	if len(list) == 0 || !whole || !known || math.Abs(sum-legal) <= toleranceM2 {
		return nil
	}
	return of(errPurposeSum, "purposes",
		"Tổng diện tích các mục đích sử dụng là "+vn.Number(sum, 1)+" m², khác diện tích pháp lý "+vn.Number(legal, 1)+" m²; hãy sửa cho khớp (sai số 0,5 m²).",
		"The areas of the purposes add up to "+english(sum)+" m² and not to the legal area of "+english(legal)+" m²; make them agree within 0.5 m².")
}

// mainPurpose: the use with the greatest area colours the parcel, the first where areas are not known.
func mainPurpose(i *item) *fault.Error {
	list, ok := purposesOf(i.row.Properties["purposes"])
	if !ok {
		return errPurposes
	}
	if len(list) == 0 {
		return nil
	}
	most := slices.MaxFunc(list, func(a, b purpose) int {
		switch {
		case a.area < b.area:
			return -1
		case a.area > b.area:
			return 1
		}
		return 0
	})
	i.row.Properties["main_purpose"] = most.code
	return nil
}
