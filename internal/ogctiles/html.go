package ogctiles

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/features"
	"bando/internal/pages"
	"bando/internal/web"
)

// asPage ends the addresses of pages in the language of a page.
func asPage(lang string) string { return "?f=html&lang=" + lang }

// listPage is a page that leads to others.
func listPage(f pages.Frame, title, intro string, lines ...pages.Link) pages.Page {
	f.Title, f.Summary = title, intro
	return pages.List{Frame: f, Intro: intro, Lines: lines}
}

func (s *Service) tilesetsPage(r *http.Request, one tileset) func(pages.Frame) pages.Page {
	return func(f pages.Frame) pages.Page {
		title, intro := text("Bộ ô bản đồ", "Tilesets"), text(
			"Ô bản đồ véc-tơ cho MapLibre, QGIS và các phần mềm đọc Mapbox Vector Tiles.",
			"Vector tiles for MapLibre, QGIS and whatever reads Mapbox Vector Tiles.",
		)
		// The selection of the list is that of the set too: its own address says which.
		href := strings.TrimPrefix(one.Links[0].Href, s.Origin(r))
		sign := "?"
		if strings.Contains(href, "?") {
			sign = "&"
		}
		return listPage(f, title.In(f.Lang)+": "+one.Title, intro.In(f.Lang), pages.Link{
			Href: href + sign + asPage(f.Lang)[1:], Title: one.Title + " (" + setID + ")",
		})
	}
}

func (s *Service) tilesetPage(r *http.Request, d tileset) func(pages.Frame) pages.Page {
	return func(f pages.Frame) pages.Page {
		say := func(vi, en string) string { return text(vi, en).In(f.Lang) }
		list := pages.Link{Href: strings.TrimPrefix(s.root(r), s.Origin(r)) + "/tiles" + asPage(f.Lang), Title: say("Bộ ô bản đồ", "Tilesets")}
		f.Trail = append(slices.Clone(f.Trail), list)
		f.Title, f.Summary = say("Ô bản đồ: ", "Tiles: ")+d.Title, d.Description
		page := pages.Table{
			Frame: f, Intro: d.Description,
			Ways: []pages.Link{{Href: "/tileMatrixSets/" + setID + asPage(f.Lang), Title: say("Lưới ô ", "The tile matrix set ") + setID}},
			Facts: []pages.Fact{
				{Name: say("Địa chỉ của ô", "The tiles' address"), Value: hrefOf(d.Links, "item")},
				{Name: "TileJSON", Value: hrefOf(d.Links, "describedby"), Href: hrefOf(d.Links, "describedby")},
				{Name: say("Định dạng", "Format"), Value: strings.Join(d.MediaTypes, ", ")},
				{Name: say("Phạm vi", "Extent"), Value: pages.Where(extentOf(d.BoundingBox).Bound(), f.Lang)},
			},
			Columns: []string{say("Lớp trong ô", "Layer in the tiles"), say("Tên", "Title"), say("Mức phóng", "Zooms"), say("Thuộc tính", "Attributes")},
		}
		if at := r.PathValue("collection"); at != "" {
			page.Ways = append(page.Ways, pages.Link{Href: "/collections/" + at + "/map?lang=" + f.Lang, Title: say("Xem trên bản đồ", "See it on the map")})
		}
		for _, l := range d.Layers {
			page.Rows = append(page.Rows, pages.Row{Name: l.ID, Cells: []string{
				l.Title, l.MinMatrix + "–" + l.MaxMatrix, strings.Join(titlesOf(l.Properties), ", "),
			}})
		}
		return page
	}
}

func matrixSetsPage(f pages.Frame) pages.Page {
	title, intro := text("Các lưới ô", "Tile matrix sets"), text(
		"Lưới chia mặt đất thành ô ở từng mức phóng.", "How the ground is cut into tiles at each zoom.",
	)
	return listPage(f, title.In(f.Lang), intro.In(f.Lang), pages.Link{Href: "/tileMatrixSets/" + setID + asPage(f.Lang), Title: setID + " – " + setTitle})
}

func matrixSetPage(f pages.Frame) pages.Page {
	say := func(vi, en string) string { return text(vi, en).In(f.Lang) }
	set := webMercatorQuad()
	f.Title, f.Summary = set.ID, set.Title
	f.Trail = append(slices.Clone(f.Trail), pages.Link{Href: "/tileMatrixSets" + asPage(f.Lang), Title: say("Các lưới ô", "Tile matrix sets")})
	page := pages.Table{
		Frame: f, Intro: set.Title,
		Facts: []pages.Fact{
			{Name: "URI", Value: set.URI},
			{Name: say("Hệ tọa độ", "Coordinate system"), Value: set.CRS},
			{Name: say("Cỡ ô", "Tile size"), Value: strconv.Itoa(tilePx) + " × " + strconv.Itoa(tilePx) + " px"},
		},
		Columns: []string{say("Mức", "Matrix"), say("Tỷ lệ 1:", "Scale 1:"), say("Mét mỗi điểm ảnh (ở xích đạo)", "Metres a pixel (at the equator)"), say("Số ô mỗi chiều", "Tiles each way")},
	}
	for _, m := range set.TileMatrices {
		page.Rows = append(page.Rows, pages.Row{Name: m.ID, Cells: []string{
			strconv.FormatFloat(m.ScaleDenominator, 'f', 0, 64), strconv.FormatFloat(m.CellSize, 'g', 6, 64), strconv.Itoa(m.MatrixWidth),
		}})
	}
	return page
}

// stylesPage leads to the styles, and to the maps that show them.
func stylesPage(r *http.Request, list []styleEntry) func(pages.Frame) pages.Page {
	return func(f pages.Frame) pages.Page {
		title, intro := text("Kiểu hiển thị", "Styles"), text(
			"Cách vẽ bản đồ (MapLibre style) cho phần mềm; mỗi lớp có một trang bản đồ để xem ngay.",
			"How the map is drawn (MapLibre styles), for programs; each collection has a map to look at.",
		)
		f.Title, f.Summary = title.In(f.Lang), intro.In(f.Lang)
		page := pages.Table{
			Frame: f, Intro: intro.In(f.Lang), Columns: []string{text("Bản đồ", "Map").In(f.Lang), text("Mã", "Id").In(f.Lang), "MapLibre"},
		}
		for _, one := range list {
			row := pages.Row{Name: one.Title, Href: "/collections/" + one.ID + "/map?lang=" + web.Language(r), Cells: []string{one.ID, one.Links[0].Href}}
			if one.ID == communeStyle {
				row.Href = "/"
			}
			page.Rows = append(page.Rows, row)
		}
		return page
	}
}

func hrefOf(links []features.Link, rel string) string {
	if i := slices.IndexFunc(links, func(l features.Link) bool { return l.Rel == rel }); i >= 0 {
		return links[i].Href
	}
	return ""
}

// extentOf is the box in degrees.
func extentOf(b boundingBox) geodata.Extent {
	return geodata.Extent{b.LowerLeft[0], b.LowerLeft[1], b.UpperRight[0], b.UpperRight[1]}
}

// titlesOf are the titles of a schema's properties, in the order of the alphabet.
func titlesOf(schema map[string]any) []string {
	var list []string
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		title := ""
		if p, ok := p.(map[string]any); ok {
			title, _ = p["title"].(string)
		}
		if title == "" {
			title = name
		}
		list = append(list, title)
	}
	slices.Sort(list)
	return list
}
