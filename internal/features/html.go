package features

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/pages"
	"bando/internal/web"
)

// writePage writes a document's HTML twin.
func (s *Service) writePage(w io.Writer, r *http.Request, kind string, doc any, links []Link) error {
	f := s.frame(r, links)
	var page pages.Page
	switch d := doc.(type) {
	case collections:
		page = s.cataloguePage(f, d)
	case collection:
		l, err := s.layer(r)
		if err != nil {
			return err
		}
		page = s.collectionPage(r, f, l, d)
	case conformance:
		page = listPage(f, geodata.Text{VI: "Các lớp tuân thủ", EN: "Conformance classes"}, geodata.Text{
			VI: "Những phần của các tiêu chuẩn OGC API mà máy chủ này đáp ứng.", EN: "The parts of the OGC API standards that this server meets.",
		}, d.ConformsTo)
	case functions:
		lines := make([]string, len(d.Functions))
		for i, one := range d.Functions {
			args := make([]string, len(one.Arguments))
			for k, a := range one.Arguments {
				args[k] = strings.Join(a.Type, " | ")
			}
			lines[i] = one.Name + "(" + strings.Join(args, ", ") + ") → " + strings.Join(one.Returns, " | ")
		}
		page = listPage(f, geodata.Text{VI: "Hàm của bộ lọc", EN: "Functions of filters"}, geodata.Text{
			VI: "Các hàm gọi được trong tham số filter (CQL2).", EN: "The functions that the parameter filter (CQL2) can call.",
		}, lines)
	case featurePage:
		if kind == "items" {
			return s.writeItemsPage(w, r, d.Layer, d.GeoJSON, d.Links)
		}
		return s.writeItemPage(w, r, d.Layer, d.GeoJSON, d.Links)
	case Node:
		page = s.nodePage(r, f, kind, d)
	default:
		return fmt.Errorf("there is no page for a document of kind %s (%T)", kind, doc)
	}
	return s.Pages.Write(w, page)
}

// nodePage is the page of a document that is made as a JSON object.
func (s *Service) nodePage(r *http.Request, f pages.Frame, kind string, doc Node) pages.Page {
	if kind == "api" {
		return operationsPage(f, doc)
	}
	l, err := s.layer(r)
	if err != nil { // it was found to make the document
		l = geodata.Layer{}
	}
	name := geodata.Text{VI: "Lược đồ", EN: "Schema"}
	intro := geodata.Text{VI: "Các thuộc tính của đối tượng trong lớp này.", EN: "The attributes of this collection's features."}
	switch kind {
	case "sortables":
		name = geodata.Text{VI: "Thuộc tính sắp xếp được", EN: "Sortables"}
		intro = geodata.Text{VI: "Các thuộc tính dùng được trong tham số sortby.", EN: "The attributes that the parameter sortby takes."}
	case "queryables":
		name = geodata.Text{VI: "Thuộc tính lọc được", EN: "Queryables"}
		intro = geodata.Text{
			VI: "Các thuộc tính dùng được trong tham số filter (CQL2) và làm tham số của /items.",
			EN: "The attributes that the parameter filter (CQL2) and the parameters of /items can ask for.",
		}
	}
	f.Title = l.Title.In(f.Lang) + ": " + name.In(f.Lang)
	told, _ := doc["properties"].(Node)
	fields := slices.DeleteFunc(s.fields(r, l), func(field pages.Field) bool { return told[field.Name] == nil })
	return pages.Fields{Frame: f, Intro: intro.In(f.Lang), Fields: fields}
}

// frame is what every page of a request has.
func (s *Service) frame(r *http.Request, links []Link) pages.Frame {
	lang := web.Language(r)
	title, notice := siteTitle(), geodata.Text{}
	if s.Site != nil {
		t, n, err := s.Site(r.Context())
		if err != nil {
			s.Log.LogAttrs(r.Context(), slog.LevelWarn, "a page is without the commune's name", slog.String("error", err.Error()))
		} else {
			title, notice = t, n
		}
	}
	f := pages.Frame{
		Lang: lang, Site: title.In(lang), Notice: notice.In(lang), Here: s.Origin(r) + r.URL.EscapedPath() + "?f=html",
		Other: s.inLanguage(r, otherLanguage(lang)), Trail: s.trail(r, lang),
	}
	for _, l := range links {
		if l.Rel == "alternate" && l.Type != typeHTML {
			f.Formats = append(f.Formats, pages.Link{Href: l.Href, Title: formatTitle(l.Type), Type: l.Type})
		}
	}
	return f
}

