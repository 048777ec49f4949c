package doctor

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/proof"
)

//go:embed sql/database.sql
var databaseSQL string

//go:embed sql/log.sql
var logSQL string

//go:embed sql/accounts.sql
var accountsSQL string

// database looks at the server: its version, what it was told about keeping data, and what bando needs in it.
func database(ctx context.Context, in *Installation) ([]Finding, error) {
	type facts struct {
		Version                                  int
		Fsync, FullPageWrites, SynchronousCommit string
		Encoding, Locale, Timezone, Postgis      string
		Unaccent, Migrated                       bool
	}
	rows, err := in.Pool.Query(ctx, databaseSQL)
	if err != nil {
		return nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[facts])
	if err != nil {
		return nil, err
	}
	version := fmt.Sprintf("%d.%d", s.Version/10000, s.Version%10000)
	found := []Finding{ok("database", "PostgreSQL "+version+", PostGIS "+s.Postgis+", "+s.Encoding+", "+s.Locale+", giờ "+s.Timezone, "PostgreSQL "+version+", PostGIS "+s.Postgis+", "+s.Encoding+", "+s.Locale+", time zone "+s.Timezone)}
	add := func(wrong bool, f Finding) {
		if wrong {
			found = append(found, f)
		}
	}
	add(s.Version < 150000, bad(Error, "database_version", "PostgreSQL ≥ 15", "PostgreSQL quá cũ.", "PostgreSQL is too old."))
	add(s.Fsync != "on", bad(Error, "database_fsync", "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf()",
		"fsync đang tắt: mất điện là hỏng dữ liệu.", "fsync is off: a power cut ruins the data."))
	add(s.FullPageWrites != "on", bad(Error, "database_full_page_writes", "ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf()",
		"full_page_writes đang tắt: mất điện có thể làm hỏng dữ liệu.", "full_page_writes is off: a power cut may ruin the data."))
	add(s.SynchronousCommit == "off", bad(Error, "database_synchronous_commit", "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf()",
		"synchronous_commit đang tắt: thay đổi đã xác nhận có thể mất.", "synchronous_commit is off: acknowledged changes may be lost."))
	add(s.Encoding != "UTF8", bad(Error, "database_encoding", "createdb -E UTF8 -T template0", "Cơ sở dữ liệu không dùng UTF-8.", "The database is not in UTF-8."))
	add(s.Postgis == "" || !s.Unaccent, bad(Error, "database_extension", "CREATE EXTENSION postgis; CREATE EXTENSION unaccent",
		"Thiếu phần mở rộng postgis hoặc unaccent.", "The extension postgis or unaccent is missing."))
	add(!s.Migrated, bad(Error, "database_empty", "bando migrate", "Cơ sở dữ liệu chưa có các bảng của bando.", "The database does not have bando's tables yet."))
	return found, nil
}

// migrated looks whether the tables are this program's.
func migrated(ctx context.Context, in *Installation) ([]Finding, error) {
	state, err := schema.Look(ctx, in.Pool, in.Catalogue)
	if err != nil {
		return nil, err
	}
	var found []Finding
	if len(state.Pending) > 0 {
		found = append(found, bad(Error, "migrations_pending", "bando migrate", "Còn bước nâng cấp chưa chạy.", "Migrations are yet to be run.").of(state.Pending...))
	}
	if len(state.Layers) > 0 {
		found = append(found, bad(Warning, "layers_underived", "bando migrate", "Bảng của lớp khác với khai báo.", "Tables of layers differ from their declaration.").of(state.Layers...))
	}
	if len(found) == 0 {
		found = append(found, ok("schema", "Các bảng đúng phiên bản và đúng khai báo", "The tables are of this version and as declared"))
	}
	return found, nil
}

