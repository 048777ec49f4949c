package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bando/internal/fault"
)

// What is old can be given up: the map stays as it is, what was before is told to be gone, and the log is still proved.
func TestOldHistoryIsGivenUpByAnExplicitActOnly(t *testing.T) {
	dsn, data := demoDatabase(t), t.TempDir()
	for _, args := range [][]string{{}, {"--before", "soon"}, {"--before", "2199-01-01", "--yes"}, {"--before", time.Now().Format(time.DateOnly)}, {"--before", "2020-12-31", "--yes", "--reason", "gọi 0912345678"}} {
		if _, err := sub(t, dsn, append([]string{"prune", "--data", data}, args...)...); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
	out, err := sub(t, dsn, "prune", "--data", data, "--before", "2020-12-31", "--yes")
	if err != nil || !strings.Contains(out, "no entry is so old") {
		t.Errorf("%v\n%s", err, out)
	}
	// The demo becomes a week old.
	asSuperuser(t, dsn, "UPDATE bando.log SET at = at - interval '7 days'",
		`DO $$ DECLARE h bytea := decode(repeat('00', 32), 'hex'); e bando.log; BEGIN
			FOR e IN SELECT * FROM bando.log ORDER BY revision, ordinal LOOP
				h := bando.chained(h, e);
				UPDATE bando.log SET hash = h WHERE revision = e.revision AND ordinal = e.ordinal;
			END LOOP;
			UPDATE bando.head SET hash = h;
		END $$`)
	s := serveEnv(t, map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": data})
	public := s.open()
	path, _, etag := public.hamlet()
	count := public.get("/collections/parcels/items?limit=1").want(http.StatusOK).json()["numberMatched"]
	if out, err = sub(t, dsn, "prune", "--data", data, "--before", time.Now().Add(-48*time.Hour).Format(time.DateOnly), "--yes"); err != nil || !strings.Contains(out, "were given up") {
		t.Fatalf("%v\n%s", err, out)
	}
	was := public.get("/collections/hamlets/items?datetime=" + time.Now().Add(-72*time.Hour).UTC().Format(time.RFC3339)).want(http.StatusGone).json()
	if was["code"] != "history_given_up" {
		t.Errorf("%v", was)
	}
	public.get("/tiles/hamlets/13/6454/3574?datetime="+time.Now().Add(-72*time.Hour).UTC().Format(time.RFC3339)).problem(http.StatusGone, "history_given_up")
	if now := public.get("/collections/parcels/items?limit=1").want(http.StatusOK).json()["numberMatched"]; now != count {
		t.Errorf("%v parcels, then %v", count, now)
	}
	// Edits go on, and nobody's edit is lost over it.
	b := s.as("van_hoa")
	b.send("PATCH", path, object{"properties": object{"households": 71}}, "If-Match", `"1"`).problem(http.StatusPreconditionFailed, "stale_revision")
	edited := b.send("PATCH", path, object{"properties": object{"households": 77}}, "If-Match", etag).want(http.StatusOK)
	moment := time.Now().UTC().Format(time.RFC3339Nano)
	b.send("PATCH", path, object{"properties": object{"households": 78}}, "If-Match", edited.Header.Get("ETag")).want(http.StatusOK)
	page := public.get("/collections/hamlets/items?datetime=" + moment + "&filter=households%3D77").want(http.StatusOK).json()
	if page["numberMatched"] != 1.0 {
		t.Errorf("as of a moment since: %v", page)
	}
	if out, err = sub(t, dsn, "verify", "--data", data); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	asSuperuser(t, dsn, "UPDATE bando.log SET why = 'khác' WHERE layer = 'bando.log'")
	if _, err = sub(t, dsn, "prune", "--data", data, "--before", time.Now().Format(time.DateOnly), "--yes"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a log that is not whole is cut: %v", err)
	}
}
