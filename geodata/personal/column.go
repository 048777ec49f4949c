package personal

import (
	"strings"
	"unicode"

	"bando/geodata/vn"
)

// Certainty is how much a column's name proves.
type Certainty int

// The certainties.
const (
	No      Certainty = iota
	Suspect           // a part of the name: the values decide
	Sure              // the whole name
)

// Named tells by its name whether a column holds something of a person. In a file of land (parcels, land use, planning) names
// that are innocent elsewhere, such as "địa chỉ" or "dân tộc", speak of the land user. Case, diacritics, separators, a number
// at the end and the ten letters of a Shapefile's column do not matter: "TenChu1", "TEN_CHU" and "Tên chủ" are one name.
func Named(column string, land bool) (Kind, Certainty) {
	glued := glue(vn.NFC(column))
	if kind, ok := whole(glued, land); ok {
		return kind, Sure
	}
	if kind, ok := spelled[strings.ToLower(strings.TrimSpace(vn.NFC(column)))]; ok {
		return kind, Sure
	}
	if kind, ok := cut(glued); ok && len(column) == shapefileName {
		return kind, Sure
	}
	for _, s := range suspects {
		if strings.Contains(glued, s.part) {
			return s.kind, Suspect
		}
	}
	if glued == "chu" || glued == "vo" || glued == "chong" {
		return Name, Suspect
	}
	return "", No
}

// shapefileName is how many characters a Shapefile leaves of a column's name, and leastCut how many of them prove anything.
const (
	shapefileName = 10
	leastCut      = 8
)

// glue brings a name down to its letters: lower case, no diacritics, no separators, no number at the end.
func glue(name string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, vn.Fold(name))
	return strings.TrimRightFunc(folded, unicode.IsDigit)
}

func whole(glued string, land bool) (Kind, bool) {
	if kind, ok := vocabulary[glued]; ok {
		return kind, true
	}
	if kind, ok := ofLand[glued]; ok && land {
		return kind, true
	}
	return "", false
}

// cut recognises what a Shapefile left of a name.
func cut(glued string) (Kind, bool) {
	if len(glued) < leastCut {
		return "", false
	}
	shortest := ""
	for name := range vocabulary {
		nearer := shortest == "" || len(name) < len(shortest) || (len(name) == len(shortest) && name < shortest)
		if nearer && strings.HasPrefix(name, glued) {
			shortest = name
		}
	}
	return vocabulary[shortest], shortest != ""
}

// spelled are names that prove something only with their diacritics: "chu" may be "chữ", and "vo" "vỏ".
var spelled = map[string]Kind{"chủ": Name, "vợ": Name, "chồng": Name}

// suspects are parts of names that also stand in innocent ones, such as "Tên chủng loại" or "Hộ có điện thoại".
var suspects = []struct {
	part string
	kind Kind
}{
	{"tenchu", Name},
	{"chusd", Name},
	{"chusu", Name},
	{"churung", Name},
	{"chuquan", Name},
	{"chudautu", Name},
	{"chuho", Name},
	{"chuso", Name},
	{"hoten", Name},
	{"hovaten", Name},
	{"nguoi", Name},
	{"daidien", Name},
	{"owner", Name},
	{"fullname", Name},
	{"contact", Name},
	{"lienhe", Name},
	{"dungten", Name},
	{"cccd", ID},
	{"cmnd", ID},
	{"cancuoc", ID},
	{"chungminh", ID},
	{"giayto", ID},
	{"dinhdanh", ID},
	{"passport", ID},
	{"dienthoai", Phone},
	{"didong", Phone},
	{"phone", Phone},
	{"mobile", Phone},
	{"hotline", Phone},
	{"sdt", Phone},
	{"zalo", Phone},
	{"email", Email},
}

// ofLand are names that tell of the land user in a file of land.
var ofLand = table(map[Kind]string{
	Address: "diachi dchi dcchi dc address",
	Name:    "ten1 tennsd nsd nsdd nsddat doituongsudungten",
	Life:    "dantoc tongiao quoctich nghenghiep nationality ethnicity religion",
})

