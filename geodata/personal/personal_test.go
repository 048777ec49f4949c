package personal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"bando/geodata/personal"
)

func TestColumnsThatFilesCarryLandUsersIn(t *testing.T) {
	for name, kind := range map[string]personal.Kind{
		"Tên chủ": personal.Name, "TENCHU": personal.Name, "TenChu1": personal.Name, "TEN_CHU_2": personal.Name, "Chủ sử dụng": personal.Name,
		"chusd": personal.Name, "CHUSDD": personal.Name, "TENCHUSDD": personal.Name, "Chủ": personal.Name, "hoten": personal.Name, "Họ và tên": personal.Name,
		"HO_TEN": personal.Name, "HoTenChu": personal.Name, "NguoiSuDungDat": personal.Name, "Người sử dụng": personal.Name, "chu_ho": personal.Name,
		"Owner": personal.Name, "owner_name": personal.Name, "OWNERNAME": personal.Name, "Tên vợ": personal.Name, "vo_chong": personal.Name,
		"CHUSUDUNGD": personal.Name, "TENCHUSUDU": personal.Name, "TenNguoiDaiDien": personal.Name,
		"CCCD": personal.ID, "cmnd": personal.ID, "SoGiayTo": personal.ID, "Số giấy tờ tùy thân": personal.ID, "so_cccd": personal.ID, "CMND_CHU": personal.ID,
		"Số CMND/CCCD": personal.ID, "id_number": personal.ID, "SOCMNDCHU1": personal.ID, "Số định danh cá nhân": personal.ID, "passport": personal.ID,
		"Điện thoại": personal.Phone, "SĐT": personal.Phone, "sdt": personal.Phone, "SoDienThoai": personal.Phone, "phone": personal.Phone, "Mobile phone": personal.Phone,
		"SODIENTHOA": personal.Phone, "Email": personal.Email, "e-mail": personal.Email,
		"Địa chỉ thường trú": personal.Address, "DIACHICHU": personal.Address, "Hộ khẩu": personal.Address, "DIACHITHUO": personal.Address,
		"Ngày sinh": personal.Life, "NAMSINH": personal.Life, "NamSinhVo": personal.Life, "Giới tính": personal.Life, "Số tài khoản": personal.Life, "date_of_birth": personal.Life,
	} {
		if got, sure := personal.Named(name, false); got != kind || sure != personal.Sure {
			t.Errorf("%q is %q, %d; want %q", name, got, sure, kind)
		}
	}
}

func TestInnocentColumnsAreLeftAlone(t *testing.T) {
	for _, name := range []string{
		"tên", "name", "Tên chủng loại", "chu_vi", "Chu vi", "dia_chinh", "Địa chính", "tenchuong", "Tên chương", "so_to", "so_thua", "SOTO", "SHBANDO", "STHUA", "dientich",
		"Diện tích", "chiều dài", "DT", "dtich", "chuan", "Chữ", "Địa chỉ", "address", "Dân tộc", "Mã xã", "maxa", "tenxa", "Số hộ", "so_ho", "Số chủ hộ", "households",
		"Chủ rừng", "churung", "Tên chủ đầu tư", "Chủ quản lý", "Người đo vẽ", "Hộ có điện thoại", "Phủ sóng di động", "Số người sử dụng", "contact", "operator",
		"national_id", "national id", "Mã định danh", "code", "ma", "id", "telecom", "phan_loai", "Loại giấy", "ghichu", "sex_ratio", "tk", "khoanh", "lo", "ldlr", "vỏ", "vo_2d",
		"source", "nguồn", "hours", "website", "fax", "photo", "model", "Tên gọi", "ten_cu", "Tên cũ",
	} {
		if kind, sure := personal.Named(name, false); sure == personal.Sure {
			t.Errorf("%q is taken for %q", name, kind)
		}
	}
	if _, sure := personal.Named("Địa chỉ", true); sure != personal.Sure {
		t.Error("in a file of land an address is the land user's")
	}
}

