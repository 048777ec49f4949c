package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

// Hit is a feature found by its name or code.
type Hit struct {
	Layer string
	ID    int64
	Name  string
	Code  string
	// HamletID is the hamlet it belongs to; zero when that is not known.
	HamletID int64
	// Center lies on the feature, Box around it; nil when it has no place.
	Center *[2]float64
	Box    *geodata.Extent
}

// Search finds features of all layers that the person sees, by name or code, with or without diacritics. Hits that are
// written as they were typed come first, then those that only fold alike; whole names before beginnings before insides.
// Text inside a name is looked for when beginnings alone do not fill the limit; inside a code it is not.
func (s *Store) Search(ctx context.Context, text string, who auth.Person, limit int) ([]Hit, error) {
	text = strings.TrimSpace(norm.NFC.String(text))
	if text == "" || limit <= 0 || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return []Hit{}, nil
	}
	var folded string
	if err := s.pool.QueryRow(ctx, statement("fold"), text).Scan(&folded); err != nil {
		return nil, pg.Fault(fmt.Errorf("fold the searched text: %w", err))
	}
	if folded == "" {
		return []Hit{}, nil
	}
	hits, err := s.hits(ctx, "search_prefix", []any{folded, folded + "\U0010FFFF"}, text, who, limit)
	if err != nil || len(hits) >= limit || utf8.RuneCountInString(folded) < 2 {
		return hits, err
	}
	more, err := s.hits(ctx, "search_inside", []any{folded}, text, who, limit)
	if err != nil {
		return nil, err
	}
	return merge(hits, more, limit), nil
}

// merge adds hits that are not there yet. Hits inside names that are written as typed still come after beginnings.
func merge(hits, more []Hit, limit int) []Hit {
	seen := make(map[string]bool, len(hits))
	for _, h := range hits {
		seen[h.Layer+"/"+strconv.FormatInt(h.ID, 10)] = true
	}
	for _, h := range more {
		if len(hits) < limit && !seen[h.Layer+"/"+strconv.FormatInt(h.ID, 10)] {
			hits = append(hits, h)
		}
	}
	return hits
}

// hits asks every layer that the person sees with one statement. The args are what the layers' part compares with.
func (s *Store) hits(ctx context.Context, part string, args []any, text string, who auth.Person, limit int) ([]Hit, error) {
	var parts, order, base []string
	v := &view{args: args}
	for _, l := range s.catalogue.Layers() {
		if _, err := s.Layer(l.ID, who); err != nil {
			continue
		}
		v = s.viewAfter(l, who, v.args)
		// What the reader does not see must not be found out by searching for it.
		parts = append(parts, statement(part, "{layer}", v.arg(l.ID), "{table}", v.sh.table, "{where}", v.rows(), "{geometry}", v.geometry(),
			"{name}", v.seen("name", "text"), "{code}", v.seen("code", "text"), "{hamlet}", v.seen("hamlet_id", "bigint")))
		// What lies on top is likelier meant; the ground that all of it lies on, least of all.
		if l.Theme == geodata.Base {
			base = append([]string{l.ID}, base...)
		} else {
			order = append([]string{l.ID}, order...)
		}
	}
	order = append(order, base...)
	if len(parts) == 0 {
		return []Hit{}, nil
	}
	sql := statement("search", "{hits}", strings.Join(parts, "\nUNION ALL\n"), "{q}", v.arg(text)+"::text", "{order}", v.arg(order), "{limit}", v.arg(limit))
	rows, err := s.pool.Query(ctx, sql, v.args...)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("search: %w", err))
	}
	hits, err := pgx.CollectRows(rows, readHit)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("search: %w", err))
	}
	return hits, nil
}

// seen is the attribute, or null where the reader does not see it.
func (v *view) seen(name, sqlType string) string {
	if _, ok := findField(v.fields, name); ok {
		return "f." + ident(name)
	}
	return "NULL::" + sqlType
}

func readHit(row pgx.CollectableRow) (Hit, error) {
	var h Hit
	var hamlet *int64
	var lon, lat, west, south, east, north *float64
	err := row.Scan(&h.Layer, &h.ID, &h.Name, &h.Code, &hamlet, &lon, &lat, &west, &south, &east, &north)
	if hamlet != nil {
		h.HamletID = *hamlet
	}
	if lon != nil && lat != nil {
		h.Center = &[2]float64{*lon, *lat}
	}
	if west != nil {
		h.Box = &geodata.Extent{*west, *south, *east, *north}
	}
	return h, err
}
