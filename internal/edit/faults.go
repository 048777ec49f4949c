package edit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/fault"
	"bando/internal/pg"
)

// ErrStale is the fault of a feature that somebody changed after the writer had read it. Its members base, mine and
// theirs are the feature as it was read, the wish, and the feature as it is.
var ErrStale = fault.New(fault.Stale, "stale_revision", geodata.Text{
	VI: "Đối tượng này vừa được người khác sửa. Hãy xem bản mới nhất rồi gửi lại thay đổi của bạn.",
	EN: "Somebody has changed this feature since you read it. Look at the latest version, then send your change again.",
})

var (
	errIDGiven = fault.New(fault.Invalid, "id_given", geodata.Text{
		VI: "Mã id do hệ thống cấp; hãy bỏ id khỏi đối tượng mới.",
		EN: "The id is given by the system; leave it out of a new feature.",
	}).WithField("id")
	errMissing     = fault.New(fault.Invalid, "field_missing", geodata.Text{})
	errNotInList   = fault.New(fault.Invalid, "field_enum", geodata.Text{})
	errTooLong     = fault.New(fault.Invalid, "field_too_long", geodata.Text{})
	errPattern     = fault.New(fault.Invalid, "field_pattern", geodata.Text{})
	errOutOfRange  = fault.New(fault.Invalid, "field_range", geodata.Text{})
	errInvisible   = fault.New(fault.Invalid, "text_invisible", geodata.Text{})
	errLegacyText  = fault.New(fault.Invalid, "text_tcvn3", geodata.Text{})
	errNotWritable = fault.New(fault.Invalid, "field_not_writable", geodata.Text{})
	errOwner       = fault.New(fault.Invalid, "owner_refused", geodata.Text{
		VI: "Bản đồ không lưu dữ liệu cá nhân (tên người, CCCD, điện thoại, địa chỉ nhà); hãy bỏ cột này.",
		EN: "The map keeps no personal data (people's names, identity numbers, phones, home addresses); leave this column out.",
	})
)

// of makes a sharpened fault with a sentence of its own.
func of(kind *fault.Error, field, vi, en string) *fault.Error {
	return fault.New(kind.Kind(), kind.Code(), geodata.Text{VI: vi, EN: en}).WithField(field)
}

func titleOf(f geodata.Field, lang string) string {
	if t := f.Title.In(lang); t != "" {
		return t
	}
	return f.Name
}

func missing(l geodata.Layer, name string) *fault.Error {
	f := geodata.Field{Name: name}
	for _, known := range l.AllFields() {
		if known.Name == name {
			f = known
		}
	}
	return of(errMissing, name, "Thiếu “"+titleOf(f, "vi")+"” ("+name+"); hãy điền vào.", "“"+titleOf(f, "en")+"” ("+name+") is missing; fill it in.")
}

func notInList(f geodata.Field, s string) *fault.Error {
	var offered []string
	for _, c := range f.Enum {
		if c.ValidTo == "" {
			offered = append(offered, c.Value)
		}
	}
	list := strings.Join(offered[:min(len(offered), 12)], ", ")
	if len(offered) > 12 {
		list += ", …"
	}
	return of(errNotInList, f.Name,
		fmt.Sprintf("“%s” không phải mã của “%s”. Các mã: %s.", s, titleOf(f, "vi"), list),
		fmt.Sprintf("“%s” is not a code of “%s”. The codes: %s.", s, titleOf(f, "en"), list)).With("allowed", offered)
}

func tooLong(f geodata.Field) *fault.Error {
	return of(errTooLong, f.Name,
		fmt.Sprintf("“%s” dài quá %d ký tự; hãy viết gọn lại.", titleOf(f, "vi"), f.LongestText()),
		fmt.Sprintf("“%s” has more than %d characters; shorten it.", titleOf(f, "en"), f.LongestText()))
}

func misleading(f geodata.Field) *fault.Error {
	return of(errInvisible, f.Name,
		fmt.Sprintf("“%s” có ký tự ẩn (đổi chiều chữ hoặc không có bề rộng); hãy xóa rồi gõ lại.", titleOf(f, "vi")),
		fmt.Sprintf("“%s” has invisible characters (marks of direction, or without width); delete and type it anew.", titleOf(f, "en")))
}

func badPattern(f geodata.Field, s string) *fault.Error {
	return of(errPattern, f.Name,
		fmt.Sprintf("“%s” không đúng dạng của “%s” (%s).", s, titleOf(f, "vi"), f.Pattern),
		fmt.Sprintf("“%s” does not have the form of “%s” (%s).", s, titleOf(f, "en"), f.Pattern)).With("pattern", f.Pattern)
}