func TestWhatTellsOfAPersonIsFoundInWords(t *testing.T) {
	for text, want := range map[string]string{
		"Liên hệ 0912345678":               "0912345678",
		"ĐT: 0912.345.678 (Lò Văn Pán)":    "0912.345.678",
		"gọi 098 765 4321 hoặc 0387654321": "098 765 4321|0387654321",
		"+84 912 345 678":                  "+84 912 345 678",
		"(+84) 912-345-678":                "+84) 912-345-678",
		"SĐT0912345678":                    "0912345678",
		"0912345678/0987654321":            "0912345678|0987654321",
		"zalo 84912345678":                 "84912345678",
		"012083001234":                     "012083001234",
		"CCCD số 012 083 001 234.":         "012 083 001 234",
		"CMND 045123456 cấp 2010":          "045123456",
		"chứng minh nhân dân: 123456789":   "123456789",
		"thư: lo.van.pan@gmail.com nhé":    "lo.van.pan@gmail.com",
	} {
		var got []string
		for _, f := range personal.Find(text) {
			got = append(got, f.Text)
			if strings.Contains(f.Masked(), "345") {
				t.Errorf("%q is shown as %q", f.Text, f.Masked())
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("in %q is %q, want %q", text, got, want)
		}
	}
}

func TestInnocentWordsAreLeftAlone(t *testing.T) {
	for _, text := range []string{
		"123/QĐ-UBND", "Quyết định 0912345678/QĐ-UBND", "số 0387/2025/NQ-HĐND ngày 09.12.2025", "7:30–17:00", "07:30-11:30, 13:30-17:00", "0730 1130 1330",
		"103.0912345678 22.0387654321", "563666.75, 2471438.55", "E 563666 N 2471438", "w7cxjfvgcjb4", "03413-12-345", "03413 012 0345", "Tờ 12 thửa 345",
		"123456789", "1.234.567.890 đồng", "0213 3875 123", "(0213) 3.875.123", "ubnd.binhlu@laichau.gov.vn", "MST 0387654321", "mã số thuế: 0987654321",
		"osm 12034567890", "IMG_0912345678.jpg", "a0912345678b", "099912345678", "912345678", "2.159,6 m²", "0,0912345678", "079/2024/TT", "45,6 %", "8936012345678",
		"00912345678", "VN-LC-0123456789", "QL4D Km 94+500", "010000000000", "2026-12-01T01:02:03Z", "sha 0912345678abcdef",
	} {
		if found := personal.Find(text); len(found) > 0 {
			t.Errorf("in %q is taken for personal: %+v", text, found)
		}
	}
	if found := personal.Find("034130010012", "03413"); len(found) > 0 {
		t.Errorf("a parcel of commune 03413: %+v", found)
	}
}

func tally(values ...any) *personal.Tally {
	var t personal.Tally
	for _, v := range values {
		t.Add(v)
	}
	return &t
}

func TestAColumnIsKnownByWhatMostOfItsValuesAre(t *testing.T) {
	for name, c := range map[string]struct {
		column *personal.Tally
		kind   personal.Kind
	}{
		"identity numbers": {tally("012083001234", "012183004321", "012204000777", "001079123456", "không rõ"), personal.ID},
		"old ones":         {tally("045123456", "045234567", "045345678", "050456789", "012567890", "045987654"), personal.ID},
		"phones":           {tally("0912 345 678", "0387654321", nil, "", "+84987654321"), personal.Phone},
		"e-mail":           {tally("a@example.org", "b@example.org", "c@example.vn"), personal.Email},
		"names":            {tally("Lò Văn Pán", "Giàng A Sử", "Tẩn Mỷ Dao", "Nguyễn Thị Hoa", "UBND xã"), personal.Name},
		"in capitals":      {tally("LÒ VĂN PÁN", "GIÀNG A SỬ", "SÙNG THỊ MỶ"), personal.Name},
		"without marks":    {tally("Lo Van Pan", "Giang A Su", "Sung Thi My"), personal.Name},
		"of couples":       {tally("Hộ ông Lò Văn Pán và bà Vàng Thị Xa", "Ông Phàn Sử", "Bà Chẻo Tả Mẩy", "Lò Văn Ơn, Lò Thị Inh"), personal.Name},
	} {
		if kind, ok := c.column.Judge(false, false); !ok || kind != c.kind {
			t.Errorf("%s are taken for %q, %t", name, kind, ok)
		}
	}
	numbers := tally(912345678.0, 387654321.0, 987654321.0)
	if kind, ok := numbers.Judge(false, false); ok {
		t.Errorf("identifiers as numbers are taken for %q", kind)
	}
	if _, ok := numbers.Judge(true, false); !ok {
		t.Error("in a column whose name speaks of people such numbers are phones")
	}
	if _, ok := tally("Ban quản lý rừng phòng hộ", "UBND xã Bình Lư", "Lò Văn Pán", "Cộng đồng bản Hon").Judge(true, false); !ok {
		t.Error("one forest owner in four is a person")
	}
}

func TestColumnsOfThingsAreLeftAlone(t *testing.T) {
	for name, c := range map[string]*personal.Tally{
		"species":   tally("Thông Ba Lá", "Sa Mộc", "Quế", "Mỡ", "Keo Lai"),
		"hamlets":   tally("Bản Hon", "Sùng Phài", "Tả Lèng", "Hồ Thầu", "Nà Đon", "Vàng Bó"),
		"communes":  tally("Xã Bình Lư", "Thị trấn Tam Đường", "Xã Sơn Bình", "Phường Đoàn Kết"),
		"decisions": tally("123/QĐ-UBND", "1670/NQ-UBTVQH15", "45/QĐ-UBND"),
		"parcels":   tally("034130010012", "034130010013", "034130010014", "034130020001", "034130020002"),
		"sheets":    tally("12", "13", "14"),
		"areas":     tally(350.5, 1200.0, 912345678.0),
		"ids":       tally("912345678", "912345679", "123456789", "234567890", "345678901"),
		"nothing":   tally(nil, "", "  "),
	} {
		for _, named := range []bool{false, true} {
			if kind, ok := c.Judge(false, named); ok {
				t.Errorf("%s are taken for %q", name, kind)
			}
		}
	}
	streets := tally("Trần Hưng Đạo", "Lý Thường Kiệt", "Hoàng Văn Thụ", "Nguyễn Đình Chiểu", "Lê Hồng Phong", "Quốc lộ 4D")
	if kind, ok := streets.Judge(false, true); ok {
		t.Errorf("names of streets are taken for %q", kind)
	}
	if _, ok := tally("Lò Văn Pán", "Giàng A Sử", "Vàng Thị Xa", "Tẩn Mỷ Dao").Judge(false, true); !ok {
		t.Error("people in a column called name are not seen")
	}
}

func TestWhatIsShownDoesNotTell(t *testing.T) {
	for _, c := range [][3]string{
		{"phone", "0312345689", "03••••••89"},
		{"id_number", "012083001234", "01••••••••34"},
		{"name", "Lò Văn Pán", "L•• V•• P••"},
		{"email", "pan@example.vn", "p•••@•••"},
		{"phone", "12345", "•••••"},
	} {
		if got := personal.Mask(personal.Kind(c[0]), c[1]); got != c[2] {
			t.Errorf("%s is shown as %s, want %s", c[1], got, c[2])
		}
	}
}

// Whatever the text is, what is found stands in it, in order, and is never shown whole.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"ĐT 0912.345.678, CCCD 012083001234; a@gmail.com", "+84 (0) 912 345 678", "0912345678/0987654321/", "103.0912345678", "CMND\u00a0123\u00a0456\u00a0789", "\xff0912345678\xff",
		"++84912345678", "_0912345678_", "0 9 1 2 3 4 5 6 7 8",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sure, broad := personal.Find(text, "03413"), personal.Search(text, "03413")
		end := 0
		for _, found := range sure {
			if text[found.Start:found.End] != found.Text || (found.Kind != personal.Email && found.Start < end) {
				t.Fatalf("in %q: %+v", text, found)
			}
			if found.Kind != personal.Email {
				end = found.End
			}
			if found.Masked() == found.Text || utf8.RuneCountInString(found.Masked()) < 5 {
				t.Fatalf("%q is shown as %q", found.Text, found.Masked())
			}
		}
		if len(sure) > 0 && len(broad) == 0 {
			t.Fatalf("in %q something is sure that is not even likely: %+v", text, sure)
		}
		var column personal.Tally
		column.Add(text)
		column.Judge(true, false)
		personal.Named(text, true)
	})
}

// The columns of planning files, as the circular of 2025 names them, speak of no one.
func TestTheColumnsOfPlanningFilesAreLeftAlone(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "planning", "tt16_2025_layers.csv"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skip("skipped: the real data are not on this machine")
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(\w+):\w+`).FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
	if len(names) < 20 {
		t.Fatalf("only %d names", len(names))
	}
	for name := range names {
		if kind, certainty := personal.Named(name, true); certainty == personal.Sure {
			t.Errorf("%s is taken for %s", name, kind)
		}
	}
}
