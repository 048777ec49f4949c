package edit_test

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/edit"
)

func facility(name, note string) geodata.Change {
	return create("facilities", orb.Point{103.62, 22.34}, map[string]any{"name": name, "note": note})
}

func TestWordsThatTellOfAPersonAreRefusedWhereverTheyStand(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		change geodata.Change
		field  string
	}{
		{facility("Trạm y tế", "trực: 0912 345 678"), "note"},
		{facility("Nhà văn hóa (0387654321)", ""), "name"},
		{facility("Chợ", "chủ sạp 012083001234"), "note"},
		{facility("Chợ", "CMND 045123456"), "note"},
		{facility("Chợ", "thư lo.van.pan@gmail.com"), "note"},
		{create("internet_points", orb.Point{103.62, 22.34}, map[string]any{"name": "Wi-Fi", "hours": "gọi +84 912 345 678"}), "hours"},
		{create("tourism_sites", orb.Point{103.62, 22.34}, map[string]any{"name": "Nhà nghỉ", "kind": "homestay", "services": []any{"ăn sáng", "đón khách 0912345678"}}), "services"},
	} {
		f := b.refused("personal_data", admin, edit.Batch{}, c.change)
		if f.Field() != c.field || !strings.Contains(f.Text().VI, "•") || strings.Contains(f.Error(), "345678") {
			t.Errorf("%v: field %q: %s", c.change.Properties, f.Field(), f.Text().VI)
		}
	}
	b.refuses("personal_data", land, edit.Batch{Reason: "theo đơn của ông A, 0912345678"}, parcel(1, 0, 0, 30))
	b.apply(admin, edit.Batch{Reason: "theo Quyết định 123/QĐ-UBND ngày 09/12/2025"}, facility("UBND xã", "123456789, 7:30–17:00, (0213) 3.875.123, ubnd@laichau.gov.vn"))
	if n := b.count("SELECT count(*) FROM bando.log WHERE why LIKE '%0912%' OR after::text LIKE '%0912%'"); n != 0 {
		t.Errorf("%d entries hold what was refused", n)
	}
}

// A phone stands where the declaration says that somebody agreed to it, and nowhere else.
func TestAPhoneStandsWhereItsOwnerAgreedToIt(t *testing.T) {
	b := newBench(t)
	site := create("tourism_sites", orb.Point{103.62, 22.34}, map[string]any{"name": "Nhà nghỉ", "kind": "homestay", "phone": "0912345678", "phone_consent": true})
	id := b.apply(admin, edit.Batch{}, site).Features[0]
	b.refuses("personal_data", admin, edit.Batch{}, merge("tourism_sites", id, map[string]any{"description_vi": "Gọi 0912345678"}))
}

// A register's own number of a parcel may be built like an identity number: the commune that it begins with tells it apart.
func TestAParcelsNumberIsNoPersons(t *testing.T) {
	b := newBench(t)
	p := parcel(1, 0, 0, 30)
	p.Properties["former_commune"], p.Properties["note"] = "03413", "mã cũ 034130010012"
	b.apply(land, edit.Batch{}, p)
	p = parcel(2, 60, 0, 30)
	p.Properties["note"] = "theo sổ 012083001234"
	b.refuses("personal_data", land, edit.Batch{}, p)
}

// What a map of old days holds already does not keep other attributes from being mended.
func TestAnOldSlipDoesNotKeepTheRestFromBeingMended(t *testing.T) {
	b := newBench(t)
	id := b.apply(admin, edit.Batch{}, facility("Chợ", "sạch")).Features[0]
	if _, err := b.pool.Exec(t.Context(), "UPDATE layer.facilities SET note = 'gọi 0912345678' WHERE id = $1", id); err != nil {
		t.Fatal(err)
	}
	b.apply(admin, edit.Batch{}, merge("facilities", id, map[string]any{"name": "Chợ mới"}))
	b.refuses("personal_data", admin, edit.Batch{}, merge("facilities", id, map[string]any{"note": "gọi 0912345679"}))
	b.apply(admin, edit.Batch{}, merge("facilities", id, map[string]any{"note": nil}))
}