// subjects are the people of a land file.
const subjects = `chu chusudung chusudungdat chusd chusdd chusddat chudat chuthua chuthuadat chunha chuho chusohuu chusohuunha chusohuudat
	nguoisudung nguoisudungdat nguoisd nguoisdd nguoisddat nguoisohuu nguoidungten nguoidaidien nguoinhan nguoichuyen vo chong vochong vohoacchong
	nsd nsdd nsddat canhan owner landowner landuser householder`

// facts are what is told of them; whole names of their own.
var facts = map[Kind]string{
	Name: `hoten hovaten hotendaydu hovatenchu tendaydu fullname firstname lastname surname ownername nameofowner landownername holdername householdhead
		headofhousehold tenchuhochong tenvochong tenvo tenchong hotenvo hotenchong tennguoidaidien contactname contactperson spouse`,
	ID: `cccd cmnd cmt cmtnd socccd socmnd socmt socmtnd cmndcccd cccdcmnd socmndcccd socccdcmnd cancuoc socancuoc cancuoccongdan socancuoccongdan thecancuoc
		chungminh chungminhnhandan chungminhthu sochungminh sochungminhnhandan sochungminhthu sogiayto sogiaytotuythan giaytotuythan sogttt gttt
		dinhdanhcanhan sodinhdanhcanhan madinhdanhcanhan sodinhdanhcongdan hochieu sohochieu passport passportno passportnumber
		idnumber idno idcard idcardno idcardnumber identitycard identitynumber identityno citizenid personalid`,
	Phone: `dienthoai sodienthoai sdt dtdd sodidong dienthoaididong dthoai sodt sodtdd dienthoailienhe sodienthoailienhe sdtlienhe lienhesdt
		phone phonenumber phoneno tel telno telephone mobilephone mobilenumber cellphone contactphone ownerphone zalo sozalo sdtzalo`,
	Email: "email emailaddress thudientu diachiemail diachithudientu emaillienhe owneremail",
	Address: `thuongtru diachithuongtru noithuongtru hokhau hokhauthuongtru noidangkythuongtru dkthuongtru dkhkthuongtru hktt dkhktt diachihktt
		tamtru diachitamtru noitamtru noicutru diachicutru noiohientai choohientai diachinha diachilienhe quequan nguyenquan noisinh
		homeaddress residentialaddress permanentaddress owneraddress`,
	Life: `ngaysinh namsinh ngaythangnamsinh ngaythangsinh sinhngay sinhnam birthday birthdate dateofbirth dob yearofbirth birthyear gioitinh gender sex
		honnhan tinhtranghonnhan maritalstatus sotaikhoan sotk stk sotaikhoannganhang bankaccount accountnumber
		sobhxh masobhxh sobhyt masobhyt thebhyt sothebhyt masothuecanhan`,
}

// vocabulary is every whole name: the facts, and the facts of a subject ("tên" + "chủ sử dụng", "địa chỉ" + "chủ").
var vocabulary = compose()

func compose() map[string]Kind {
	names := table(facts)
	told := table(map[Kind]string{
		Name:    "ten hoten hovaten tencua hotencua danhsach",
		ID:      "cccd cmnd cmt socccd socmnd socmt socancuoc sogiayto giayto sodinhdanh dinhdanh so",
		Phone:   "dienthoai sodienthoai sdt dt phone tel",
		Email:   "email",
		Address: "diachi dchi dc diachithuongtru thuongtru hokhau",
		Life:    "ngaysinh namsinh gioitinh dantoc quoctich tongiao nghenghiep taikhoan",
	})
	for subject := range strings.FieldsSeq(subjects) {
		if !ambiguous[subject] {
			names[subject] = Name
		}
		for fact, kind := range told {
			if fact == "so" && subject != "canhan" { // "số chủ hộ" counts them
				continue
			}
			names[fact+subject] = kind
			if kind != Name && len(fact) > len("dc") {
				names[subject+fact] = kind // "cmnd_chu", and "ChuCMND"
			}
		}
	}
	return names
}

// ambiguous subjects are other words too, once their diacritics are gone, or short for other things.
var ambiguous = map[string]bool{"chu": true, "vo": true, "chong": true, "nsd": true, "nsdd": true, "nsddat": true, "canhan": true}

func table(lists map[Kind]string) map[string]Kind {
	names := map[string]Kind{}
	for kind, list := range lists {
		for name := range strings.FieldsSeq(list) {
			names[name] = kind
		}
	}
	return names
}
