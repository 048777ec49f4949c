package layers

import (
	"slices"

	"bando/geodata"
)

var (
	actions    = []string{"create", "update", "delete"}
	owns       = []string{"", "operator", "hamlet_id"}
	styleKinds = []string{"fill", "line", "circle", "icon", "road", "building", "boundary"}
)

func (c *checker) rights() {
	for _, g := range c.layer.Edit {
		c.roles("edit.roles", g.Roles)
		c.own("edit.own", g.Own)
		c.grantedFields(g)
		for _, a := range g.Actions {
			if !slices.Contains(actions, a) {
				c.add("edit.actions."+a, "Quyền gồm create, update, delete.", "Actions are create, update and delete.")
			}
		}
	}
	c.conditions("public.when", c.layer.Public.When)
	if !zoom(c.layer.Public.MinZoom) {
		c.add("public.minZoom", "Mức phóng từ 0 đến 22.", "A zoom is 0 to 22.")
	}
	if m := c.layer.Public.RoundM; m < 0 || (m > 0 && c.layer.Geometry != geodata.Point) {
		c.add("public.roundM", "Chỉ lớp điểm mới làm tròn vị trí, theo số mét dương.", "Only points are rounded, to a positive number of metres.")
	}
}

// grantedFields checks that a grant of some attributes is one to update: whoever creates a feature says all of it.
func (c *checker) grantedFields(g geodata.Grant) {
	if len(g.Fields) > 0 && !slices.Equal(g.Actions, []string{"update"}) {
		c.add("edit.fields", "Quyền theo thuộc tính chỉ dành cho update.", "Rights by attribute are for update alone.")
	}
	for _, name := range g.Fields {
		if f, ok := find(c.layer, name); (!ok && name != geodata.GeometryField) || f.Computed || f.Moved {
			c.add("edit.fields."+name, "Không có thuộc tính này, hoặc không ai sửa tay nó.", "There is no such attribute, or nobody changes it by hand.")
		}
	}
}

func (c *checker) roles(at string, roles []geodata.Role) {
	if len(roles) == 0 {
		c.add(at, "Cần ít nhất một vai trò.", "At least one role is needed.")
	}
	for _, r := range roles {
		if !slices.Contains(geodata.Roles, r) {
			c.add(at+"."+string(r), "Không có vai trò này.", "There is no such role.")
		}
	}
}

// own checks whose features a right is for. Hamlets belong to the head of their own id, so hamlet_id always works.
func (c *checker) own(at, own string) {
	_, hasOperator := c.layer.Field("operator")
	if !slices.Contains(owns, own) || (own == "operator" && !hasOperator) {
		c.add(at, "Phạm vi riêng là operator (lớp phải có trường này) hoặc hamlet_id.",
			"Own is operator, which the layer must have, or hamlet_id.")
	}
}

func (c *checker) conditions(at string, when []geodata.Condition) {
	for _, w := range when {
		f, ok := find(c.layer, w.Field)
		if !ok {
			c.add(at+"."+w.Field, "Không có trường này.", "There is no such field.")
			continue
		}
		if valued := w.Is == "in" || w.Is == "not_in"; (!valued && w.Is != "set") || valued != (len(w.Values) > 0) {
			c.add(at+"."+w.Field, "Điều kiện là in, not_in (kèm giá trị) hoặc set.", "A condition is in or not_in, with values, or set.")
		}
		for _, v := range w.Values {
			if len(f.Enum) > 0 && !hasCode(f, v) {
				c.add(at+"."+w.Field+"."+v, "Trường không có mã này.", "The field has no such code.")
			}
		}
	}
}

func (c *checker) tile() {
	t := c.layer.Tile
	if !zoom(t.MinZoom) || !zoom(t.MaxZoom) || t.MinZoom > LastZoom(c.layer) {
		c.add("tile", "Mức phóng từ 0 đến 22, mức đầu không lớn hơn mức cuối.", "Zooms are 0 to 22, the first not above the last.")
	}
	if !t.Skip && c.layer.Geometry == geodata.None {
		c.add("tile.skip", "Lớp không có hình học thì không có ô bản đồ.", "A layer without geometry has no tiles.")
	}
}

