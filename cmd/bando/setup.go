package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/internal/auth"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/media"
	"bando/internal/people"
	"bando/internal/review"
)

// migrate is "bando migrate".
func migrate(ctx context.Context, c console, args []string) error {
	l := newLine(c, "migrate", config.DatabaseFlags())
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		say(c.stdout, "bando: %d lớp dữ liệu đã sẵn sàng · %d layers are ready\n", len(db.catalogue.Layers()), len(db.catalogue.Layers()))
		return nil
	})
}

//go:embed sql/state.sql
var stateSQL string

//go:embed sql/keep_setting.sql
var keepSettingSQL string

var errNotEmpty = fault.New(fault.Conflict, "database_not_empty", fault.Text{
	VI: "Cơ sở dữ liệu đã có dữ liệu thật, nên không nạp bản trình diễn. Hãy dùng thư mục khác: bando demo --data THƯ_MỤC",
	EN: "The database already holds real data, so the demo is not put into it. Use another folder: bando demo --data DIR",
})

// fillDemo is "bando demo".
func fillDemo(ctx context.Context, c console, args []string) error {
	l := newLine(c, "demo", config.DatabaseFlags())
	parcels := l.Int("parcels", demo.DefaultParcels, "số thửa đất · how many parcels")
	seed := l.Uint64("seed", 1, "cùng số này thì cùng dữ liệu · the same number makes the same data")
	ifEmpty := l.Bool("if-empty", false, "không làm gì nếu đã có dữ liệu · do nothing where there is data")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		var revision geodata.Revision
		var isDemo bool
		if err := db.pool.QueryRow(ctx, stateSQL).Scan(&revision, &isDemo); err != nil {
			return fmt.Errorf("look at the database: %w", err)
		}
		switch {
		case revision == 0:
			// The day and not the moment, so that the demo is the same all day; the internet points of today's demo work today.
			today := time.Now().UTC().Truncate(24 * time.Hour)
			if err := fill(ctx, c, db, demo.Options{Seed: *seed, Parcels: *parcels, Now: today}); err != nil {
				return err
			}
		case *ifEmpty && !isDemo:
			return nil
		case !isDemo:
			return errNotEmpty
		default:
			say(c.stdout, "bando: bản trình diễn đã có sẵn · the demo is there already\n")
		}
		made, err := demoAccounts(ctx, db)
		if err != nil || *ifEmpty { // what is filled on the way to serve is told by serve
			return err
		}
		for _, m := range made {
			say(c.stdout, "demo account: %s %s  (%s)\n", m.Name, m.Password, m.Title)
		}
		return nil
	})
}

// fill puts the demo commune into an empty database, whole or not at all.
func fill(ctx context.Context, c console, db *database, o demo.Options) error {
	bar := newBar(c.stderr, -1)
	door := edit.New(db.store)
	result, err := door.Apply(ctx, auth.Command("bando demo"), edit.Batch{
		Changes: demo.Commune(o), Reason: demo.Notice.VI, Via: "demo", System: true,
		Then: func(ctx context.Context, tx pgx.Tx) error {
			for key, value := range map[string]any{
				"demo": true, "title": demo.Title, "notice": demo.Notice, "commune": demo.CommuneCode,
				"center": [2]float64{demo.CentreLon, demo.CentreLat}, "zoom": demo.Zoom, "bounds": demo.Bounds,
				"demo_options": o,
			} {
				text, err := json.Marshal(value)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, keepSettingSQL, key, text); err != nil {
					return fmt.Errorf("keep setting %s: %w", key, err)
				}
			}
			return nil
		},
		Progress: bar.show,
	})
	bar.end()
	if err != nil {
		return err
	}
	if _, err := review.New(db.store, door, nil, time.Now).RefreshCoverage(ctx, auth.Command("bando demo"), "demo"); err != nil {
		return fmt.Errorf("compute the hamlets' coverage: %w", err)
	}
	if err := firstModel(ctx, db, door); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "bando: bản trình diễn có %d đối tượng · the demo has %d features\n", result.Added, result.Added)
	return err
}

// firstModel publishes the demo's stilt house at its site, so that the board begins above zero.
func firstModel(ctx context.Context, db *database, door *edit.Editor) error {
	who, model := auth.Command("bando demo"), demo.GLB()
	kept, err := db.media()
	if err != nil {
		return err
	}
	item, err := kept.Keep(ctx, who, media.Upload{Name: "nha-san.glb", Size: int64(len(model)), Body: bytes.NewReader(model)})
	if err != nil {
		return fmt.Errorf("keep the demo's 3D model: %w", err)
	}
	change := geodata.Change{Layer: "tourism_sites", Op: geodata.Merge, ID: demo.ModelSiteID, Properties: map[string]any{
		"model_id": strconv.FormatInt(item.ID, 10), "model_lon": demo.ModelLon, "model_lat": demo.ModelLat,
		"model_heading": demo.ModelHeading, "model_scale": demo.ModelScale, "model_state": "published",
	}}
	_, err = door.Apply(ctx, who, edit.Batch{
		Changes: func(yield func(geodata.Change, error) bool) { yield(change, nil) },
		Reason:  demo.Notice.VI, Evidence: []int64{item.ID}, Via: "demo", System: true,
	})
	if err != nil {
		return fmt.Errorf("place the demo's 3D model: %w", err)
	}
	return nil
}

// demoAccounts makes the demo's accounts and tells how to sign in.
func demoAccounts(ctx context.Context, db *database) ([]people.Credential, error) {
	var wishes []people.NewAccount
	for _, a := range demo.Accounts() {
		wishes = append(wishes, people.NewAccount{Name: a.Name, Title: a.Title.VI, Role: a.Role, Operator: a.Operator, HamletID: a.HamletID})
	}
	return newPeople(db).SeedDemo(ctx, wishes)
}

// printVersion is "bando version".
func printVersion(_ context.Context, c console, args []string) error {
	l := newLine(c, "version", nil)
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without its build information")
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " (changed)"
		}
	}
	_, err := fmt.Fprintf(c.stdout, "bando %s%s%s %s\n", info.Main.Version, commit, changed, info.GoVersion)
	return err
}
