package review

import (
	"encoding/json"
	"fmt"
	"slices"

	"bando/geodata"
)

// Severity says what a finding means for its submission.
type Severity string

// An error keeps a submission from being submitted; a warning is for the partner and the reviewer to weigh.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is what a check of DOMAIN section 3 (CV-…) says about a submission. Its JSON is kept with the submission.
type Finding struct {
	Code     string       `json:"code"`
	Severity Severity     `json:"severity"`
	Text     geodata.Text `json:"text"`
	Field    string       `json:"field,omitempty"`
	// Place is where on the map it is: lon, lat in degrees.
	Place *[2]float64 `json:"place,omitempty"`
	// AreaM2 is how much of the map it is.
	AreaM2 float64 `json:"area_m2,omitempty"`
}

// The checks on the shape of a submission; the others are on what it states.
var shapeChecks = [...]string{"CV-01", "CV-02", "CV-03", "CV-04"}

func (f Finding) ofShape() bool { return slices.Contains(shapeChecks[:], f.Code) }

func (f Finding) at(lon, lat *float64) Finding {
	if lon != nil && lat != nil {
		f.Place = &[2]float64{*lon, *lat}
	}
	return f
}

func blocks(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}

// maxFindings is how many findings of one check are told one by one.
const maxFindings = 20

// limited keeps the first findings of each check and says how many more there are.
func limited(findings []Finding) []Finding {
	counts := make(map[string]int)
	kept := make([]Finding, 0, len(findings))
	for _, f := range findings {
		counts[f.Code]++
		if counts[f.Code] <= maxFindings {
			kept = append(kept, f)
		}
	}
	for i, f := range kept {
		more := counts[f.Code] - maxFindings
		if last := i == len(kept)-1 || kept[i+1].Code != f.Code; last && more > 0 {
			kept[i].Text.VI += fmt.Sprintf(" (và %d chỗ khác)", more)
			kept[i].Text.EN += fmt.Sprintf(" (and %d more)", more)
		}
	}
	return kept
}

// kept reads findings as they lie in a feature's attributes.
func kept(v any) ([]Finding, bool) {
	if v == nil {
		return nil, false
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	var findings []Finding
	return findings, json.Unmarshal(raw, &findings) == nil
}