func (c *checker) style() {
	s := c.layer.Style
	if !slices.Contains(styleKinds, s.Kind) {
		c.add("style.kind", "Cách vẽ không có trong danh sách.", "The kind of drawing is not a known one.")
	}
	for _, v := range []string{s.Color, s.Outline} {
		if v != "" && !colour.MatchString(v) {
			c.add("style.color", "Màu viết dạng #rrggbb chữ thường.", "A colour is #rrggbb in lower case.")
		}
	}
	if s.Opacity < 0 || s.Opacity > 1 || s.Width < 0 || s.LabelFrom < 0 || s.LabelFrom > 22 {
		c.add("style", "Độ mờ từ 0 đến 1, nét không âm, nhãn từ mức 0–22.", "Opacity is 0 to 1, width not negative, labels from zoom 0–22.")
	}
	if s.By != "" {
		if f, ok := find(c.layer, s.By); !ok || len(f.Enum) == 0 {
			c.add("style.by", "Tô màu theo một trường có danh mục mã.", "Colours go by a field with codes.")
		}
		c.drawn("style.by", s.By, c.layer.Tile.MinZoom)
	}
	seen := map[string]bool{}
	for i, r := range s.Rules {
		at := "style.rules." + r.Value
		c.text(at+".title", r.Title, true)
		c.conditions(at, r.When)
		if r.Value == "" || seen[r.Value] || !colour.MatchString(r.Color) || (len(r.When) == 0 && i < len(s.Rules)-1) {
			c.add(at, "Mỗi quy tắc màu có mã riêng và màu #rrggbb; quy tắc không điều kiện đứng cuối.",
				"Each rule has an id of its own and a colour #rrggbb; one without conditions comes last.")
		}
		seen[r.Value] = true
		for _, w := range r.When {
			c.drawn(at, w.Field, c.layer.Tile.MinZoom)
		}
	}
	if s.Label != "" {
		c.drawn("style.label", s.Label, max(c.layer.Tile.MinZoom, int(s.LabelFrom)))
	}
}

// drawn checks that a field which the drawing needs is in the tiles from the zoom on, for everyone who gets them.
func (c *checker) drawn(at, name string, from int) {
	f, ok := find(c.layer, name)
	if !ok || f.TileFrom == nil || *f.TileFrom > from || (f.Hidden && c.layer.Public.Visible) {
		c.add(at, "Trường "+name+" phải có trong ô bản đồ (tileFrom) và không bị ẩn.",
			"The field "+name+" must be in the tiles (tileFrom) and not hidden.")
	}
}

func (c *checker) moves() {
	seen := map[string]bool{}
	for _, m := range c.layer.Moves {
		at := "moves." + m.ID
		if !word.MatchString(m.ID) || seen[m.ID] {
			c.add(at, "Mã bước gồm chữ thường, số, gạch dưới và không trùng.", "A move's id has a–z, 0–9 and underscore and is there once.")
		}
		seen[m.ID] = true
		c.text(at+".title", m.Title, true)
		c.roles(at+".roles", m.Roles)
		c.own(at+".own", m.Own)
		c.states(at, m)
		for _, name := range m.Fields {
			if f, ok := find(c.layer, name); !ok || f.Computed {
				c.add(at+".fields."+name, "Bước chỉ hỏi trường có thật và không do hệ thống tính.", "A move asks for fields that exist and are not computed.")
			}
		}
		for _, name := range m.Needs {
			if !slices.Contains(m.Fields, name) {
				c.add(at+".needs."+name, "Trường bắt buộc phải nằm trong các trường được hỏi.", "What is needed is among the fields asked for.")
			}
		}
	}
}

func (c *checker) states(at string, m geodata.Move) {
	f, ok := c.layer.Field(m.Field)
	if !ok || len(f.Enum) == 0 || !f.Moved {
		c.add(at+".field", "Trạng thái phải là trường có danh mục mã, đánh dấu moved.", "The state is a field with codes that is marked as moved.")
		return
	}
	if len(m.From) == 0 {
		c.add(at+".from", "Bước phải nêu trạng thái xuất phát.", "A move says where it may start.")
	}
	for _, s := range append(slices.Clone(m.From), m.To) {
		if !hasCode(f, s) && (s != "" || s == m.To) {
			c.add(at+"."+s, "Trạng thái này không có trong danh mục mã.", "This state is not among the codes.")
		}
	}
}
