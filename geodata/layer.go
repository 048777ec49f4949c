package geodata

import "slices"

// Layer is the one declaration of a collection. The table and its constraints, the log trigger, what each audience sees,
// tiles, JSON schema, legend, style and form are all derived from it.
type Layer struct {
	// ID is the collection's id and the name of its table in the schema "layer": ^[a-z][a-z0-9_]{1,39}$.
	ID          string   `json:"id"`
	Title       Text     `json:"title"`
	Description Text     `json:"description"`
	Theme       Theme    `json:"theme"`
	Geometry    Geometry `json:"geometry"`
	// Order is the place on the map, low values below high ones.
	Order  int     `json:"order"`
	Fields []Field `json:"fields"`
	// Key names the fields that identify a feature for people and imports; they are unique together.
	Key []string `json:"key,omitempty"`
	// Checks are further table constraints, by name: SQL over the columns.
	Checks map[string]string `json:"checks,omitempty"`
	Edit   []Grant           `json:"edit,omitempty"`
	Public Visibility        `json:"public"`
	Tile   TileRule          `json:"tile"`
	Style  Style             `json:"style"`
	Moves  []Move            `json:"moves,omitempty"`
	// Rules are the codes of the domain's rules that internal/edit checks on this layer, e.g. "hamlet_in_commune".
	Rules []string `json:"rules,omitempty"`
}

// Geometry is the kind of geometry a layer takes. Single parts are promoted to a Multi kind on their way in.
type Geometry string

// The kinds, as OGC names them; Mixed takes any, None has no geometry.
const (
	Point           Geometry = "Point"
	LineString      Geometry = "LineString"
	MultiLineString Geometry = "MultiLineString"
	MultiPolygon    Geometry = "MultiPolygon"
	Mixed           Geometry = "Geometry"
	None            Geometry = "None"
)

// FieldType is the type of an attribute.
type FieldType string

// The types and their columns: text, bigint, double precision, boolean, date, timestamptz, text[], jsonb, geometry(Point,4326).
const (
	String   FieldType = "string"
	Integer  FieldType = "integer"
	Number   FieldType = "number"
	Boolean  FieldType = "boolean"
	Date     FieldType = "date"     // YYYY-MM-DD
	DateTime FieldType = "datetime" // RFC 3339, UTC
	Strings  FieldType = "strings"  // an array of strings
	Object   FieldType = "object"   // JSON of a stated meaning
	Place    FieldType = "place"    // [lon, lat] in degrees
)