// chain proves the log: from its newest checkpoint on, or all of it.
func chain(ctx context.Context, in *Installation) ([]Finding, error) {
	var revision geodata.Revision
	var at time.Time
	var unsigned *time.Time
	if err := in.Pool.QueryRow(ctx, logSQL).Scan(&revision, &at, &unsigned); err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	var found []Finding
	if behind := at.Sub(in.Now); behind > time.Minute {
		found = append(found, bad(Error, "clock_behind", "timedatectl set-ntp true",
			fmt.Sprintf("Đồng hồ máy chậm hơn mục nhật ký mới nhất %s.", behind.Round(time.Second)),
			fmt.Sprintf("The clock is %s behind the newest entry of the log.", behind.Round(time.Second))))
	}
	if unsigned != nil && in.Now.Sub(*unsigned) > 24*time.Hour {
		found = append(found, bad(Warning, "checkpoint_old", "bando checkpoint --out FILE",
			"Hơn một ngày chưa ký mốc nhật ký nào mới.", "No new checkpoint of the log was signed for more than a day."))
	}
	o, err := in.proofOptions(ctx)
	if err != nil {
		return found, err
	}
	report, err := proof.Verify(ctx, in.Pool, o)
	if err != nil {
		return found, err
	}
	if report.Whole() {
		return append(found, ok("log", fmt.Sprintf("Nhật ký nguyên vẹn từ lần ghi %d đến %d (%d mục)", report.From+1, revision, report.Entries),
			fmt.Sprintf("The log is whole from revision %d to %d (%d entries)", report.From+1, revision, report.Entries))), nil
	}
	broken := bad(Error, "log_not_whole", "bando verify",
		"Nhật ký KHÔNG còn nguyên vẹn; hãy giữ nguyên cơ sở dữ liệu để điều tra.", "The log is NOT whole; keep the database as it is for the inquiry.")
	for _, f := range report.Faults {
		broken.Where = append(broken.Where, f.Place+": "+f.Detail.VI)
	}
	broken.Where, broken.Count = broken.Where[:min(len(broken.Where), maxWhere)], report.Count
	return append(found, broken), nil
}

// proofOptions are those of a quick look, from the newest checkpoint that the data folder's key has signed, or of a full one.
func (in *Installation) proofOptions(ctx context.Context) (proof.Options, error) {
	o := proof.Options{Progress: func(entries int64) {
		if entries%1024 == 0 {
			in.Progress("log", int(entries))
		}
	}}
	public, err := os.ReadFile(filepath.Join(in.Settings.Data, proof.PublicFile))
	if err != nil {
		public = nil // without a key every entry is read
	}
	var keys []string
	if text := strings.TrimSpace(string(public)); text != "" {
		keys = append(keys, text)
	}
	trusted, err := proof.Verifiers(keys...)
	if err != nil {
		return o, err
	}
	if o.Signed, _, err = proof.Kept(ctx, in.Pool, trusted); err != nil {
		return o, err
	}
	if in.Full {
		o.Catalogue = in.Catalogue
	} else if n := len(o.Signed); n > 0 {
		o.From = &o.Signed[n-1]
		o.Signed = o.Signed[n-1:]
	}
	return o, nil
}

// accounts looks at who could come in that should not.
func accounts(ctx context.Context, in *Installation) ([]Finding, error) {
	rows, err := in.Pool.Query(ctx, accountsSQL, slices.DeleteFunc(slices.Clone(geodata.Roles), func(r geodata.Role) bool { return !auth.NeedsSecondFactor(r) }), in.Now)
	if err != nil {
		return nil, err
	}
	who := map[string][]string{}
	var code, name string
	if _, err = pgx.ForEachRow(rows, []any{&code, &name}, func() error {
		who[code] = append(who[code], name)
		return nil
	}); err != nil {
		return nil, err
	}
	var found []Finding
	for _, f := range []Finding{
		bad(Warning, "factor_missing", "https://…/account", "Quản trị viên, lãnh đạo chưa có lớp bảo vệ thứ hai.", "Administrators or leaders without a second factor."),
		bad(Error, "demo_account", "bando user disable NAME", "Tài khoản trình diễn, mật khẩu ai cũng biết, trong cơ sở dữ liệu thật.", "Accounts of the demo, whose passwords everybody knows, in a real database."),
		bad(Warning, "account_unused", "bando user disable NAME | bando user forget NAME --reason …", "Tài khoản không dùng hơn một năm.", "Accounts unused for more than a year."),
		bad(Note, "invitation_open", "bando user list", "Lời mời đang mở.", "Invitations that are open."),
		bad(Warning, "token_endless", "bando token list | bando token withdraw ID", "Mã truy cập không có ngày hết hạn.", "Tokens without an end."),
		bad(Note, "token_unused", "bando token withdraw ID", "Mã truy cập không dùng nửa năm.", "Tokens unused for half a year."),
	} {
		if names := who[f.Code]; len(names) > 0 {
			found = append(found, f.of(names...))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("accounts", "Các tài khoản ổn", "The accounts are in order"))
	}
	return found, nil
}