func otherLanguage(lang string) string {
	if lang == "en" {
		return "vi"
	}
	return "en"
}

// inLanguage is the page that was asked for, in a language.
func (s *Service) inLanguage(r *http.Request, lang string) string {
	values := r.URL.Query()
	values.Set("f", "html")
	values.Set("lang", lang)
	return s.Origin(r) + r.URL.EscapedPath() + "?" + values.Encode()
}

func formatTitle(kind string) string {
	switch kind {
	case typeGeoJSON:
		return "GeoJSON"
	case typeSchema:
		return "JSON Schema"
	case typeOpenAPI:
		return "OpenAPI 3.0"
	case typeOpenAPI31:
		return "OpenAPI 3.1"
	default:
		return "JSON"
	}
}

// trail leads from the catalogue to the page above the one that was asked for.
func (s *Service) trail(r *http.Request, lang string) []pages.Link {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	as := "?f=html&lang=" + lang
	if len(parts) < 2 || parts[0] != "collections" {
		return nil
	}
	trail := []pages.Link{{Href: "/collections" + as, Title: geodata.Text{VI: "Danh mục", EN: "Catalogue"}.In(lang)}}
	l, err := s.Store.Layer(parts[1], s.Who(r))
	if err != nil || len(parts) < 3 {
		return trail
	}
	at := "/collections/" + l.ID
	trail = append(trail, pages.Link{Href: at + as, Title: l.Title.In(lang)})
	if len(parts) > 3 && parts[2] == "items" {
		trail = append(trail, pages.Link{Href: at + "/items" + as, Title: geodata.Text{VI: "Đối tượng", EN: "Features"}.In(lang)})
	}
	return trail
}

// cataloguePage lists the collections by theme.
func (s *Service) cataloguePage(f pages.Frame, d collections) pages.Page {
	f.Title = geodata.Text{VI: "Danh mục dữ liệu", EN: "Data catalogue"}.In(f.Lang)
	f.Summary = geodata.Text{
		VI: "Các lớp dữ liệu bản đồ của xã: xem, lọc và tải về theo các tiêu chuẩn OGC API.",
		EN: "The commune's map data: to be seen, filtered and downloaded by the OGC API standards.",
	}.In(f.Lang)
	page := pages.Catalogue{Frame: f, Ways: []pages.Link{
		{Href: "/", Title: geodata.Text{VI: "Mở bản đồ", EN: "Open the map"}.In(f.Lang)},
		{Href: "/api?f=html&lang=" + f.Lang, Title: "API"},
		{Href: "/conformance?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Các lớp tuân thủ", EN: "Conformance classes"}.In(f.Lang)},
		{Href: "/tiles?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Bộ ô bản đồ", EN: "Tilesets"}.In(f.Lang)},
		{Href: "/styles?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Kiểu hiển thị", EN: "Styles"}.In(f.Lang)},
		{Href: "/functions?f=html&lang=" + f.Lang, Title: geodata.Text{VI: "Hàm của bộ lọc", EN: "Functions of filters"}.In(f.Lang)},
	}}
	var sets []pages.Dataset
	for _, t := range geodata.Themes() {
		theme := pages.Theme{Title: t.Title().In(f.Lang)}
		for _, c := range d.Collections {
			l, err := s.Store.Catalogue().Layer(c.ID)
			if err != nil || l.Theme != t {
				continue
			}
			theme.Collections = append(theme.Collections, pages.Entry{
				Href: "/collections/" + c.ID + "?f=html&lang=" + f.Lang, ID: c.ID, Title: c.Title, Description: c.Description, Count: geometryTitle(l.Geometry).In(f.Lang),
			})
			sets = append(sets, pages.Dataset{Here: selfOf(c.Links), ID: c.ID, Title: c.Title, Language: f.Lang})
		}
		if len(theme.Collections) > 0 {
			page.Themes = append(page.Themes, theme)
		}
	}
	page.Linked = pages.CatalogueData(f.Here, f.Title, f.Site, f.Lang, sets)
	return page
}

