package httpapi

import (
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/pages"
)

func revisionTitle(n geodata.Revision, lang string) string {
	return geodata.Text{VI: "lần sửa ", EN: "revision "}.In(lang) + strconv.FormatInt(int64(n), 10)
}

func itemPath(l geodata.Layer, id int64) string {
	return "/collections/" + l.ID + "/items/" + strconv.FormatInt(id, 10)
}

func historyWay(l geodata.Layer, id int64, lang string) pages.Link {
	return pages.Link{Href: itemPath(l, id) + "/history?f=html&lang=" + lang, Title: geodata.Text{VI: "Toàn bộ lịch sử", EN: "The whole history"}.In(lang)}
}

// entriesPage is a table of entries, still empty.
func entriesPage(f pages.Frame, title string) pages.Table {
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
	f.Title, f.Summary, f.Hidden = title, title, true
	return pages.Table{Frame: f, Columns: []string{say("Lúc", "When"), say("Việc", "What"), say("Ai", "Who"), say("Thay đổi", "Change"), say("Lý do", "Why")}}
}

// historyPage is a feature's history for people.
func historyPage(f pages.Frame, l geodata.Layer, id int64, entries []entry, more bool) pages.Page {
	at := itemPath(l, id)
	page := entriesPage(f, geodata.Text{VI: "Lịch sử: ", EN: "History: "}.In(f.Lang)+l.Title.In(f.Lang)+" "+strconv.FormatInt(id, 10))
	page.Rows = rowsOf(at+"/history/", entries, f.Lang)
	page.Ways = []pages.Link{
		{Href: at + "?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Đối tượng như hiện nay", EN: "The feature as it is"}.In(f.Lang)},
		{Href: at + "/proof?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Kiểm tra lịch sử", EN: "Check of the history"}.In(f.Lang)},
	}
	if more {
		older := strconv.FormatInt(int64(entries[len(entries)-1].Revision), 10)
		page.Ways = append(page.Ways, pages.Link{
			Href: at + "/history?f=html&lang=" + f.Lang + "&before=" + older, Title: geodata.Text{VI: "Cũ hơn", EN: "Older"}.In(f.Lang),
		})
	}
	return page
}

// rowsOf are entries as the rows of a table. under is the address before each one's number, "" for none.
func rowsOf(under string, entries []entry, lang string) []pages.Row {
	rows := make([]pages.Row, len(entries))
	for i, e := range entries {
		rows[i] = pages.Row{Name: clock(e.At), Cells: []string{opTitle(e.Op).In(lang), by(e.Who, e.RoleTitle, lang), lines(e, lang), orEmpty(e.Why)}}
		if under != "" {
			rows[i].Href = under + strconv.FormatInt(int64(e.Revision), 10) + "?f=html&lang=" + lang
		}
	}
	return rows
}

// lines tells all differences of an entry in one text.
func lines(e entry, lang string) string {
	list := make([]string, len(e.Difference))
	for i, d := range e.Difference {
		list[i] = d.In(lang)
		if e.Op == geodata.Create { // there was nothing before
			list[i] = strings.Replace(list[i], ": → ", ": ", 1)
		}
	}
	return strings.Join(list, "; ")
}

// by says who did something: the role, and the name where it is told.
func by(who *string, role *geodata.Text, lang string) string {
	var list []string
	if role != nil {
		list = append(list, role.In(lang))
	}
	if who != nil {
		list = append(list, *who)
	}
	return strings.Join(list, ", ")
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// clock writes a moment as in Vietnam.
func clock(at time.Time) string {
	return at.In(time.FixedZone("+07", 7*60*60)).Format("02/01/2006 15:04")
}
