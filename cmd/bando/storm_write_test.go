package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// writing is what a writer has done to its slots in one revision.
type writing struct {
	slots     []*slot
	revision  int64
	committed time.Time
	// by is the server that acknowledged it; nil for an edit in the database itself.
	by *stage
}

// writer makes edits.
type writer interface {
	write(ctx context.Context, m *model, chance *rand.Rand) (writing, error)
}

// apiWriter edits over HTTP with a session.
type apiWriter struct {
	browser *browser
	stage   *stage
	pool    *pgxpool.Pool // to ask for the revision of a deletion, which the answer does not tell
	slots   []*slot
}

func (w *apiWriter) write(ctx context.Context, m *model, chance *rand.Rand) (writing, error) {
	s := w.slots[chance.IntN(len(w.slots))]
	was, next := s.now(), s.next(chance)
	m.intend(s, next)
	revision, err := w.send(ctx, s, was, next, chance)
	if err != nil {
		return writing{}, err
	}
	m.kept(s, revision)
	w.stage.acknowledge(revision)
	return writing{[]*slot{s}, revision, time.Now(), w.stage}, nil
}

func (w *apiWriter) send(ctx context.Context, s *slot, was, next state, chance *rand.Rand) (int64, error) {
	items := "/collections/" + s.layer.ID + "/items"
	one := fmt.Sprintf("%s/%d", items, s.id)
	match := `"` + strconv.FormatInt(was.revision, 10) + `"`
	if chance.IntN(3) == 0 {
		match = "*"
	}
	body := object{"type": "Feature", "properties": properties(s, next), "geometry": next.shape.geoJSON()}
	switch {
	case was.code == "":
		head, err := w.do(ctx, http.MethodPost, items, body, "", http.StatusCreated)
		if err != nil {
			return 0, err
		}
		place := head.Get("Location")
		if s.id, err = strconv.ParseInt(place[strings.LastIndex(place, "/")+1:], 10, 64); err != nil {
			return 0, err
		}
		return revisionIn(head)
	case next.code == "":
		if _, err := w.do(ctx, http.MethodDelete, one, nil, match, http.StatusNoContent); err != nil {
			return 0, err
		}
		var revision int64
		err := w.pool.QueryRow(ctx, `SELECT revision FROM bando.log WHERE layer = $1 AND feature = $2 ORDER BY revision DESC LIMIT 1`,
			s.layer.ID, s.id).Scan(&revision)
		return revision, err
	default:
		if &was.shape[0] == &next.shape[0] {
			body = object{"properties": object{"code": next.code}}
		}
		head, err := w.do(ctx, http.MethodPatch, one, body, match, http.StatusOK)
		if err != nil {
			return 0, err
		}
		return revisionIn(head)
	}
}

func revisionIn(head http.Header) (int64, error) {
	return strconv.ParseInt(strings.Trim(head.Get("ETag"), `"`), 10, 64)
}

func (w *apiWriter) do(ctx context.Context, method, path string, body any, match string, want int) (http.Header, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, *w.stage.address.Load()+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-CSRF-Token", w.browser.csrf)
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	answer, err := w.browser.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %s\n%s", method, path, answer.Status, tail(string(said), 500))
	}
	return answer.Header, err
}

// properties are those that a layer's features cannot be without.
func properties(s *slot, next state) object {
	p := object{"code": next.code}
	switch s.layer.ID {
	case "places":
		p["name"], p["class"] = next.code, "hamlet"
	case "roads":
		p["name"], p["class"] = next.code, "track"
	case "hamlets":
		p["name"] = next.code
	case "facilities":
		p["name"], p["kind"] = next.code, "other"
	case "tourism_sites":
		p["name"], p["kind"], p["published"] = next.code, "site", !next.hidden
	case "parcels":
		_, version, _ := strings.Cut(next.code, ".")
		p["former_commune"], p["sheet"], p["number"] = "99001", s.serial, version
	}
	return p
}

func (g shape) geoJSON() object {
	switch len(g) {
	case 0:
		return nil
	case 1:
		return object{"type": "Point", "coordinates": g[0]}
	case 2:
		return object{"type": "MultiLineString", "coordinates": []any{g}}
	default:
		return object{"type": "MultiPolygon", "coordinates": []any{[]any{append(append(shape{}, g...), g[0])}}}
	}
}
