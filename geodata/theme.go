package geodata

// Theme groups layers as the commune's plan does (plan line 157), with the base map apart.
type Theme string

// The seven themes of the plan, then the base.
const (
	Administrative Theme = "administrative"
	Tourism        Theme = "tourism"
	Land           Theme = "land"
	Resources      Theme = "resources"
	Agriculture    Theme = "agriculture"
	Population     Theme = "population"
	Specialised    Theme = "specialised"
	Base           Theme = "base"
)

// Themes lists them in the plan's order.
func Themes() []Theme {
	return []Theme{Administrative, Tourism, Land, Resources, Agriculture, Population, Specialised, Base}
}

// Title names the theme.
func (t Theme) Title() Text {
	switch t {
	case Administrative:
		return Text{VI: "Hành chính", EN: "Administration"}
	case Tourism:
		return Text{VI: "Du lịch", EN: "Tourism"}
	case Land:
		return Text{VI: "Đất đai", EN: "Land"}
	case Resources:
		return Text{VI: "Tài nguyên", EN: "Resources"}
	case Agriculture:
		return Text{VI: "Nông nghiệp", EN: "Agriculture"}
	case Population:
		return Text{VI: "Dân cư", EN: "Population"}
	case Specialised:
		return Text{VI: "Chuyên ngành", EN: "Specialised"}
	default:
		return Text{VI: "Nền", EN: "Base map"}
	}
}
