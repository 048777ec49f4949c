package doctor

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/personal"
	"bando/internal/fault"
)

//go:embed sql/texts.sql
var textsSQL string

//go:embed sql/reasons.sql
var reasonsSQL string

//go:embed sql/names.sql
var namesSQL string

// personalData reads the free text of every layer, the reasons of the log and the names of files, and tells where they speak of
// people. It holds one row at a time.
func personalData(ctx context.Context, in *Installation) ([]Finding, error) {
	var found []Finding
	for _, l := range in.Catalogue.Layers() {
		of, err := in.texts(ctx, l)
		if err != nil {
			return found, fmt.Errorf("read the texts of layer %s: %w", l.ID, err)
		}
		found = append(found, of...)
	}
	for _, place := range []struct {
		name, sql, mend string
		title           geodata.Text
		severity        Severity
	}{
		{"log", reasonsSQL, "bando prune --before DATE --yes", geodata.Text{VI: "lý do trong nhật ký", EN: "reasons in the log"}, Error},
		{"media", namesSQL, "bando media erase ID --reason …", geodata.Text{VI: "tên tệp đã gửi", EN: "names of files"}, Warning},
	} {
		t := trail{}
		if err := in.scan(ctx, place.name, place.sql, &t); err != nil {
			return found, err
		}
		found = append(found, t.finding("personal_in_"+place.name, place.severity, place.title, place.mend)...)
	}
	if len(found) == 0 {
		found = append(found, ok("personal", "Không thấy dữ liệu cá nhân trong chữ viết tự do", "No personal data were seen in free text"))
	}
	return found, nil
}

// trail gathers where people were found.
type trail struct {
	where []string
	count int
	sure  bool // one at least is beyond doubt
}

// look notes what a text tells, unless the attribute is declared for it.
func (t *trail) look(place, text string, f geodata.Field, communes ...string) {
	for _, piece := range personal.Search(text, communes...) {
		if layers.IsOpen(f, piece.Kind) {
			continue
		}
		t.count++
		if len(t.where) < maxWhere {
			t.where = append(t.where, place+" "+string(piece.Kind)+" "+piece.Masked())
		}
		t.sure = t.sure || slices.ContainsFunc(personal.Find(text, communes...), func(s personal.Found) bool { return s == piece })
	}
}

// finding tells of the trail; what is only likely is for a person to judge.
func (t *trail) finding(code string, severity Severity, place geodata.Text, mend string) []Finding {
	if t.count == 0 {
		return nil
	}
	if !t.sure {
		severity = Note
	}
	return []Finding{{
		Code: code, Severity: severity, Mend: mend, Where: t.where, Count: t.count,
		Text: fault.Text{VI: "Dữ liệu cá nhân trong " + place.VI + " (Luật 91/2025/QH15).", EN: "Personal data in " + place.EN + " (Luật 91/2025/QH15)."},
	}}
}

// texts reads the free text of a layer: for the public an error, for staff alone a warning.
func (in *Installation) texts(ctx context.Context, l geodata.Layer) ([]Finding, error) {
	var fields []geodata.Field
	var columns []string
	for _, f := range l.AllFields() {
		textual := f.Type == geodata.String || f.Type == geodata.Strings || f.Type == geodata.Object
		if textual && len(f.Enum) == 0 && f.Pattern == "" {
			fields, columns = append(fields, f), append(columns, pgx.Identifier{f.Name}.Sanitize()+"::text")
		}
	}
	former := "NULL"
	if _, has := l.Field("former_commune"); has {
		former = "former_commune::text"
	}
	sql := strings.NewReplacer("{table}", tableOf(l), "{former}", former, "{columns}", strings.Join(columns, ", ")).Replace(textsSQL)
	rows, err := in.Pool.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	var shown, inside trail
	var id int64
	var communes, values []*string
	read := 0
	_, err = pgx.ForEachRow(rows, []any{&id, &communes, &values}, func() error {
		if read++; read%1000 == 0 {
			in.Progress(l.ID, read)
		}
		for i, v := range values {
			if v == nil {
				continue
			}
			t := &inside
			if l.Public.Visible && !fields[i].Hidden {
				t = &shown
			}
			t.look(fmt.Sprintf("%s/%d %s", l.ID, id, fields[i].Name), *v, fields[i], given(communes)...)
		}
		return nil
	})
	mend := "PATCH /collections/" + l.ID + "/items/ID | bando prune --before DATE --yes"
	title := geodata.Text{VI: "lớp " + l.Title.VI, EN: "layer " + l.ID}
	return append(shown.finding("personal_in_public_layer", Error, title, mend), inside.finding("personal_in_layer", Warning, title, mend)...), err
}

func given(texts []*string) []string {
	var all []string
	for _, t := range texts {
		if t != nil {
			all = append(all, *t)
		}
	}
	return all
}

// scan reads rows of a number and a text.
func (in *Installation) scan(ctx context.Context, name, sql string, t *trail) error {
	rows, err := in.Pool.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("read the words of %s: %w", name, err)
	}
	var id int64
	var text string
	_, err = pgx.ForEachRow(rows, []any{&id, &text}, func() error {
		t.look(fmt.Sprintf("%s %d", name, id), text, geodata.Field{})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the words of %s: %w", name, err)
	}
	return nil
}