func selfOf(links []Link) string {
	if i := slices.IndexFunc(links, func(l Link) bool { return l.Rel == "self" }); i >= 0 {
		return links[i].Href
	}
	return ""
}

// geometryTitle names what the features of a layer are.
func geometryTitle(g geodata.Geometry) geodata.Text {
	switch g {
	case geodata.Point:
		return geodata.Text{VI: "điểm", EN: "points"}
	case geodata.LineString, geodata.MultiLineString:
		return geodata.Text{VI: "đường", EN: "lines"}
	case geodata.MultiPolygon:
		return geodata.Text{VI: "vùng", EN: "areas"}
	case geodata.None:
		return geodata.Text{VI: "bảng, không có vị trí", EN: "table, without places"}
	default:
		return geodata.Text{VI: "điểm, đường và vùng", EN: "points, lines and areas"}
	}
}

// collectionPage describes a collection.
func (s *Service) collectionPage(r *http.Request, f pages.Frame, l geodata.Layer, d collection) pages.Page {
	f.Title, f.Summary = d.Title, d.Description
	as := "?f=html&lang=" + f.Lang
	page := pages.Collection{Frame: f, Description: d.Description, Fields: s.fields(r, l)}
	set := pages.Dataset{
		Here: s.collectionURL(r, l), ID: l.ID, Title: d.Title, Description: d.Description, Language: f.Lang, Publisher: f.Site,
		Keywords: []string{string(l.Theme)},
	}
	for _, one := range d.Links {
		title := one.Title
		switch {
		case one.Rel == "self" || one.Rel == "alternate" || title == "":
			continue
		case one.Rel == "items":
			title = geodata.Text{VI: "Xem các đối tượng", EN: "See the features"}.In(f.Lang)
			set.Distributions = append(set.Distributions, pages.Link{Href: one.Href + "?f=json", Title: "GeoJSON", Type: typeGeoJSON})
		}
		way := pages.Link{Href: one.Href, Title: title, Type: one.Type}
		if one.Type != typeHTML && one.Rel != "describedby" { // which are a page already, and TileJSON
			way.Href, way.Type = one.Href+as, typeHTML
		}
		page.Ways = append(page.Ways, way)
	}
	page.Facts = []pages.Fact{
		{Name: geodata.Text{VI: "Mã lớp", EN: "Id"}.In(f.Lang), Value: l.ID},
		{Name: geodata.Text{VI: "Hình học", EN: "Geometry"}.In(f.Lang), Value: geometryTitle(l.Geometry).In(f.Lang)},
	}
	if held, err := s.Overview.Summary(r.Context(), l, s.Who(r)); err == nil { // it was known to make the document
		page.Facts = append(page.Facts, pages.Fact{Name: geodata.Text{VI: "Số đối tượng", EN: "Features"}.In(f.Lang), Value: strconv.FormatInt(held.Count, 10)})
		if box := held.Extent; box != nil {
			bound := boundOf(*box)
			set.Bounds = &bound
			page.Facts = append(page.Facts, pages.Fact{Name: geodata.Text{VI: "Phạm vi", EN: "Extent"}.In(f.Lang), Value: pages.Where(bound, f.Lang)})
		}
	}
	systems := make([]string, len(d.CRS))
	for i, uri := range d.CRS {
		systems[i] = crsTitle(uri)
	}
	page.Facts = append(page.Facts, pages.Fact{Name: geodata.Text{VI: "Hệ tọa độ", EN: "Coordinate systems"}.In(f.Lang), Value: strings.Join(systems, ", ")})
	page.Linked = set.Linked()
	return page
}

// crsTitle is the short name of a coordinate system's address: EPSG:9205, CRS84.
func crsTitle(uri string) string {
	name := uri[strings.LastIndexByte(uri, '/')+1:]
	if strings.Contains(uri, "/EPSG/") {
		return "EPSG:" + name
	}
	return name
}

// listPage is a page with a list of texts.
func listPage(f pages.Frame, title, intro geodata.Text, lines []string) pages.Page {
	f.Title = title.In(f.Lang)
	page := pages.List{Frame: f, Intro: intro.In(f.Lang)}
	for _, line := range lines {
		page.Lines = append(page.Lines, pages.Link{Title: line})
	}
	return page
}
