package board

import (
	_ "embed"

	"bando/geodata"
)

//go:embed sql/head.sql
var headSQL string

//go:embed sql/BL-5G-01.v1.sql
var hamlets5GSQL string

//go:embed sql/BL-NET-01.v1.sql
var internetPointsSQL string

//go:embed sql/BL-3D-01.v1.sql
var sites3DSQL string

// definition is one target as DOMAIN section 4 defines it. Its SQL takes the moment of counting ($1) and gives for each
// unit of the denominator: id, name, state, standing, whether the public may see it. When the SQL or its words change
// the meaning of the number, the file and the version get a new number.
type definition struct {
	code    string
	version int
	title   geodata.Text
	words   geodata.Text
	unit    geodata.Text
	layer   string
	fields  []string       // whose codes are the states
	extra   []geodata.Code // states that are made by the SQL
	sql     string
	target  *float64
	until   string // YYYY-MM-DD
	count   bool   // the value is the number done, not a share
}

func definitions() []definition {
	all := 100.0
	return []definition{
		{
			code: "BL-5G-01", version: 1, layer: "hamlets", fields: []string{"coverage_5g", "coverage_5g_result"}, sql: hamlets5GSQL,
			title: geodata.Text{VI: "Tỷ lệ bản được phủ sóng 5G", EN: "Hamlets covered by 5G"},
			words: geodata.Text{
				VI: "Số bản đã được xác nhận (bởi người thứ hai) là đã phủ sóng 5G, chia cho tổng số bản. Bản phủ sóng một phần, mới báo, đang có phản ánh hoặc cần kiểm tra lại chưa được tính; bản chưa có thông tin đếm riêng.",
				EN: "Hamlets verified (by a second person) as covered by 5G, of all hamlets. Hamlets covered in part, only reported, disputed or to be rechecked do not count yet; those nobody has reported on are counted apart as unknown.",
			},
			unit: geodata.Text{VI: "bản", EN: "hamlets"}, target: &all, until: "2030-12-31",
		},
		{
			code: "BL-NET-01", version: 1, layer: "internet_points", fields: []string{"state"}, sql: internetPointsSQL, count: true,
			extra: []geodata.Code{{Value: "silent", Title: geodata.Text{VI: "Đang hoạt động, chưa thấy tín hiệu trong 30 ngày", EN: "Operating, not seen alive for 30 days"}}},
			title: geodata.Text{VI: "Số điểm Internet công cộng đang hoạt động", EN: "Public internet points working"},
			words: geodata.Text{
				VI: "Số điểm Internet công cộng ở tình trạng đang hoạt động và được thấy hoạt động trong 30 ngày qua (lần cuối thấy hoạt động hoặc ngày đưa vào hoạt động). Điểm ghi là đang hoạt động nhưng không thấy tín hiệu trong 30 ngày đếm riêng là chưa rõ; điểm đã dừng hẳn không tính vào tổng.",
				EN: "Public internet points in the state operating and seen alive within 30 days (last seen, or the day they started operating). Points said to operate but not seen for 30 days are counted apart as unknown; retired points are not in the total.",
			},
			unit: geodata.Text{VI: "điểm", EN: "points"},
		},
		{
			code: "BL-3D-01", version: 1, layer: "tourism_sites", fields: []string{"model_state"}, sql: sites3DSQL,
			title: geodata.Text{VI: "Tỷ lệ điểm, bản du lịch cộng đồng đã công nhận được số hóa 3D", EN: "Recognised community tourism sites in 3D"},
			words: geodata.Text{
				VI: "Số điểm, bản du lịch cộng đồng đã được công nhận và có mô hình 3D đã công bố, chia cho số điểm, bản đã được công nhận.",
				EN: "Recognised community tourism sites with a published 3D model, of all recognised sites.",
			},
			unit: geodata.Text{VI: "điểm", EN: "sites"}, target: &all, until: "2030-12-31",
		},
	}
}

// made counts the units into the target.
func (d definition) made(units []Row, states []geodata.Code) Target {
	t := Target{
		Code: d.code, Title: d.title, Unit: d.unit, Target: d.target, Definition: Definition{d.version, d.words},
		Total: len(units), Rows: units, States: []StateCount{},
	}
	if d.until != "" {
		t.Until = &d.until
	}
	counts := make(map[string]int)
	for _, u := range units {
		counts[u.State]++
		switch u.Standing {
		case Done:
			t.Done++
		case Unknown:
			t.Unknown++
		case Open:
		}
	}
	for _, s := range states {
		if n := counts[s.Value]; n > 0 {
			t.States = append(t.States, StateCount{State: s.Value, Title: s.Title, Count: n})
			delete(counts, s.Value) // a code may be listed in two fields
		}
	}
	if !d.count {
		t.Value = percent(t.Done, t.Unknown, t.Total)
	}
	return t
}
