package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"bando/internal/config"
	"bando/internal/fault"
)

// command is one subcommand.
type command struct {
	name    string // one or two words, such as "user add"
	args    string // what follows it
	summary fault.Text
	run     func(ctx context.Context, c console, args []string) error
}

// subcommands lists them in the order of the help.
func subcommands() []command {
	return []command{
		{"serve", "", fault.Text{VI: "chạy máy chủ bản đồ", EN: "serve the map"}, runServer},
		{"migrate", "", fault.Text{VI: "tạo hoặc nâng cấp các bảng", EN: "make or upgrade the tables"}, migrate},
		{"demo", "[--parcels N] [--seed S]", fault.Text{VI: "nạp xã trình diễn vào cơ sở dữ liệu trống", EN: "fill an empty database with the demo commune"}, fillDemo},
		{"import", "FILE --layer ID", fault.Text{VI: "nhập tệp GeoJSON, GeoPackage, Shapefile (zip), KML", EN: "bring a GeoJSON, GeoPackage, Shapefile (zip) or KML file in"}, importFile},
		{"revert", "REVISION --reason REASON", fault.Text{VI: "lấy lại một lần sửa, ví dụ một lần nhập tệp", EN: "take a revision back, such as an import"}, takeBack},
		{"bake", "[--layers A,B] [--out FILE]", fault.Text{VI: "ghi các lớp thành một tệp PMTiles, dùng được khi không có mạng", EN: "write layers to one PMTiles file, for use without a network"}, bakeArchive},
		{"user add", "NAME --role ROLE", fault.Text{VI: "thêm tài khoản", EN: "add an account"}, addUser},
		{"user list", "", fault.Text{VI: "liệt kê tài khoản", EN: "list the accounts"}, listUsers},
		{"user password", "NAME", fault.Text{VI: "đặt lại mật khẩu", EN: "set a new password"}, resetPassword},
		{"user invite", "NAME", fault.Text{VI: "tạo liên kết mời để người ta tự đặt mật khẩu", EN: "make a link by which somebody chooses the own password"}, inviteUser},
		{"user reset", "NAME", fault.Text{VI: "thu lại tài khoản: mật khẩu, phiên, mã truy cập, lớp bảo vệ thứ hai", EN: "take an account back: password, sessions, tokens, second factor"}, resetUser},
		{"user disable", "NAME", fault.Text{VI: "khóa tài khoản", EN: "lock an account"}, disableUser},
		{"user enable", "NAME", fault.Text{VI: "mở khóa tài khoản", EN: "unlock an account"}, enableUser},
		{"user forget", "NAME --reason REASON", fault.Text{VI: "xóa dữ liệu cá nhân của một tài khoản; tên được giữ chỗ", EN: "delete what is kept of an account's person; the name stays reserved"}, forgetUser},
		{"user sweep", "", fault.Text{VI: "xóa địa chỉ mạng cũ, phiên đã hết, lời mời hết hạn", EN: "give up old addresses, ended sessions and old invitations"}, sweepUsers},
		{"media erase", "ID --reason REASON", fault.Text{VI: "xóa hẳn một tệp đã gửi; còn mã băm làm dấu", EN: "erase a file that was sent; its hash stays as a mark"}, eraseMedia},
		{"token add", "--user NAME", fault.Text{VI: "tạo mã truy cập cho QGIS, GDAL", EN: "make an access token for QGIS, GDAL"}, addToken},
		{"token list", "[--user NAME]", fault.Text{VI: "liệt kê mã truy cập", EN: "list the tokens"}, listTokens},
		{"token withdraw", "ID", fault.Text{VI: "thu hồi mã truy cập", EN: "withdraw a token"}, withdrawToken},
		{"verify", "[--checkpoint FILE]", fault.Text{VI: "chứng minh nhật ký còn nguyên vẹn, không ai sửa sau lưng", EN: "prove that the log is whole and nobody changed it"}, verify},
		{"checkpoint", "[--out FILE]", fault.Text{VI: "ký một mốc của nhật ký để cất ở nơi khác", EN: "sign a checkpoint of the log, to be kept elsewhere"}, signCheckpoint},
		{"prune", "--before DATE --yes", fault.Text{VI: "lược bỏ các mục nhật ký cũ; việc này để lại một mục của chính nó", EN: "give up old entries of the log; that leaves an entry of its own"}, prune},
		{"doctor", "[--full] [--strict] [--json]", fault.Text{VI: "khám bản cài đặt: có gì sai, sửa thế nào", EN: "say what is wrong with this installation and how to mend it"}, examine},
		{"version", "", fault.Text{VI: "in phiên bản", EN: "print the version"}, printVersion},
	}
}

// matches reports whether the command line begins with the command's words, and what comes after them.
func (c command) matches(args []string) (rest []string, ok bool) {
	words := strings.Fields(c.name)
	if len(args) < len(words) || !slices.Equal(args[:len(words)], words) {
		return nil, false
	}
	return args[len(words):], true
}

