package httpapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/pages"
)

// revisionsPage is the feed of changes for people.
func (a *API) revisionsPage(f pages.Frame, acts []act, older string) pages.Page {
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
	f.Title, f.Hidden = say("Nhật ký thay đổi", "Changes"), true
	f.Summary = say("Mỗi dòng là một lần sửa: những gì một người làm cùng một lúc, mới nhất ở trên.", "Each line is a revision: what somebody did at once, the newest first.")
	page := pages.Table{Frame: f, Intro: f.Summary, Columns: []string{
		say("Lần sửa", "Revision"), say("Lúc", "When"), say("Ai", "Who"), say("Việc", "What"), say("Đối tượng", "Features"), say("Lý do", "Why"),
	}}
	for _, one := range acts {
		names := make([]string, len(one.Features))
		for i, t := range one.Features {
			names[i] = a.calledIn(t, f.Lang)
		}
		n := strconv.FormatInt(int64(one.Revision), 10)
		page.Rows = append(page.Rows, pages.Row{Href: "/revisions/" + n + "?f=html&lang=" + f.Lang, Name: n, Cells: []string{
			clock(one.At), by(one.Who, one.RoleTitle, f.Lang), a.amount(one, f.Lang), strings.Join(names, ", "), orEmpty(one.Why),
		}})
	}
	if older != "" {
		page.Ways = []pages.Link{{Href: older + "&f=html&lang=" + f.Lang, Title: say("Cũ hơn", "Older")}}
	}
	return page
}

// amount says how much a revision did: "Bản, tổ dân phố: 3; thêm 1, sửa 2".
func (a *API) amount(one act, lang string) string {
	var list, ops []string
	for _, id := range slices.Sorted(maps.Keys(one.Collections)) {
		list = append(list, a.titleOf(id, lang)+": "+strconv.FormatInt(one.Collections[id], 10))
	}
	for _, op := range []geodata.Op{geodata.Create, geodata.Update, geodata.Delete} {
		if n := one.Counts[op]; n > 0 {
			ops = append(ops, strings.ToLower(opTitle(op).In(lang))+" "+strconv.FormatInt(n, 10))
		}
	}
	text := strings.Join(list, ", ") + "; " + strings.Join(ops, ", ")
	if one.Reverts != nil {
		text += geodata.Text{VI: "; hoàn tác ", EN: "; takes back "}.In(lang) + revisionTitle(*one.Reverts, lang)
	}
	if one.RevertedBy != nil {
		text += geodata.Text{VI: "; đã được hoàn tác bởi ", EN: "; taken back by "}.In(lang) + revisionTitle(*one.RevertedBy, lang)
	}
	return text
}

func (a *API) titleOf(layer, lang string) string {
	l, err := a.Store.Catalogue().Layer(layer)
	if err != nil {
		return layer
	}
	return l.Title.In(lang)
}

func (a *API) calledIn(t touched, lang string) string {
	if t.Name != nil {
		return *t.Name
	}
	return a.titleOf(t.Collection, lang) + " " + strconv.FormatInt(t.ID, 10)
}

// revisionPage is one revision for people.
func (a *API) revisionPage(f pages.Frame, one act, entries []placed, next string) pages.Page {
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
	f.Title, f.Hidden = say("Lần sửa ", "Revision ")+strconv.FormatInt(int64(one.Revision), 10), true
	f.Summary = f.Title
	page := pages.Table{Frame: f, Facts: []pages.Fact{
		{Name: say("Lúc", "When"), Value: clock(one.At)},
		{Name: say("Ai", "Who"), Value: by(one.Who, one.RoleTitle, f.Lang)},
		{Name: say("Việc", "What"), Value: a.amount(one, f.Lang)},
		{Name: say("Lý do", "Why"), Value: orEmpty(one.Why)},
	}, Columns: []string{say("Đối tượng", "Feature"), say("Lớp", "Collection"), say("Việc", "What"), say("Thay đổi", "Change")}, Ways: []pages.Link{
		{Href: "/revisions?f=html&lang=" + f.Lang, Title: say("Nhật ký thay đổi", "Changes")},
	}}
	for _, e := range entries {
		page.Rows = append(page.Rows, pages.Row{
			Href: "/collections/" + e.Collection + "/items/" + strconv.FormatInt(e.ID, 10) + "/history?f=html&lang=" + f.Lang,
			Name: a.calledIn(touched{Collection: e.Collection, ID: e.ID, Name: e.Name}, f.Lang), Cells: []string{a.titleOf(e.Collection, f.Lang), opTitle(e.Op).In(f.Lang), lines(e.entry, f.Lang)},
		})
	}
	if next != "" {
		page.Ways = append(page.Ways, pages.Link{Href: next + "&f=html&lang=" + f.Lang, Title: say("Tiếp theo", "Next")})
	}
	return page
}
