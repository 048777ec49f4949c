package past

import (
	"strings"
	"time"

	"bando/internal/fault"
)

// ErrInstant is the fault of text that is no instant.
var ErrInstant = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “datetime”: một thời điểm theo RFC 3339, như 2026-01-01T00:00:00Z, hoặc một ngày, như 2026-01-01 (cuối ngày ở Việt Nam).",
	EN: "Parameter “datetime”: an instant as in RFC 3339, such as 2026-01-01T00:00:00Z, or a date, such as 2026-01-01 (its end in Viet Nam).",
}).WithField("datetime")

// vietnam is the zone of dates without one: the commune's.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

// Instant reads a time, or a date, which begins and ends with the day in Viet Nam.
func Instant(text string) (begin, end time.Time, err error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, vietnam()); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	if err != nil || at.Year() < 1 {
		return at, at, ErrInstant
	}
	return at, at, nil
}
