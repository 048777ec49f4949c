package ogctiles

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/features"
	"bando/internal/web"
	"bando/tiles/serve"
)

//go:embed preview.html
var previewHTML string

// parsePreview reads the page of one collection's map. It is embedded, so that only a test can find it broken.
func parsePreview() *template.Template {
	return template.Must(template.New("preview").Parse(previewHTML))
}

// previewPage is what the page says. Its script, assets/preview.js of the web app, reads the map's attributes.
type previewPage struct {
	Lang, Title, Description string
	Style, Items, Moment     string
	Box                      geodata.Extent
	Links                    []features.Link
	Words                    map[string]string
}

// preview answers GET /collections/{collection}/map with a page that shows the collection on the map.
func (s *Service) preview(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r.PathValue("collection"), s.Audience(r))
	if err != nil {
		return err
	}
	place, err := s.Place(r.Context())
	if err != nil {
		return err
	}
	_, moment, err := serve.Moment(r)
	if err != nil {
		return err
	}
	then := strings.Replace(layers.AtMoment(moment), "?", "&", 1)
	lang, at := web.Language(r), "/collections/"+l.ID
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(lang) }
	page := previewPage{
		Lang: lang, Title: l.Title.In(lang), Description: l.Description.In(lang),
		Style: "/styles/" + l.ID + ".json?lang=" + lang + then, Items: at + "/items", Moment: moment, Box: s.whereabouts(r, l, place),
		Links: []features.Link{
			{Href: at + "?lang=" + lang, Title: say("Mô tả", "About")},
			{Href: at + "/items?lang=" + lang + then, Title: say("Dữ liệu", "Features")},
			{Href: at + "/tiles/" + setID + "?lang=" + lang + then, Title: say("Ô bản đồ", "Tiles")},
			{Href: "/styles/" + l.ID + ".json?lang=" + lang + then, Title: say("Kiểu hiển thị", "Style")},
			{Href: "/", Title: say("Toàn bộ bản đồ", "The whole map")},
		},
		Words: map[string]string{
			"map":    say("Bản đồ lớp ", "Map of ") + l.Title.In(lang),
			"hint":   say("Chạm vào một đối tượng để xem thông tin.", "Tap a feature to read about it."),
			"script": say("Bản đồ cần JavaScript và WebGL 2.", "The map needs JavaScript and WebGL 2."),
			"links":  say("Dữ liệu của lớp này", "This layer's data"),
			"moment": say("Dữ liệu vào thời điểm", "The data as of"),
			"in":     say("Phóng to", "Zoom in"), "out": say("Thu nhỏ", "Zoom out"),
			"other": say("English", "Tiếng Việt"), "otherLang": say("en", "vi"),
		},
	}
	var body bytes.Buffer
	if err := parsePreview().Execute(&body, page); err != nil {
		return fmt.Errorf("write the page of a collection's map: %w", err)
	}
	s.readersHeaders(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(body.Bytes())
	return err
}