func outOfRange(f geodata.Field) *fault.Error {
	var vi, en []string
	if f.Min != nil {
		vi, en = append(vi, fmt.Sprintf("từ %g", *f.Min)), append(en, fmt.Sprintf("at least %g", *f.Min))
	}
	if f.Max != nil {
		vi, en = append(vi, fmt.Sprintf("đến %g", *f.Max)), append(en, fmt.Sprintf("at most %g", *f.Max))
	}
	unit := ""
	if f.Unit != "" {
		unit = " " + f.Unit
	}
	return of(errOutOfRange, f.Name,
		fmt.Sprintf("“%s” phải %s%s.", titleOf(f, "vi"), strings.Join(vi, " "), unit),
		fmt.Sprintf("“%s” must be %s%s.", titleOf(f, "en"), strings.Join(en, " and "), unit))
}

func legacyText(f geodata.Field, s string) *fault.Error {
	bytes := make([]byte, 0, len(s))
	for _, r := range s {
		bytes = append(bytes, byte(r)) // LooksLikeTCVN3 has seen that all are below 256
	}
	read := vn.FromTCVN3(bytes)
	return of(errLegacyText, f.Name,
		fmt.Sprintf("“%s” là chữ TCVN3 (ABC) chưa chuyển mã, có lẽ là “%s”; hãy nhập lại tệp với bảng mã TCVN3.", s, read),
		fmt.Sprintf("“%s” is undecoded TCVN3 (ABC) text, probably “%s”; import the file again as TCVN3.", s, read)).With("decoded", read)
}

func notWritable(f geodata.Field) *fault.Error {
	if f.Computed {
		return of(errNotWritable, f.Name,
			fmt.Sprintf("“%s” do hệ thống tính; hãy bỏ khỏi thay đổi.", titleOf(f, "vi")),
			fmt.Sprintf("“%s” is computed; leave it out of the change.", titleOf(f, "en")))
	}
	return of(errNotWritable, f.Name,
		fmt.Sprintf("“%s” chỉ đổi qua các bước công việc (báo cáo, xác nhận…), không sửa trực tiếp.", titleOf(f, "vi")),
		fmt.Sprintf("“%s” changes only by a step of the work (report, verify…), not by hand.", titleOf(f, "en")))
}

// ofData reports whether the database refused the data themselves, so that others may go on without them.
func ofData(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23") || e.Code == "XX000")
}

// translate turns the database's refusals into faults that say what to do; what it does not know stays as it is.
func translate(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if _, already := fault.As(err); already || !ok {
		return pg.Fault(err)
	}
	switch {
	case e.Code == "23505":
		return fault.New(fault.Conflict, "duplicate_key", geodata.Text{
			VI: "Đã có đối tượng khác với cùng khóa " + keyIn(e) + "; hãy sửa đối tượng đó hoặc đổi khóa.",
			EN: "Another feature has the same key " + keyIn(e) + "; change that one, or give another key.",
		}).With("constraint", e.ConstraintName).Wrap(err)
	case e.Code == "23503" && strings.HasPrefix(e.Message, "update or delete"):
		return errReferred.Wrap(err)
	case e.Code == "23503":
		return fault.New(fault.Invalid, "no_such_reference", geodata.Text{
			VI: "Giá trị " + keyIn(e) + " chỉ tới một đối tượng không có.",
			EN: "The value " + keyIn(e) + " refers to a feature that is not there.",
		}).Wrap(err)
	case e.Code == "23502":
		return fault.New(fault.Invalid, errMissing.Code(), geodata.Text{
			VI: "Thiếu “" + e.ColumnName + "”; hãy điền vào.", EN: "“" + e.ColumnName + "” is missing; fill it in.",
		}).WithField(e.ColumnName).Wrap(err)
	case e.Code == "23514":
		return fault.New(fault.Invalid, "rule_broken", geodata.Text{
			VI: "Dữ liệu trái với ràng buộc “" + e.ConstraintName + "” của lớp.",
			EN: "The data break the layer's constraint “" + e.ConstraintName + "”.",
		}).With("constraint", e.ConstraintName).Wrap(err)
	case strings.HasPrefix(e.Code, "22"):
		return fault.New(fault.Invalid, "value_refused", geodata.Text{
			VI: "Cơ sở dữ liệu không nhận một giá trị trong đó; hãy xem lại kiểu và độ lớn của các số, ngày.",
			EN: "The database does not take one of the values; look at the types and sizes of numbers and dates.",
		}).Wrap(err)
	case e.Code == "XX000":
		return fault.New(fault.Invalid, errInvalidGeometry.Code(), geodata.Text{
			VI: "PostGIS không xử lý được hình học này; hãy vẽ lại hoặc đơn giản hóa.",
			EN: "PostGIS cannot work with this geometry; draw it again or simplify it.",
		}).WithField("geometry").Wrap(err)
	}
	return pg.Fault(err)
}

// keyIn is the "(column)=(value)" of a message such as "Key (code)=(03390) already exists."
func keyIn(e *pgconn.PgError) string {
	detail := strings.TrimPrefix(e.Detail, "Key ")
	key, _, ok := strings.Cut(detail, ") ")
	if !ok {
		return e.ConstraintName
	}
	return key + ")"
}
