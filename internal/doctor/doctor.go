// Package doctor looks at an installation and says what is wrong with it and how to mend it. It changes nothing, and where a part
// is away it says so and looks at the rest.
package doctor

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/config"
	"bando/internal/fault"
	"bando/internal/pg"
)

// Severity is how bad a finding is.
type Severity string

// The severities, from good to bad.
const (
	OK      Severity = "ok"
	Note    Severity = "note"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Finding is one thing that was looked at.
type Finding struct {
	Code     string     `json:"code"` // stable
	Severity Severity   `json:"severity"`
	Text     fault.Text `json:"text"`
	// Mend is the command, or the act, that mends it.
	Mend string `json:"mend,omitempty"`
	// Where names the first of the things at fault, with masked excerpts; Count says how many there are.
	Where []string `json:"where,omitempty"`
	Count int      `json:"count,omitempty"`
}

// Installation is what is looked at.
type Installation struct {
	Settings  config.Settings
	Catalogue *geodata.Catalogue
	// Pool reads the database; nil when it is away, which Away then explains.
	Pool *pgxpool.Pool
	Away error
	// Full reads all of the log and of the files, not a part.
	Full bool
	Now  time.Time
	// Progress is told what is being read and how far it is.
	Progress func(what string, done int)
}

// maxWhere is how many things at fault are named of each finding.
const maxWhere = 20

// check looks at one part. Its error is that it could not be looked at.
type check struct {
	name  string
	needs bool // the database
	look  func(context.Context, *Installation) ([]Finding, error)
}

func checks() []check {
	return []check{
		{"programs", false, programs},
		{"folder", false, folder},
		{"settings", false, settings},
		{"certificate", false, certificate},
		{"database", true, database},
		{"schema", true, migrated},
		{"log", true, chain},
		{"accounts", true, accounts},
		{"media", true, files},
		{"layers", true, layersCheck},
		{"personal", true, personalData},
	}
}

// Examine looks at everything and tells each finding as soon as it is known. Its error is the context's.
func Examine(ctx context.Context, in Installation, tell func(Finding)) error {
	if in.Progress == nil {
		in.Progress = func(string, int) {}
	}
	if in.Pool == nil {
		tell(away(in.Away))
	}
	for _, c := range checks() {
		if c.needs && in.Pool == nil {
			continue
		}
		found, err := c.look(ctx, &in)
		for _, f := range found {
			tell(f)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			tell(unread(c.name, err))
		}
	}
	return nil
}

// away tells that there is no database to look into.
func away(err error) Finding {
	if err == nil {
		return Finding{
			Code: "database_none", Severity: Note, Mend: "bando demo | bando serve",
			Text: fault.Text{VI: "Thư mục dữ liệu chưa có cơ sở dữ liệu; chỉ kiểm tra phần còn lại.", EN: "The data folder has no database yet; only the rest was looked at."},
		}
	}
	f := ofFault(err)
	f.Text = fault.Text{VI: "Không vào được cơ sở dữ liệu; chỉ kiểm tra phần còn lại. " + f.Text.VI, EN: "The database cannot be reached; only the rest was looked at. " + f.Text.EN}
	f.Code, f.Mend = "database_away", "bando serve · DATABASE_URL"
	return f
}

// unread tells that a part could not be looked at.
func unread(part string, err error) Finding {
	f := ofFault(pg.Fault(err))
	f.Code, f.Where = part+"_unread", append(f.Where, err.Error())
	return f
}

// ofFault makes a finding of an error.
func ofFault(err error) Finding {
	if f, ok := fault.As(err); ok {
		return Finding{Code: f.Code(), Severity: Error, Text: f.Text()}
	}
	return Finding{
		Code: "internal", Severity: Error,
		Text: fault.Text{VI: "Không kiểm tra được phần này.", EN: "This part could not be looked at."},
	}
}

// ok is a finding that all is well.
func ok(code, vi, en string) Finding {
	return Finding{Code: code, Severity: OK, Text: fault.Text{VI: vi, EN: en}}
}

// bad is a finding with what mends it.
func bad(s Severity, code, mend, vi, en string) Finding {
	return Finding{Code: code, Severity: s, Mend: mend, Text: fault.Text{VI: vi, EN: en}}
}

// of names what is at fault.
func (f Finding) of(where ...string) Finding {
	f.Count = len(where)
	f.Where = where[:min(len(where), maxWhere)]
	return f
}
