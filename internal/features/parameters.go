package features

import (
	"fmt"

	"bando/geodata"
)

// The parameters that addresses share.

func formatParameter(names ...string) Parameter {
	return Parameter{
		Name: "f", In: "query", Schema: Node{"type": "string", "enum": names}, Example: names[0],
		Text: geodata.Text{VI: "Định dạng của câu trả lời; nếu không có thì theo Accept", EN: "Format of the answer; without it Accept decides"},
	}
}

func langParameter() Parameter {
	return Parameter{
		Name: "lang", In: "query", Schema: Node{"type": "string", "enum": []string{"vi", "en"}}, Example: "vi",
		Text: geodata.Text{VI: "Ngôn ngữ; nếu không có thì theo Accept-Language", EN: "Language; without it Accept-Language decides"},
	}
}

// CommonParameters are f, with the names of formats that are given, and lang: what every document takes.
func CommonParameters(formats ...string) []Parameter {
	return []Parameter{formatParameter(formats...), langParameter()}
}

func featureParameter() Parameter {
	return Parameter{
		Name: "feature", In: "path", Required: true, Schema: Node{"type": "integer", "format": "int64", "minimum": 1}, Example: 1,
		Text: geodata.Text{VI: "Mã số của đối tượng", EN: "The feature's id"},
	}
}

// itemsParameters are those of a page of features, beside the collection's attributes.
func itemsParameters(formats ...string) []Parameter {
	text := func(name string, schema Node, example any, vi, en string) Parameter {
		return Parameter{Name: name, In: "query", Schema: schema, Example: example, Text: geodata.Text{VI: vi, EN: en}}
	}
	numbers := func(n int) Node { return Node{"minItems": n, "maxItems": n} }
	return append([]Parameter{
		text("limit", Node{"type": "integer", "minimum": 1, "default": defaultLimit}, 100,
			fmt.Sprintf("Số đối tượng mỗi trang; lớn hơn %d thì lấy %d", maxLimit, maxLimit),
			fmt.Sprintf("Features a page; more than %d is taken for %d", maxLimit, maxLimit)),
		cursorParameter("after", "Chỗ bắt đầu của trang, lấy từ liên kết “next”", "Where the page begins, as the link “next” has it"),
		cursorParameter("before", "Chỗ kết thúc của trang, lấy từ liên kết “prev”", "Where the page ends, as the link “prev” has it"),
		text("bbox", Node{"type": "array", "oneOf": []Node{numbers(4), numbers(6)}, "items": Node{"type": "number"}},
			[]float64{103.5, 22.2, 103.8, 22.5},
			"Tây, nam, đông, bắc (sáu số khi có độ cao), theo thứ tự trục của bbox-crs",
			"West, south, east, north (six numbers with heights), in the order of the axes of bbox-crs"),
		crsParameter("bbox-crs", "Hệ tọa độ của bbox", "Coordinate system of bbox"),
		text("filter", Node{"type": "string", "minLength": 1}, "revision > 0", "Bộ lọc CQL2", "A CQL2 filter"),
		text("filter-lang", Node{"type": "string", "enum": []string{"cql2-text", "cql2-json", "cql-text"}, "default": "cql2-text"}, "cql2-text",
			"Ngôn ngữ của bộ lọc", "Language of the filter"),
		crsParameter("filter-crs", "Hệ tọa độ của hình học trong bộ lọc", "Coordinate system of the filter's geometries"),
		text("sortby", Node{"type": "string", "minLength": 1}, "-id",
			"Thứ tự: các thuộc tính, với dấu - là giảm dần", "The order: attributes, with - before one from high to low"),
	}, append(formParameters(), CommonParameters(formats...)...)...)
}

// formParameters say in which form features are answered.
func formParameters() []Parameter {
	return []Parameter{
		crsParameter("crs", "Hệ tọa độ của câu trả lời", "Coordinate system of the answer"),
		{
			Name: "datetime", In: "query", Schema: Node{"type": "string", "minLength": 1}, Example: "2026-01-01T00:00:00Z",
			Text: geodata.Text{
				VI: "Trạng thái của dữ liệu vào thời điểm đó, hoặc vào cuối khoảng thời gian (RFC 3339, ../…, ngày/P2D)",
				EN: "The data as of that instant, or of the end of that interval (RFC 3339, ../…, date/P2D)",
			},
		},
		{
			Name: "properties", In: "query", Schema: Node{"type": "string", "minLength": 1}, Example: "revision",
			Text: geodata.Text{VI: "Chỉ những thuộc tính này, cách nhau bằng dấu phẩy", EN: "Only these attributes, with commas between them"},
		},
		{
			Name: "skipGeometry", In: "query", Schema: Node{"type": "boolean", "default": false}, Example: true,
			Text: geodata.Text{VI: "Không kèm hình học", EN: "Leave the geometry out"},
		},
	}
}

func cursorParameter(name, vi, en string) Parameter {
	return Parameter{
		Name: name, In: "query", Schema: Node{"type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_-]+$"},
		Text: geodata.Text{VI: vi, EN: en},
	}
}

func crsParameter(name, vi, en string) Parameter {
	return Parameter{
		Name: name, In: "query", Schema: Node{"type": "string", "format": "uri", "enum": crsURIs(), "default": crs84}, Example: crs84,
		Text: geodata.Text{VI: vi, EN: en},
	}
}

func ifMatchParameter() Parameter {
	return Parameter{
		// Not Required, which would promise 400: without it the answer is 428 (RFC 6585).
		Name: "If-Match", In: "header", Schema: Node{"type": "string"}, Example: `"42"`,
		Text: geodata.Text{VI: "ETag của bản đã đọc; thiếu thì bị từ chối (428)", EN: "The ETag of the version that was read; without it the answer is 428"},
	}
}

func reasonParameter() Parameter {
	return Parameter{
		Name: reasonHeader, In: "header", Schema: Node{"type": "string"}, Example: "%C4%91o%20l%E1%BA%A1i",
		Text: geodata.Text{VI: "Lý do, UTF-8 mã hóa phần trăm", EN: "The reason, percent-encoded UTF-8"},
	}
}
