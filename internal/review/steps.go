package review

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"bando/geodata"
	"bando/internal/fault"
)

// complete adds what bando knows by itself to what was sent, move by move.
func (s *step) complete(ctx context.Context) error {
	switch {
	case s.move.Field == "coverage_5g":
		return s.coverageMark()
	case s.move.ID == "install":
		return s.install()
	case s.move.ID == "start_operating":
		return s.startOperating()
	case s.move.ID == "attach_model":
		s.attachModel()
	case s.layer.ID == submissions:
		return s.submissionMove(ctx)
	}
	return nil
}

// coverageMark dates the mark. A report states result and share anew, so that no share stays from the one before.
func (s *step) coverageMark() error {
	if s.move.ID == "report_coverage" {
		result, share := s.given["coverage_5g_result"], s.given["coverage_5g_households_pct"]
		if result == "partial" && share == nil {
			return ErrShare
		}
		s.given["coverage_5g_households_pct"] = share
	}
	s.set("coverage_5g_on", s.today())
	return nil
}

func (s *step) install() error {
	if on := text(s.given, "installed_on"); on > s.today() {
		return ErrFuture.WithField("installed_on")
	}
	if s.given["installed_place"] == nil && s.photoAt != nil {
		s.given["installed_place"] = orb.Point(*s.photoAt)
	}
	return nil
}

// startOperating takes the word of who starts the point as its first sign of life.
func (s *step) startOperating() error {
	seen := text(s.given, "last_seen")
	if seen == "" {
		s.set("last_seen", s.now().UTC().Format(time.RFC3339))
		return nil
	}
	at, err := time.Parse(time.RFC3339, seen)
	if err != nil || at.After(s.now().Add(time.Hour)) { // phones' clocks differ a little
		return ErrFuture.WithField("last_seen")
	}
	return nil
}

// attachModel takes the one model sent as evidence, and states heading and scale anew.
func (s *step) attachModel() {
	if s.given[modelID] == nil && len(s.models) == 1 {
		s.given[modelID] = s.models[0]
	}
	for _, name := range []string{"model_heading", "model_scale"} {
		if _, ok := s.given[name]; !ok {
			s.given[name] = nil
		}
	}
}

// check holds the rule that the move names.
func (s *step) check() error {
	switch s.move.Check {
	case "":
		return nil
	case "within_30m_of_plan":
		// Where the place is not known there is nothing to compare; the photo and the date stand.
		at, ok := s.given["installed_place"].(orb.Point)
		if !ok {
			return nil
		}
		return s.near(at, 30, "installed_place", "too_far_from_plan", fault.Text{
			VI: "Vị trí lắp đặt cách vị trí dự kiến %.0f m (cho phép %.0f m). Hãy đo lại tại chỗ, hoặc sửa vị trí dự kiến trước.",
			EN: "The place of installation is %.0f m from the planned one (%.0f m are allowed). Measure again on site, or change the plan first.",
		})
	case "within_200m_of_site":
		lon, okLon := s.given["model_lon"].(float64)
		lat, okLat := s.given["model_lat"].(float64)
		if !okLon || !okLat {
			return nil // Needs has refused it
		}
		return s.near(orb.Point{lon, lat}, 200, "model_lon", "model_too_far", fault.Text{
			VI: "Mô hình đặt cách điểm du lịch %.0f m (cho phép %.0f m). Hãy đặt lại gần điểm.",
			EN: "The model is placed %.0f m from its site (%.0f m are allowed). Place it closer.",
		})
	default:
		return fmt.Errorf("move %s of layer %s names the check %q, which review does not know", s.move.ID, s.layer.ID, s.move.Check)
	}
}

// near demands that a place lies within so many metres of the feature. Haversine errs by less than 0.5 %.
func (s *step) near(at orb.Point, mostM float64, field, code string, say geodata.Text) error {
	if s.feature.Geometry == nil {
		return nil
	}
	plan, ok := s.feature.Geometry.(orb.Point)
	if !ok {
		plan = s.feature.Geometry.Bound().Center()
	}
	distanceM := geo.DistanceHaversine(at, plan)
	if distanceM <= mostM {
		return nil
	}
	return fault.New(fault.Invalid, code, fault.Text{
		VI: fmt.Sprintf(say.VI, distanceM, mostM), EN: fmt.Sprintf(say.EN, distanceM, mostM),
	}).WithField(field).WithPlace(at.Lon(), at.Lat()).With("distance_m", int(distanceM))
}
