package features

import (
	"io"
	"net/http"

	"bando/internal/pages"
	"bando/internal/web"
)

// WriteProblem writes the page of a fault. It asks the database nothing: that may be what is wrong.
func (s *Service) WriteProblem(w io.Writer, r *http.Request, p web.Problem) error {
	lang := web.Language(r)
	return s.Pages.Write(w, pages.Problem{
		Frame: pages.Frame{
			Lang: lang, Site: siteTitle().In(lang), Title: p.Title, Hidden: true,
			Here: s.Origin(r) + r.URL.EscapedPath(), Other: s.inLanguage(r, otherLanguage(lang)),
		},
		Status: p.Status, Code: p.Code, Detail: p.Detail, Field: p.Field, Trace: p.Trace,
	})
}
