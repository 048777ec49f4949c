package layers_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/internal/store"
	"bando/tiles"
	"bando/tiles/postgis"
)

// wells is a declaration as somebody would write it: nothing else is told to any part of the program.
const wells = `{
	"id": "wells", "title": {"vi": "Giếng nước", "en": "Wells"}, "description": {"vi": "Giếng nước công cộng.", "en": "Public wells."},
	"theme": "resources", "geometry": "Point", "order": 700,
	"fields": [
		{"name": "state", "title": {"vi": "Tình trạng", "en": "State"}, "type": "string", "required": true, "default": "good", "tileFrom": 0,
		 "enum": [{"value": "good", "title": {"vi": "Dùng tốt", "en": "Good"}, "color": "#2a8a4a"}, {"value": "dry", "title": {"vi": "Cạn", "en": "Dry"}, "color": "#d55e00"}]},
		{"name": "depth_m", "title": {"vi": "Độ sâu", "en": "Depth"}, "type": "number", "unit": "m", "min": 0, "max": 300},
		{"name": "keeper_note", "title": {"vi": "Ghi chú nội bộ", "en": "Internal note"}, "type": "string", "hidden": true}
	],
	"edit": [{"roles": ["land_officer", "admin"]}],
	"public": {"visible": true},
	"tile": {"minZoom": 10, "maxZoom": 16},
	"style": {"kind": "circle", "color": "#2a8a4a", "by": "state", "label": "name", "labelFrom": 14, "on": true}
}`

// Adding a layer is adding one declaration: table, constraints, log, edits, features, tiles, schema, legend and style follow.
func TestAddingALayerIsAddingOneDeclaration(t *testing.T) {
	l, err := layers.Parse("wells", []byte(wells))
	if err != nil {
		t.Fatal(err)
	}
	builtin, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	catalogue := geodata.NewCatalogue(append(slices.Clone(builtin.Layers()), l))
	dsn := pgtest.Database(t, "with a layer added", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	db := store.New(pool, catalogue)

	t.Run("table and edit", func(t *testing.T) {
		officer := auth.Person{Account: 1, Name: "dia_chinh", Role: geodata.LandOfficer}
		put := func(who auth.Person, properties map[string]any) (edit.Result, error) {
			return edit.New(db).Apply(t.Context(), who, edit.Batch{Via: "api", Changes: func(yield func(geodata.Change, error) bool) {
				yield(geodata.Change{Layer: "wells", Op: geodata.Create, Geometry: orb.Point{103.62, 22.34}, HasGeometry: true, Properties: properties}, nil)
			}})
		}
		if _, err := put(officer, map[string]any{"name": "Giếng bản", "state": "dry", "depth_m": 12.5, "keeper_note": "khóa cổng"}); err != nil {
			t.Fatal(err)
		}
		if _, err := put(officer, map[string]any{"state": "full"}); err == nil {
			t.Error("a state that is not declared was kept")
		}
		if _, err := put(auth.Person{Account: 2, Name: "du_lich", Role: geodata.TourismStaff}, map[string]any{"state": "good"}); err == nil {
			t.Error("a role that is not granted wrote")
		}
		if _, err := pool.Exec(t.Context(), "INSERT INTO layer.wells (state, depth_m) VALUES ('dry', 900)"); err == nil {
			t.Error("the table took a depth out of its range")
		}
		var entries int
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM bando.log WHERE layer = 'wells'").Scan(&entries); err != nil || entries != 1 {
			t.Errorf("%d entries in the log, %v", entries, err)
		}
	})
	t.Run("features", func(t *testing.T) {
		var got string
		for item, err := range db.Items(t.Context(), store.Query{Layer: "wells", Limit: 10}) {
			if err != nil {
				t.Fatal(err)
			}
			got += string(item.JSON)
		}
		if !strings.Contains(got, "Giếng bản") || !strings.Contains(got, `"dry"`) || strings.Contains(got, "khóa cổng") {
			t.Errorf("the public reads %s", got)
		}
	})
	t.Run("tiles", func(t *testing.T) {
		source := postgis.New(postgis.Config{DB: pool, Catalogue: catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault})
		at, err := tiles.NewCoord(14, 12907, 7148)
		if err != nil {
			t.Fatal(err)
		}
		tile, err := source.Tile(t.Context(), tiles.Request{Layers: []string{"wells"}, Audience: string(geodata.Public), Coord: at})
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := mvt.Unmarshal(tile.Data)
		if err != nil || len(decoded) != 1 || decoded[0].Name != "wells" || len(decoded[0].Features) != 1 {
			t.Fatalf("the tile holds %v, %v", decoded, err)
		}
		if p := decoded[0].Features[0].Properties; p["state"] != "dry" || p["name"] != "Giếng bản" || p["keeper_note"] != nil {
			t.Errorf("the tile says %v", p)
		}
	})
	t.Run("schema, legend and style", func(t *testing.T) {
		text, err := json.Marshal(layers.Schema(l, geodata.Public, "vi"))
		if err != nil || !strings.Contains(string(text), "Độ sâu") || strings.Contains(string(text), "keeper_note") {
			t.Errorf("the schema is %s, %v", text, err)
		}
		if legend := layers.Legend(l); len(legend) != 2 || legend[1].Title.VI != "Cạn" || legend[1].Color != "#d55e00" {
			t.Errorf("the legend is %+v", legend)
		}
		style := layers.MapStyle(catalogue, layers.StyleOptions{Audience: geodata.Public, Lang: "vi", Origin: "http://127.0.0.1:8080"})
		if _, ok := style.Sources["wells"]; !ok || !slices.ContainsFunc(style.Layers, func(d layers.Drawing) bool { return d.ID == "wells" }) {
			t.Error("the map's style does not draw it")
		}
	})
}
