package demo

// figure is an indicator of the commune's plan that officers type in (DOMAIN section 4); value −1 is not entered yet.
type figure struct {
	code, name, nameEN string
	target, value      float64
	approved           bool
}

var figures = []figure{
	{"BL-MED-02", "Người dân có hồ sơ sức khỏe điện tử", "Residents with an e-health record", 100, 71, true},
	{"BL-DVC-01", "Sử dụng dịch vụ công trực tuyến", "Online public services used", 80, 64, true},
	{"BL-PAY-01", "Giao dịch không dùng tiền mặt", "Cashless transactions", 80, 48, false},
	{"BL-OFF-01", "Cán bộ, công chức làm chủ kỹ năng số", "Officers with digital skills", 100, 83, true},
	{"BL-ONL-01", "Quản lý điều hành trên môi trường số", "Administration online", 100, -1, false},
	{"BL-BUD-01", "Chi cho khoa học, công nghệ, chuyển đổi số", "Budget share for science and digital work", 3, -1, false},
}

// tellIndicators tells the manual indicators; the computed ones are the board's.
func tellIndicators(t *teller) {
	for _, f := range figures {
		p := props{
			"code": f.code, "name": f.name, "name_en": f.nameEN, "period": t.Now.Format("2006"), "scope": "commune", "mode": "manual", "unit": "%",
			"target": f.target, "deadline": "2030-12-31", "definition_version": int64(1), "value_state": "none", "commune_code": CommuneCode,
			"note": "Con số của bản trình diễn.",
		}
		if f.value >= 0 {
			p["value"], p["value_state"] = f.value, "entered"
			if f.approved {
				p["value_state"] = "approved"
			}
		}
		t.tell("indicators", nil, p)
	}
}
