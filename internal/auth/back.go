package auth

import (
	"maps"
	"reflect"
	"slices"

	"bando/geodata"
	"bando/internal/fault"
)

// MayTakeBack says whether the person may set a feature of the layer back to what it was: as an ordinary edit to the same end, but that
// attributes which only moves write are set back by whoever may take a move that writes them. A state that a second person's move
// leads to is arrived at only by who may take that move; whether it is a second person is for package review. The feature
// before is the zero one where it is to be there again, and after is where it is to go.
func MayTakeBack(p Person, l geodata.Layer, a Action, before, after geodata.Feature, moved bool) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	if a == Delete {
		return MayRow(p, l, Delete, before)
	}
	at := before // whose rows the moves are
	if a == Create {
		if err := MayRow(p, l, Create, after); err != nil {
			return err
		}
		at = after
	}
	reach := reachOfMoves(p, l, at)
	rest := geodata.Feature{ID: after.ID, Properties: maps.Clone(after.Properties)}
	byHand := moved
	for _, name := range changed(before, after) {
		f, _ := l.Field(name)
		switch {
		case slices.Contains(reach, name):
			if err := mayArrive(p, l, name, at, after); err != nil {
				return err
			}
			if v, had := before.Properties[name]; had {
				rest.Properties[name] = v
			} else {
				delete(rest.Properties, name)
			}
		case f.Moved && (a != Create || !reflect.DeepEqual(f.Default, after.Properties[name])):
			return errNoMoveBack.WithField(name)
		default:
			byHand = true
		}
	}
	if a == Create || !byHand {
		return nil
	}
	return MayUpdate(p, l, before, rest, moved)
}

// MayTakeBackPublished says whether the person may take a publication of coverage back: whoever may publish. What it changed lies in several
// layers that nobody writes by hand.
func MayTakeBackPublished(p Person, c *geodata.Catalogue) error {
	if !p.SignedIn() {
		return ErrSignIn
	}
	for _, l := range c.Layers() {
		for _, m := range l.Moves {
			if m.Effect != publishes {
				continue
			}
			if _, narrow := ownOf(p.Role); Takes(p, m) && !narrow && p.has(ScopeMove, l.ID) {
				return nil
			}
			return denied(Verb{VI: "lấy lại lần công bố của", EN: "take back a publication of"}, l.Title, m.Roles)
		}
	}
	return errDenied
}

// publishes is the effect of the move that publishes coverage.
const publishes = "publish_coverage"

// changed names the attributes in which the two differ, in order.
func changed(before, after geodata.Feature) []string {
	names := map[string]bool{}
	for _, side := range []map[string]any{before.Properties, after.Properties} {
		for name := range side {
			if !reflect.DeepEqual(before.Properties[name], after.Properties[name]) {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// reachOfMoves are the attributes that moves write which the person may take with the feature. A moved attribute that no move names is
// written beside all of the layer's moves.
func reachOfMoves(p Person, l geodata.Layer, f geodata.Feature) []string {
	var named, reach []string
	for _, m := range l.Moves {
		fields := append([]string{m.Field}, m.Fields...)
		named = append(named, fields...)
		if MayMove(p, l, m, f) == nil {
			reach = append(reach, fields...)
		}
	}
	if len(reach) == 0 {
		return nil
	}
	for _, f := range l.Fields {
		if f.Moved && !slices.Contains(named, f.Name) {
			reach = append(reach, f.Name)
		}
	}
	return reach
}

// mayArrive asks for the right to the second person's moves that lead to the state which the attribute is to have.
func mayArrive(p Person, l geodata.Layer, field string, at, after geodata.Feature) error {
	for _, m := range l.Moves {
		if m.SecondPerson && m.Field == field && after.Properties[field] == m.To {
			if err := MayMove(p, l, m, at); err != nil {
				return err
			}
		}
	}
	return nil
}

var errNoMoveBack = fault.New(errField.Kind(), errField.Code(), fault.Text{
	VI: "Thuộc tính này chỉ đổi qua các bước công việc; chỉ người được thực hiện một bước ghi thuộc tính đó mới lấy lại được.",
	EN: "This attribute changes only by steps of the work; only who may take a step that writes it may take it back.",
})