// Field is one attribute of a layer.
type Field struct {
	Name  string    `json:"name"`
	Title Text      `json:"title"`
	Help  Text      `json:"help,omitzero"`
	Type  FieldType `json:"type"`
	// Unit is the UCUM code: m, m2, ha, dBm, Mbit/s, ms, %, deg.
	Unit string `json:"unit,omitempty"`
	// Enum lists the codes allowed; CodeList names a shared list that fills it when the declaration is read.
	Enum     []Code   `json:"enum,omitempty"`
	CodeList string   `json:"codelist,omitempty"`
	Required bool     `json:"required,omitempty"`
	Default  any      `json:"default,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
	// Pattern is a regular expression that both Go and PostgreSQL understand.
	Pattern   string `json:"pattern,omitempty"`
	MaxLength int    `json:"maxLength,omitempty"` // in characters; 0 is the layer's default of 2,000
	// Refers names the layer whose feature ids the values are.
	Refers string `json:"refers,omitempty"`
	// Hidden fields are for staff only: they are in no public answer, tile, filter or count.
	Hidden bool `json:"hidden,omitempty"`
	// Computed fields are written by bando alone; Moved ones only by a move of the layer's work.
	Computed bool `json:"computed,omitempty"`
	Moved    bool `json:"moved,omitempty"`
	// TileFrom is the zoom from which tiles carry the field; nil keeps it out of tiles.
	TileFrom *int `json:"tileFrom,omitempty"`
	// Aliases are other names that files give the field; import matches them without case and diacritics.
	Aliases []string `json:"aliases,omitempty"`
	// Personal lists what the attribute may hold of a person who agreed to it: "phone", "email". All else that tells of a
	// person is refused everywhere.
	Personal []string `json:"personal,omitempty"`
}

// DefaultMaxLength is the length in characters that a text may have when its field says nothing.
const DefaultMaxLength = 2000

// LongestText is the length in characters that a text in the field may have.
func (f Field) LongestText() int {
	if f.MaxLength > 0 {
		return f.MaxLength
	}
	return DefaultMaxLength
}

// TileExpression is the SQL of how tiles carry the field, over its column: a text, a bigint, a double precision or a boolean.
func (f Field) TileExpression(column string) string {
	switch f.Type {
	case Date:
		return "to_char(" + column + ", 'YYYY-MM-DD')"
	case DateTime:
		return "to_char(" + column + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
	case Strings:
		return "array_to_string(" + column + ", ',')"
	case Object: // ST_AsMVT would take its members for attributes
		return column + "::text"
	case Place:
		return "ST_X(" + column + ") || ',' || ST_Y(" + column + ")"
	default:
		return column
	}
}

// Code is one allowed value with what people read and see.
type Code struct {
	Value string `json:"value"`
	Title Text   `json:"title"`
	Color string `json:"color,omitempty"` // #rrggbb
	// ValidTo marks a legacy code (YYYY-MM-DD): still accepted on import, never offered.
	ValidTo string `json:"validTo,omitempty"`
}

// Grant lets roles write a layer.
type Grant struct {
	Roles []Role `json:"roles"`
	// Actions are among create, update, delete; empty means all three.
	Actions []string `json:"actions,omitempty"`
	// Own restricts to features whose field equals the person's: "operator" or "hamlet_id".
	Own string `json:"own,omitempty"`
	// Fields are the attributes that an update may change, "geometry" among them where the place may be; empty means all.
	Fields []string `json:"fields,omitempty"`
}

// GeometryField is what a grant calls the place among the attributes.
const GeometryField = "geometry"

// Role is what a person is in the commune (DOMAIN section 1).
type Role string

// The roles.
const (
	Anyone         Role = "public"
	LandOfficer    Role = "land_officer"
	ForestRanger   Role = "forest_ranger"
	CultureOfficer Role = "culture_officer"
	HamletHead     Role = "hamlet_head"
	TelecomPartner Role = "telecom_partner"
	TourismStaff   Role = "tourism_staff"
	Leader         Role = "leader"
	Auditor        Role = "auditor"
	Admin          Role = "admin"
	// Forgotten is what is left of the role of an account whose person was forgotten; nobody can be given it.
	Forgotten Role = "forgotten"
)

// Roles lists every role that an account can have.
var Roles = []Role{LandOfficer, ForestRanger, CultureOfficer, HamletHead, TelecomPartner, TourismStaff, Leader, Auditor, Admin}

// Visibility says what the public sees. The zero value is: nothing.
type Visibility struct {
	Visible bool `json:"visible"`
	// When restricts rows: all conditions must hold.
	When []Condition `json:"when,omitempty"`
	// MinZoom is the zoom from which public tiles carry the layer.
	MinZoom int `json:"minZoom,omitempty"`
	// RoundM moves points to the centres of squares this many metres wide (in EPSG:9205) for the public.
	RoundM float64 `json:"roundM,omitempty"`
}

// Condition compares one field with literal values. It means the same in SQL and in Go.
type Condition struct {
	Field string `json:"field"`
	// Is is "in", "not_in" (null counts as not in) or "set" (is not null).
	Is     string   `json:"is"`
	Values []string `json:"values,omitempty"`
}

// TileRule says at which zooms tiles carry the layer.
type TileRule struct {
	MinZoom int `json:"minZoom"`
	MaxZoom int `json:"maxZoom"` // tiles beyond are drawn from this zoom by the client; 0 means 18
	// LabelPoint adds a tile layer "<id>_label" with one point a feature, for names that stand once.
	LabelPoint bool `json:"labelPoint,omitempty"`
	// Skip keeps the layer out of tiles.
	Skip bool `json:"skip,omitempty"`
}

// Style is the layer's drawing in a few words; the full map style and legend are derived from it.
type Style struct {
	// Kind is fill, line, circle, icon, or one of the drawings of their own: road, building, boundary.
	Kind    string    `json:"kind"`
	Color   string    `json:"color,omitempty"`
	Outline string    `json:"outline,omitempty"`
	Opacity float64   `json:"opacity,omitempty"` // 0 means 1
	Width   float64   `json:"width,omitempty"`   // px at zoom 14
	Dash    []float64 `json:"dash,omitempty"`
	// By names the field whose codes give the colours.
	By string `json:"by,omitempty"`
	// Rules colour by more than one field: the first that holds gives the colour. They take the place of By.
	Rules []StyleRule `json:"rules,omitempty"`
	Label string      `json:"label,omitempty"` // field shown as label
	// LabelFrom is the zoom at which labels begin; 0 means as soon as the layer is drawn.
	LabelFrom float64 `json:"labelFrom,omitempty"`
	Icon      string  `json:"icon,omitempty"`
	// On says whether the layer is shown when the map opens.
	On bool `json:"on,omitempty"`
}

// Labels reports whether the points of the tile layer "<id>_label" carry a field: words, their size, colour and order are
// made of it. What else a feature has stands in the layer itself.
func (s Style) Labels(field string) bool {
	switch field {
	case "":
		return false
	case s.Label, s.By, "class", "ele_m":
		return true
	}
	return slices.ContainsFunc(s.Rules, func(r StyleRule) bool {
		return slices.ContainsFunc(r.When, func(c Condition) bool { return c.Field == field })
	})
}

// StyleRule gives a colour and the word that stands beside it to the features that meet all its conditions;
// without conditions it holds for every feature.
type StyleRule struct {
	Value string      `json:"value"` // its id in the legend
	When  []Condition `json:"when,omitempty"`
	Color string      `json:"color"` // #rrggbb
	Title Text        `json:"title"`
}

// Move is one step of the layer's work (DOMAIN section 3): who may take a feature from one state to another, and with what.
type Move struct {
	ID    string `json:"id"` // e.g. "report_coverage"
	Title Text   `json:"title"`
	// Field holds the state; From lists the states it may start in ("" is null), To is where it ends.
	Field string   `json:"field"`
	From  []string `json:"from"`
	To    string   `json:"to"`
	Roles []Role   `json:"roles"`
	Own   string   `json:"own,omitempty"` // as in Grant
	// SecondPerson demands somebody other than who made the state in From.
	SecondPerson bool `json:"secondPerson,omitempty"`
	// Fields are asked for (and may be written) by the move; Needs are those that must be given.
	Fields []string `json:"fields,omitempty"`
	Needs  []string `json:"needs,omitempty"`
	// Reason and Evidence say whether a reason in words and a file (photo, document, model) are required.
	Reason   bool `json:"reason,omitempty"`
	Evidence bool `json:"evidence,omitempty"`
	// Check names a rule of internal/review that must hold, e.g. "within_30m_of_plan".
	Check string `json:"check,omitempty"`
	// Effect names what internal/review does beside the move in the same transaction, e.g. "publish_coverage".
	Effect string `json:"effect,omitempty"`
}
