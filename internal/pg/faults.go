package pg

import (
	"fmt"

	"bando/internal/fault"
)

// Faults of a server that is there, met in daily work.
var (
	errAway = fault.New(fault.Busy, "database_away", fault.Text{
		VI: "Cơ sở dữ liệu tạm thời không trả lời; chưa có gì được ghi. Hãy thử lại sau ít phút.",
		EN: "The database does not answer at the moment; nothing was written. Try again in a little while.",
	})
	errDiskFull = fault.New(fault.Busy, "database_disk_full", fault.Text{
		VI: "Ổ đĩa của cơ sở dữ liệu đã đầy; chưa có gì được ghi. Hãy giải phóng dung lượng rồi thử lại.",
		EN: "The database's disk is full; nothing was written. Free some space, then try again.",
	})
	errReadOnly = fault.New(fault.Busy, "database_read_only", fault.Text{
		VI: "Máy chủ cơ sở dữ liệu này chỉ cho đọc (bản sao dự phòng); hãy ghi vào máy chủ chính.",
		EN: "This database server only reads (it is a standby); write to the primary server.",
	})
	errContention = fault.New(fault.Busy, "database_contention", fault.Text{
		VI: "Có người khác đang sửa cùng chỗ; chưa có gì được ghi. Hãy thử lại.",
		EN: "Somebody else was changing the same thing; nothing was written. Try again.",
	})
	errCommitUnknown = fault.New(fault.Busy, "commit_unknown", fault.Text{
		VI: "Mất liên lạc với cơ sở dữ liệu đúng lúc ghi; không rõ thay đổi đã được lưu hay chưa. Hãy xem lại trước khi gửi lần nữa.",
		EN: "The database was lost at the moment of writing; whether the change was kept is not known. Look before sending it again.",
	})
)

// Faults of the database a DSN names.
var errDSN = fault.New(fault.Invalid, "dsn_invalid", fault.Text{
	VI: "DATABASE_URL không đọc được. Viết dạng postgres://tên:mật_khẩu@máy:5432/cơ_sở_dữ_liệu hoặc dạng host=máy user=tên dbname=cơ_sở_dữ_liệu; ký tự lạ trong mật khẩu của URL phải viết dạng %XX.",
	EN: "DATABASE_URL cannot be read. Write postgres://user:password@host:5432/database or host=… user=… dbname=…; in a URL, unusual characters of the password are written as %XX.",
})

func errUnreachable(address string) *fault.Error {
	return fault.New(fault.Busy, "database_unreachable", fault.Text{
		VI: fmt.Sprintf("Không kết nối được tới cơ sở dữ liệu ở %s. Hãy kiểm tra máy chủ PostgreSQL đang chạy, địa chỉ, cổng và tường lửa.", address),
		EN: fmt.Sprintf("No connection to the database at %s. Check that PostgreSQL runs there, the address, the port and the firewall.", address),
	})
}

func errLogin(address, user string) *fault.Error {
	return fault.New(fault.Denied, "database_login", fault.Text{
		VI: fmt.Sprintf("Máy chủ %s không cho người dùng %q vào. Hãy kiểm tra tên, mật khẩu và pg_hba.conf.", address, user),
		EN: fmt.Sprintf("The server at %s does not let user %q in. Check the name, the password and pg_hba.conf.", address, user),
	})
}

func errNoDatabase(address, database string) *fault.Error {
	return fault.New(fault.NotFound, "database_missing", fault.Text{
		VI: fmt.Sprintf("Máy chủ %s không có cơ sở dữ liệu %q. Hãy tạo: createdb -h MÁY -E UTF8 -T template0 %s", address, database, database),
		EN: fmt.Sprintf("The server at %s has no database %q. Make it: createdb -h HOST -E UTF8 -T template0 %s", address, database, database),
	})
}

func errVersion(versionNum int) *fault.Error {
	found := fmt.Sprintf("%d.%d", versionNum/10000, versionNum%10000)
	return fault.New(fault.Unsupported, "database_version", fault.Text{
		VI: fmt.Sprintf("Máy chủ là PostgreSQL %s; bando cần bản %d trở lên. Hãy nâng cấp máy chủ.", found, minServerMajor),
		EN: fmt.Sprintf("The server is PostgreSQL %s; bando needs %d or later. Upgrade the server.", found, minServerMajor),
	})
}

func errEncoding(database, encoding string) *fault.Error {
	return fault.New(fault.Unsupported, "database_encoding", fault.Text{
		VI: fmt.Sprintf("Cơ sở dữ liệu %q dùng bảng mã %s, không giữ được tiếng Việt. Hãy tạo lại: createdb -E UTF8 -T template0 %s", database, encoding, database),
		EN: fmt.Sprintf("Database %q is encoded in %s, which cannot hold Vietnamese. Make it anew: createdb -E UTF8 -T template0 %s", database, encoding, database),
	})
}

func errMayNotCreate(database, role string) *fault.Error {
	return fault.New(fault.Denied, "database_right", fault.Text{
		VI: fmt.Sprintf("Người dùng %q chưa có quyền tạo schema. Quản trị viên chạy: GRANT CREATE ON DATABASE %q TO %q;", role, database, role),
		EN: fmt.Sprintf("User %q may not create schemas. An administrator runs: GRANT CREATE ON DATABASE %q TO %q;", role, database, role),
	})
}

func errMayNotExtend(name, database, role string) *fault.Error {
	return fault.New(fault.Denied, "database_right", fault.Text{
		VI: fmt.Sprintf("Người dùng %q chưa có quyền tạo phần mở rộng %s. Quản trị viên (superuser) chạy trong cơ sở dữ liệu %q: CREATE EXTENSION %s;", role, name, database, name),
		EN: fmt.Sprintf("User %q may not create the extension %s. A superuser runs, in database %q: CREATE EXTENSION %s;", role, name, database, name),
	})
}

func errNotInstalled(name string, major int) *fault.Error {
	pkg := map[string]string{"postgis": fmt.Sprintf("postgresql-%d-postgis-3", major)}[name]
	if pkg == "" {
		pkg = "postgresql-contrib"
	}
	return fault.New(fault.Unsupported, "database_extension", fault.Text{
		VI: fmt.Sprintf("Máy chủ PostgreSQL chưa cài phần mở rộng %s. Hãy cài trên máy chủ (Debian, Ubuntu: apt install %s).", name, pkg),
		EN: fmt.Sprintf("The PostgreSQL server does not have the extension %s. Install it on the server (Debian, Ubuntu: apt install %s).", name, pkg),
	})
}

func errPostGISOld(found string) *fault.Error {
	return fault.New(fault.Unsupported, "database_extension", fault.Text{
		VI: fmt.Sprintf("Máy chủ có PostGIS %s; bando cần bản %s trở lên. Hãy nâng cấp PostGIS trên máy chủ.", found, minPostGIS),
		EN: fmt.Sprintf("The server has PostGIS %s; bando needs %s or later. Upgrade PostGIS on the server.", found, minPostGIS),
	})
}

func errPostGISUpdate(database, installed, available string) *fault.Error {
	return fault.New(fault.Unsupported, "database_extension", fault.Text{
		VI: fmt.Sprintf("Cơ sở dữ liệu %q còn dùng PostGIS %s trong khi máy chủ đã có %s. Quản trị viên chạy: ALTER EXTENSION postgis UPDATE;", database, installed, available),
		EN: fmt.Sprintf("Database %q still uses PostGIS %s though the server has %s. An administrator runs: ALTER EXTENSION postgis UPDATE;", database, installed, available),
	})
}
