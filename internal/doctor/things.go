package doctor

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

//go:embed sql/media.sql
var mediaSQL string

//go:embed sql/hashes.sql
var hashesSQL string

//go:embed sql/columns.sql
var columnsSQL string

//go:embed sql/invalid.sql
var invalidSQL string

//go:embed sql/outside.sql
var outsideSQL string

// files holds the register of media against the folder: some of them by chance, or all.
func files(ctx context.Context, in *Installation) ([]Finding, error) {
	type row struct {
		ID     int64
		SHA256 string
		Copies []string
	}
	rows, err := in.Pool.Query(ctx, mediaSQL, in.Full, in.Now.Unix())
	if err != nil {
		return nil, err
	}
	kept, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return nil, err
	}
	var lost, altered []string
	for n, r := range kept {
		in.Progress("media", n)
		for _, hash := range append(r.Copies, r.SHA256) {
			switch is, err := hashOf(in.mediaPath(hash)); {
			case errors.Is(err, fs.ErrNotExist):
				lost = append(lost, fmt.Sprintf("media %d", r.ID))
			case err != nil:
				return nil, err
			case is != hash:
				altered = append(altered, fmt.Sprintf("media %d", r.ID))
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	var found []Finding
	if len(lost) > 0 {
		found = append(found, bad(Error, "media_lost", "bando restore", "Tệp có trong sổ nhưng không còn trên đĩa; hãy khôi phục thư mục media.", "Files that are registered but not on the disk; restore the folder media.").of(lost...))
	}
	if len(altered) > 0 {
		found = append(found, bad(Error, "media_altered", "bando restore", "Tệp trên đĩa khác với tệp đã gửi; hãy khôi phục thư mục media.", "Files that are not what was sent; restore the folder media.").of(altered...))
	}
	strays, err := in.strays(ctx)
	if err != nil {
		return found, err
	}
	if len(strays) > 0 {
		found = append(found, bad(Note, "media_stray", "rm", "Tệp trong thư mục media không có trong sổ.", "Files in the folder media that no row tells of.").of(strays...))
	}
	if len(found) == 0 {
		found = append(found, ok("media", fmt.Sprintf("Tệp đã gửi còn nguyên (%d tệp đã xem)", len(kept)), fmt.Sprintf("The files that were sent are whole (%d looked at)", len(kept))))
	}
	return found, nil
}

func (in *Installation) mediaPath(hash string) string {
	return filepath.Join(in.Settings.Data, "media", hash[:2], hash[2:])
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // a name that is a hash
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Close())
}

// strays are files whose hash is in no row.
func (in *Installation) strays(ctx context.Context) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(in.Settings.Data, "media", "[0-9a-f][0-9a-f]", "*"))
	if err != nil || len(paths) == 0 {
		return nil, err
	}
	rows, err := in.Pool.Query(ctx, hashesSQL)
	if err != nil {
		return nil, err
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(hashes))
	for _, hash := range hashes {
		known[hash] = true
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		return known[filepath.Base(filepath.Dir(path))+filepath.Base(path)]
	}), nil
}

// layersCheck looks at the tables of the layers and what lies in them.
func layersCheck(ctx context.Context, in *Installation) ([]Finding, error) {
	columns, err := in.columns(ctx)
	if err != nil {
		return nil, err
	}
	var missing, invalid, outside []string
	for n, l := range in.Catalogue.Layers() {
		in.Progress("layers", n)
		if !columns[l.ID]["id"] {
			missing = append(missing, l.ID)
			continue
		}
		for _, f := range l.AllFields() {
			if !columns[l.ID][f.Name] {
				missing = append(missing, l.ID+"."+f.Name)
			}
		}
		if l.Geometry == geodata.None {
			continue
		}
		ids, err := in.ids(ctx, l, invalidSQL)
		if err != nil {
			return nil, err
		}
		invalid = append(invalid, ids...)
		if slices.Contains(l.Rules, "in_commune_5km") {
			if ids, err = in.ids(ctx, l, outsideSQL); err != nil {
				return nil, err
			}
			outside = append(outside, ids...)
		}
	}
	var found []Finding
	if len(missing) > 0 {
		found = append(found, bad(Error, "layer_columns", "bando migrate", "Bảng của lớp thiếu cột so với khai báo.", "Tables of layers lack columns of their declaration.").of(missing...))
	}
	if len(invalid) > 0 {
		found = append(found, bad(Error, "geometry_invalid", "ST_MakeValid", "Đối tượng có hình học không hợp lệ; hãy vẽ lại.", "Features whose geometry is not valid; draw them again.").of(invalid...))
	}
	if len(outside) > 0 {
		found = append(found, bad(Warning, "outside_commune", "PATCH /collections/…/items/…", "Đối tượng nằm cách xã hơn 5 km; hãy kiểm tra hệ tọa độ.", "Features more than 5 km from the commune; check the coordinate system.").of(outside...))
	}
	if len(found) == 0 {
		found = append(found, ok("layers", "Dữ liệu các lớp hợp lệ", "What the layers hold is valid"))
	}
	return found, nil
}

func (in *Installation) columns(ctx context.Context) (map[string]map[string]bool, error) {
	rows, err := in.Pool.Query(ctx, columnsSQL)
	if err != nil {
		return nil, err
	}
	columns := map[string]map[string]bool{}
	var table, column string
	_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		if columns[table] == nil {
			columns[table] = map[string]bool{}
		}
		columns[table][column] = true
		return nil
	})
	return columns, err
}

// ids names the features that a statement over a layer finds.
func (in *Installation) ids(ctx context.Context, l geodata.Layer, sql string) ([]string, error) {
	rows, err := in.Pool.Query(ctx, strings.ReplaceAll(sql, "{table}", tableOf(l)))
	if err != nil {
		return nil, fmt.Errorf("look through layer %s: %w", l.ID, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look through layer %s: %w", l.ID, err)
	}
	names := make([]string, len(found))
	for i, id := range found {
		names[i] = l.ID + "/" + strconv.FormatInt(id, 10)
	}
	return names, nil
}

func tableOf(l geodata.Layer) string { return pgx.Identifier{"layer", l.ID}.Sanitize() }
