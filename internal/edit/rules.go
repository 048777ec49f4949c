package edit

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
)

//go:embed rules/*.sql
var ruleFiles embed.FS

// sql reads an embedded statement. A missing file is a slip of ours that the tests meet, as they run every rule.
func sql(name string) string {
	text, err := ruleFiles.ReadFile("rules/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// rule is one of the domain's rules (DOMAIN sections 2, 3 and 5) that a layer's declaration asks for by its code.
type rule struct {
	code string
	// needs are other layers that the rule looks into; in a catalogue without them it does not apply.
	needs []string
	// measured says that the rule asks for metres, neighbours that it compares features with each other.
	measured, neighbours bool
	// row judges one row, and may add what bando computes.
	row func(*item) *fault.Error
	// staged judges the staged rows all at once.
	staged judge
}

// judge refuses those of the staged rows that break a rule. Its error is the database's.
type judge func(ctx context.Context, w *work, items []*item) error

// rules lists every rule, the cheap ones first, those that compute before those that compare.
func rules() []rule {
	return []rule{
		{code: layers.OwnerRule, row: noOwnersInside},
		{code: "purpose_sum", row: purposeSum},
		{code: "main_purpose", row: mainPurpose},
		{code: "measured_area", row: measureArea},
		{code: "geohash_prefix", row: geohashFits},
		{code: "code_valid_in_year", row: codeValidInYear},
		{code: "in_commune_5km", needs: []string{"admin_units"}, measured: true, staged: ask("in_commune_5km", isMoved, farAway)},
		{code: "hamlet_in_commune", needs: []string{"admin_units"}, measured: true, staged: ask("hamlet_in_commune", isMoved, outside)},
		{code: "route_length_50m", measured: true, staged: ask("route_length_50m", isMoved, tooShort)},
		{code: "near_facility_100m", needs: []string{"facilities"}, measured: true, staged: unlessReason(ask("near_facility_100m", isMovedOr("facility_id"), farFromFacility))},
		{code: "forest_kind_land", needs: []string{"land_use"}, staged: unlessReason(ask("forest_kind_land", isMovedOr("kind"), otherLand))},
		{code: "overlap_same_status", measured: true, neighbours: true, staged: ask("overlap_same_status", isMovedOr("boundary_status"), overlaps)},
		{code: "parcel_overlap", measured: true, neighbours: true, staged: ask("parcel_overlap", isMoved, overlaps)},
		{code: "siblings_overlap", neighbours: true, staged: ask("siblings_overlap", isMovedOr("level", "valid_from", "valid_to"), overlapsSibling)},
	}
}

// found is one row of a rule's answer: which staged row is at fault, with which other (staged too, or by its name), by
// how much, and where.
type found struct {
	Ord    int
	Other  *int    // ord of another staged row that this one meets; it comes earlier
	Name   *string // of the feature, or the code, that it meets
	Amount *float64
	Lon    *float64
	Lat    *float64
}

// ask makes a rule of a statement that answers found rows for {ords}, those of the items that it concerns.
func ask(name string, concerns func(*item) bool, say func(found) *fault.Error) judge {
	return func(ctx context.Context, w *work, items []*item) error {
		ords := ordsOf(items, concerns)
		if len(ords) == 0 {
			return nil
		}
		rows, err := w.stage.Query(ctx, sql(name), ords)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[found])
		if err != nil {
			return err
		}
		for _, f := range all {
			// Of two that collide the first stays; one that has been refused itself is no obstacle.
			if f.Other != nil && items[*f.Other].err != nil {
				continue
			}
			err := say(f)
			if f.Lon != nil && f.Lat != nil {
				err = err.WithPlace(*f.Lon, *f.Lat)
			}
			if f.Other != nil {
				err = err.With("ref", items[*f.Other].Ref)
			}
			items[f.Ord].refuse(err)
		}
		if len(all) == 0 {
			return nil
		}
		return w.unstage(ctx, items)
	}
}

func ordsOf(items []*item, concerns func(*item) bool) []int {
	var ords []int
	for _, i := range items {
		if i.err == nil && !i.same && concerns(i) {
			ords = append(ords, i.ord)
		}
	}
	return ords
}

func isMoved(i *item) bool { return i.row.Moved && i.row.EWKB != nil }

// isMovedOr also concerns rows that stay where they are but change one of the attributes.
func isMovedOr(names ...string) func(*item) bool {
	return func(i *item) bool {
		if i.row.EWKB == nil {
			return false
		}
		if i.row.Moved {
			return true
		}
		for _, name := range names {
			if i.was == nil || i.was.Properties[name] != i.row.Properties[name] {
				return true
			}
		}
		return false
	}
}

// unlessReason lets a reason in words stand in for the rule.
func unlessReason(rule judge) judge {
	return func(ctx context.Context, w *work, items []*item) error {
		if w.batch.Reason != "" {
			return nil
		}
		return rule(ctx, w, items)
	}
}

var (
	errFar       = fault.New(fault.Invalid, "outside_commune", geodata.Text{})
	errShort     = fault.New(fault.Invalid, "route_too_short", geodata.Text{})
	errFacility  = fault.New(fault.Invalid, "far_from_facility", geodata.Text{})
	errOverlap   = fault.New(fault.Invalid, "overlap", geodata.Text{})
	errOtherLand = fault.New(fault.Invalid, "forest_kind_land", geodata.Text{})
)

const atGeometry = "geometry"

func amount(f found) float64 {
	if f.Amount == nil {
		return 0
	}
	return *f.Amount
}

func name(f found) string {
	if f.Name == nil {
		return ""
	}
	return " “" + *f.Name + "”"
}

func farAway(f found) *fault.Error {
	if f.Amount == nil {
		return of(errFar, atGeometry,
			"Vị trí nằm rất xa địa bàn xã; hãy kiểm tra hệ tọa độ của tệp.",
			"The place is very far from the commune; check the file's coordinate system.")
	}
	return of(errFar, atGeometry,
		fmt.Sprintf("Vị trí cách địa giới xã %.1f km (cho phép 5 km); hãy kiểm tra hệ tọa độ và kinh tuyến trục.", amount(f)/1000),
		fmt.Sprintf("The place is %.1f km from the commune (5 km are allowed); check the coordinate system and its meridian.", amount(f)/1000))
}

func outside(f found) *fault.Error {
	return of(errFar, atGeometry,
		fmt.Sprintf("%.1f %% diện tích bản nằm ngoài địa giới xã; hãy vẽ lại ranh giới trong xã.", amount(f)*100),
		fmt.Sprintf("%.1f %% of the hamlet's area lies outside the commune; draw its boundary inside.", amount(f)*100))
}

func tooShort(f found) *fault.Error {
	return of(errShort, atGeometry,
		fmt.Sprintf("Tuyến chỉ dài %.0f m; cần ít nhất 50 m.", amount(f)),
		fmt.Sprintf("The route is only %.0f m long; it needs 50 m.", amount(f)))
}

func farFromFacility(f found) *fault.Error {
	return of(errFacility, atGeometry,
		fmt.Sprintf("Điểm cách công trình%s %.0f m (cho phép 100 m); hãy sửa vị trí hoặc ghi lý do.", name(f), amount(f)),
		fmt.Sprintf("The point is %.0f m from its facility%s (100 m are allowed); mend the place or give a reason.", amount(f), name(f)))
}

func overlaps(f found) *fault.Error {
	return of(errOverlap, atGeometry,
		fmt.Sprintf("Chồng lấn %.2f m² với%s; hãy sửa ranh giới tại điểm được đánh dấu.", amount(f), orOther(name(f), " một đối tượng khác")),
		fmt.Sprintf("Overlaps%s by %.2f m²; mend the boundary at the marked point.", orOther(name(f), " another feature"), amount(f))).With("area_m2", amount(f))
}

func overlapsSibling(f found) *fault.Error {
	return of(errOverlap, atGeometry,
		fmt.Sprintf("Chồng lấn %.1f %% diện tích với đơn vị cùng cấp%s; hãy sửa địa giới.", amount(f)*100, name(f)),
		fmt.Sprintf("Overlaps a unit of the same level%s by %.1f %% of the smaller; mend the boundary.", name(f), amount(f)*100))
}

func otherLand(f found) *fault.Error {
	return of(errOtherLand, "kind",
		fmt.Sprintf("Loại rừng không khớp với hiện trạng đất%s (1–RPH, 2–RDD, 3–RSX); hãy sửa hoặc ghi lý do.", name(f)),
		fmt.Sprintf("The kind of forest does not fit the land use%s (1–RPH, 2–RDD, 3–RSX); mend it or give a reason.", name(f)))
}

func orOther(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
