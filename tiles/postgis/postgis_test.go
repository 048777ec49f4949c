package postgis_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/tiles"
	"bando/tiles/postgis"
)

func text(s string) geodata.Text { return geodata.Text{VI: s, EN: s} }

// catalogue has a layer for each rule that tiles follow.
func catalogue() *geodata.Catalogue {
	field := func(name string, t geodata.FieldType, from *int) geodata.Field {
		return geodata.Field{Name: name, Title: text(name), Type: t, TileFrom: from}
	}
	secret := field("secret", geodata.String, new(0))
	secret.Hidden = true
	return geodata.NewCatalogue([]geodata.Layer{
		{
			ID: "areas", Title: text("Areas"), Geometry: geodata.MultiPolygon,
			Fields: []geodata.Field{
				field("count", geodata.Integer, new(0)), field("share", geodata.Number, new(0)),
				field("agreed", geodata.Boolean, new(0)), field("since", geodata.Date, new(0)),
				field("seen", geodata.DateTime, new(0)), field("kinds", geodata.Strings, new(0)),
				field("parts", geodata.Object, new(0)), field("centre", geodata.Place, new(0)),
				field("deep", geodata.String, new(16)), field("never", geodata.String, nil), secret,
			},
			Public: geodata.Visibility{Visible: true, MinZoom: 12},
			Tile:   geodata.TileRule{MinZoom: 8, MaxZoom: 20, LabelPoint: true},
			Style:  geodata.Style{Kind: "fill", LabelFrom: 14.5},
		},
		{
			ID: "spots", Title: text("Spots"), Geometry: geodata.Point,
			Fields: []geodata.Field{field("state", geodata.String, new(0)), field("open", geodata.Boolean, nil)},
			Public: geodata.Visibility{Visible: true, When: []geodata.Condition{
				{Field: "open", Is: "in", Values: []string{"true"}},
				{Field: "state", Is: "not_in", Values: []string{"draft", "it's"}},
				{Field: "code", Is: "set"},
			}},
		},
		{
			ID: "masts", Title: text("Masts"), Geometry: geodata.Point,
			Public: geodata.Visibility{Visible: true, RoundM: 500},
		},
		{ID: "inner", Title: text("Inner"), Geometry: geodata.LineString},
		{ID: "skipped", Title: text("Skipped"), Geometry: geodata.Point, Public: geodata.Visibility{Visible: true}, Tile: geodata.TileRule{Skip: true}},
		{ID: "figures", Title: text("Figures"), Geometry: geodata.None, Public: geodata.Visibility{Visible: true}},
	})
}

func pool(t testing.TB, name string, cat *geodata.Catalogue) *pgxpool.Pool {
	t.Helper()
	dsn := pgtest.Database(t, name, func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, cat, slog.New(slog.DiscardHandler))
	})
	p, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func source(db postgis.Querier, cat *geodata.Catalogue) *postgis.Source {
	return postgis.New(postgis.Config{DB: db, Catalogue: cat, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault})
}

func exec(t testing.TB, p *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := p.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Around 103.67273 E 22.3442 N, the middle of Bình Lư.
const (
	z14x, z14y = 12910, 7148
	z15x, z15y = 25820, 14296
)

func ask(t testing.TB, audience geodata.Audience, z, x, y int64, layers ...string) tiles.Request {
	t.Helper()
	c, err := tiles.NewCoord(z, x, y)
	if err != nil {
		t.Fatal(err)
	}
	return tiles.Request{Layers: layers, Audience: string(audience), Coord: c}
}
