package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"bando/internal/fault"
)

// Faults of the private cluster; all are for the person who starts bando on a machine.
var (
	errNoPrograms = fault.New(fault.Unsupported, "postgres_missing", fault.Text{
		VI: fmt.Sprintf("Máy này chưa có PostgreSQL %d trở lên kèm PostGIS. Hãy chạy scripts/setup.sh (hoặc apt install postgresql postgis), hoặc đặt DATABASE_URL tới một máy chủ có sẵn.", minServerMajor),
		EN: fmt.Sprintf("This machine has no PostgreSQL %d or later with PostGIS. Run scripts/setup.sh (or apt install postgresql postgis), or set DATABASE_URL to a server you have.", minServerMajor),
	})
	errNoAccount = fault.New(fault.Unsupported, "postgres_account", fault.Text{
		VI: "PostgreSQL không chạy bằng quyền root, mà máy này không có tài khoản postgres hay nobody. Hãy chạy bando bằng một tài khoản thường, hoặc tạo: useradd --system postgres",
		EN: "PostgreSQL does not run as root, and this machine has no account postgres or nobody. Run bando as an ordinary user, or make one: useradd --system postgres",
	})
)

func errProgramsOf(major int) *fault.Error {
	return fault.New(fault.Unsupported, "postgres_version", fault.Text{
		VI: fmt.Sprintf("Dữ liệu này do PostgreSQL %d tạo, nhưng máy không có bản đó. Hãy cài lại (Debian, Ubuntu: apt install postgresql-%d postgresql-%d-postgis-3), rồi mới nâng cấp bằng pg_upgrade.", major, major, major),
		EN: fmt.Sprintf("This data was made by PostgreSQL %d, which is not on this machine. Install it (Debian, Ubuntu: apt install postgresql-%d postgresql-%d-postgis-3); upgrade afterwards with pg_upgrade.", major, major, major),
	})
}

func errNotACluster(data string) *fault.Error {
	return fault.New(fault.Invalid, "data_dir", fault.Text{
		VI: fmt.Sprintf("Thư mục %s có tệp nhưng không phải dữ liệu PostgreSQL đầy đủ. Hãy chọn thư mục khác bằng --data, hoặc chuyển các tệp đó đi.", data),
		EN: fmt.Sprintf("The folder %s holds files but no whole PostgreSQL cluster. Choose another with --data, or move those files away.", data),
	})
}

func errClosedTo(dir, account string) *fault.Error {
	return fault.New(fault.Invalid, "data_dir", fault.Text{
		VI: fmt.Sprintf("Tài khoản %q (chạy cơ sở dữ liệu) không vào được %s. Hãy mở đường: chmod o+x cho thư mục này và các thư mục trên nó, hoặc chạy bando bằng chính tài khoản đó.", account, dir),
		EN: fmt.Sprintf("Account %q, which runs the database, cannot enter %s. Open the way with chmod o+x on it and the folders above, or run bando as that account.", account, dir),
	})
}

func errSocketDir(dir string) *fault.Error {
	return fault.New(fault.Conflict, "data_dir", fault.Text{
		VI: fmt.Sprintf("Thư mục %s, nơi đặt socket của cơ sở dữ liệu, lại thuộc về người khác. Hãy xoá nó, hoặc chọn --data có đường dẫn ngắn hơn.", dir),
		EN: fmt.Sprintf("The folder %s, meant for the database's socket, belongs to somebody else. Remove it, or choose a shorter --data path.", dir),
	})
}

func errForeignServer(data string, pid int) *fault.Error {
	return fault.New(fault.Conflict, "data_in_use", fault.Text{
		VI: fmt.Sprintf("Một PostgreSQL khác (tiến trình %d) không do bando khởi động đang dùng %s. Hãy dừng nó: kill -INT %d", pid, data, pid),
		EN: fmt.Sprintf("Another PostgreSQL (process %d), not started by bando, uses %s. Stop it: kill -INT %d", pid, data, pid),
	})
}

func errServing(dir, pid string) *fault.Error {
	if pid == "" {
		pid = "?"
	}
	return fault.New(fault.Conflict, "already_serving", fault.Text{
		VI: fmt.Sprintf("bando serve đã chạy trên dữ liệu %s (tiến trình %s); hãy dùng nó, dừng nó, hoặc chọn --data khác.", dir, pid),
		EN: fmt.Sprintf("bando serve already runs on the data in %s (process %s); use that one, stop it, or choose another --data.", dir, pid),
	}).With("pid", pid)
}

func errFull(dir string) *fault.Error {
	return fault.New(fault.Busy, "disk_full", fault.Text{
		VI: fmt.Sprintf("Ổ đĩa chứa %s đã đầy nên cơ sở dữ liệu không chạy được. Dữ liệu cũ vẫn còn; hãy giải phóng dung lượng rồi chạy lại.", dir),
		EN: fmt.Sprintf("The disk that holds %s is full, so the database cannot run. What was kept is still there; free some space and start again.", dir),
	})
}

// dirFault explains an error that came from a folder of ours.
func dirFault(dir string, err error) error {
	if _, known := fault.As(err); known || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := fault.Text{
		VI: fmt.Sprintf("Không dùng được thư mục %s. Hãy kiểm tra đường dẫn --data.", dir),
		EN: fmt.Sprintf("The folder %s cannot be used. Check the --data path.", dir),
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errFull(dir).Wrap(err)
	case errors.Is(err, fs.ErrPermission):
		text = fault.Text{
			VI: fmt.Sprintf("Tài khoản đang chạy bando không được đọc hoặc ghi %s. Hãy chạy bằng tài khoản đã tạo dữ liệu này, hoặc chọn --data khác.", dir),
			EN: fmt.Sprintf("The account that runs bando may not read or write %s. Run it as the account that made this data, or choose another --data.", dir),
		}
	case errors.Is(err, syscall.EROFS):
		text = fault.Text{
			VI: fmt.Sprintf("Thư mục %s nằm trên ổ chỉ cho đọc. Hãy chọn --data ở ổ ghi được.", dir),
			EN: fmt.Sprintf("The folder %s is on a read-only disk. Choose a --data that can be written.", dir),
		}
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		text = fault.Text{
			VI: fmt.Sprintf("%s không phải là thư mục. Hãy chọn --data khác.", dir),
			EN: fmt.Sprintf("%s is not a folder. Choose another --data.", dir),
		}
	}
	return fault.New(fault.Invalid, "data_dir", text).Wrap(err)
}

// startFault explains why a server program ended, from what it said.
func startFault(dir, said string, err error) error {
	for text, errno := range map[string]error{
		"No space left on device": syscall.ENOSPC, "Disk quota exceeded": syscall.EDQUOT,
		"Read-only file system": syscall.EROFS, "Permission denied": fs.ErrPermission,
	} {
		if strings.Contains(said, text) {
			return dirFault(dir, fmt.Errorf("%w: %w", errno, err))
		}
	}
	return fault.New(fault.Busy, "cluster_start", fault.Text{
		VI: fmt.Sprintf("Cơ sở dữ liệu riêng của bando không khởi động được; lý do nằm cuối tệp %s/pg.log.", dir),
		EN: fmt.Sprintf("Bando's own database server did not start; the reason is at the end of %s/pg.log.", dir),
	}).Wrap(err)
}