// find gives the command of a name; there is one for each that the program itself asks for.
func find(name string) command {
	all := subcommands()
	return all[slices.IndexFunc(all, func(c command) bool { return c.name == name })]
}

func printHelp(w io.Writer) {
	say(w, `bando – bản đồ số của xã, luôn đúng · the digital map of a commune, always true

Bắt đầu · to begin:
  bando demo && bando serve     nạp xã trình diễn rồi mở http://127.0.0.1:8080/
                                fill in the demo commune, then open that page

Các lệnh · commands:
`)
	for _, c := range subcommands() {
		say(w, "  %-42s %s · %s\n", "bando "+strings.TrimSpace(c.name+" "+c.args), c.summary.VI, c.summary.EN)
	}
	say(w, `
Mọi lệnh dùng chung một cơ sở dữ liệu: thư mục --data (mặc định ./data), hoặc máy chủ trong DATABASE_URL; chạy được cả khi
máy chủ đang phục vụ. Xem từng lệnh: bando LỆNH --help
Every command works on one database: the folder --data (./data), or the server in DATABASE_URL; also beside a running
server. For each command: bando COMMAND --help
`)
}

// line is a command line: its flags, the settings among them, and what is left.
type line struct {
	*flag.FlagSet
	settings *config.Binding
	console
}

// newLine prepares the flags of a subcommand. names are the settings that it takes.
func newLine(c console, name string, names []string) *line {
	cmd := find(name)
	fs := flag.NewFlagSet("bando "+name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are told by explain, and help by us
	fs.Usage = func() {}
	l := &line{FlagSet: fs, settings: config.Bind(fs, c.getenv, names), console: c}
	fs.Usage = func() {
		say(c.stdout, "bando %s\n%s · %s\n\n", strings.TrimSpace(name+" "+cmd.args), cmd.summary.VI, cmd.summary.EN)
		fs.SetOutput(c.stdout)
		fs.PrintDefaults()
		fs.SetOutput(io.Discard)
	}
	return l
}

// parse reads flags wherever they stand and returns the other words, of which there must be as many as named. done says
// that the help was asked for and printed.
func (l *line) parse(args []string, named ...string) (words []string, done bool, err error) {
	for {
		if err := l.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, true, nil
		} else if err != nil {
			return nil, false, usage("Không hiểu dòng lệnh: "+err.Error(), "The command line cannot be understood: "+err.Error())
		}
		rest := l.Args()
		if len(rest) == 0 {
			break
		}
		// Parse stops at the first word that is no flag, and behind "--" everything is a word.
		if stopped := len(args) - len(rest); stopped > 0 && args[stopped-1] == "--" {
			words = append(words, rest...)
			break
		}
		words, args = append(words, rest[0]), rest[1:]
	}
	if len(words) != len(named) {
		want := strings.Join(named, " ")
		return nil, false, usage("Cần đúng: "+l.Name()+" "+want, "Expected: "+l.Name()+" "+want)
	}
	return words, false, nil
}

// read gives the settings.
func (l *line) read() (config.Settings, error) {
	s, err := l.settings.Settings()
	if err != nil {
		return s, &usageError{err}
	}
	return s, nil
}

// usageError is what the person at the keyboard got wrong.
type usageError struct{ err error }

func (e *usageError) Error() string {
	if e.err == nil {
		return "no command"
	}
	return e.err.Error()
}

func (e *usageError) Unwrap() error { return e.err }

func usage(vi, en string) error {
	return &usageError{fault.New(fault.Invalid, "usage", fault.Text{VI: vi, EN: en})}
}

// explain tells an error to the person at the keyboard: each fault in both languages, with its cause for those who can
// use it.
func explain(w io.Writer, err error) {
	if usage := (*usageError)(nil); errors.As(err, &usage) && usage.err == nil {
		return // the help has been printed
	}
	type joined interface{ Unwrap() []error }
	var several joined
	if errors.As(err, &several) {
		if _, whole := fault.As(err); !whole || len(several.Unwrap()) > 1 {
			for _, one := range several.Unwrap() {
				explain(w, one)
			}
			return
		}
	}
	f, ok := fault.As(err)
	if !ok {
		say(w, "bando: %v\n", err)
		return
	}
	name := f.Field()
	if name != "" {
		name += ": "
	}
	say(w, "bando: %s%s\n       %s%s\n", name, f.Text().VI, name, f.Text().EN)
	details := f.Details()
	for _, key := range slices.Sorted(maps.Keys(details)) {
		say(w, "       %s: %s\n", key, short(details[key]))
	}
	if cause := f.Unwrap(); cause != nil {
		say(w, "       (%s)\n", short(cause))
	}
}

// short writes a value as far as a person at a keyboard wants to read it.
func short(value any) string {
	const most = 400 // characters
	text := []rune(fmt.Sprint(value))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// say writes to a person. A terminal that has gone is no reason to stop the work.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
