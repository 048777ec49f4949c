package cql2

import (
	"strings"
	"time"
)

const (
	dateLayout  = "2006-01-02"
	notADateVI  = "«%s» không phải ngày có thật dạng 2026-01-31."
	notADateEN  = "«%s» is not a day of the form 2026-01-31."
	notATimeVI  = "«%s» không phải thời điểm có thật dạng 2026-01-31T08:30:00Z."
	notATimeEN  = "«%s» is not an instant of the form 2026-01-31T08:30:00Z."
	intervalsVI = "«%s» không phải ngày, thời điểm hay '..'."
	intervalsEN = "«%s» is neither a day, an instant nor '..'."
)

// parseDate reads the standard's fullDate; the year 0000 is none that a database knows.
func parseDate(s string) (time.Time, bool) {
	t, err := time.Parse(dateLayout, s)
	return t, err == nil && t.Year() > 0
}

// parseTimestamp reads an instant in UTC or, more than the standard asks, with an offset (RFC 3339). What is finer than
// a microsecond is cut off: PostgreSQL does not hold it.
func parseTimestamp(s string) (time.Time, bool) {
	if strings.ContainsRune(s, ',') { // time.Parse takes a decimal comma
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC().Truncate(time.Microsecond)
	return t, err == nil && t.Year() > 0 && t.Year() < 10000
}

func dateText(d Date) string { return d.Value.Format(dateLayout) }

func timestampText(t Timestamp) string { return t.Value.Format("2006-01-02T15:04:05.999999Z07:00") }

// dateOf, timestampOf and endOf make nodes of what stands between the quotes.
func dateOf(at Position, s string) (Expr, error) {
	if t, ok := parseDate(s); ok {
		return Date{at, t}, nil
	}
	return nil, failf(at, notADateVI, notADateEN, clip(s))
}

func timestampOf(at Position, s string) (Expr, error) {
	if t, ok := parseTimestamp(s); ok {
		return Timestamp{at, t}, nil
	}
	return nil, failf(at, notATimeVI, notATimeEN, clip(s))
}

func endOf(at Position, s string) (Expr, error) {
	if s == ".." {
		return Open{at}, nil
	}
	if t, ok := parseDate(s); ok {
		return Date{at, t}, nil
	}
	if t, ok := parseTimestamp(s); ok {
		return Timestamp{at, t}, nil
	}
	return nil, failf(at, intervalsVI, intervalsEN, clip(s))
}

// intervalOf refuses an interval that ends before it begins.
func intervalOf(at Position, from, to Expr) (Expr, error) {
	a, ok1 := bound(from, false)
	b, ok2 := bound(to, true)
	if ok1 && ok2 && b.Before(a) {
		return nil, failf(at, "Khoảng thời gian kết thúc trước khi bắt đầu.", "The interval ends before it begins.")
	}
	return Interval{at, from, to}, nil
}

// bound is the first or the last instant of a literal; a day ends with its last microsecond.
func bound(e Expr, last bool) (time.Time, bool) {
	switch e := e.(type) {
	case Timestamp:
		return e.Value, true
	case Date:
		if last {
			return e.Value.AddDate(0, 0, 1).Add(-time.Microsecond), true
		}
		return e.Value, true
	default:
		return time.Time{}, false
	}
}

// instant reads DATE('…') or TIMESTAMP('…').
func (p *parser) instant() (Expr, error) {
	t := p.take()
	p.i++
	s := p.peek()
	if s.kind != text {
		return nil, p.unexpected("chuỗi ngày giờ trong dấu '…'", "a day or an instant in quotes '…'")
	}
	p.i++
	e, err := timestampOf(t.at, s.text)
	if strings.EqualFold(t.text, "DATE") {
		e, err = dateOf(t.at, s.text)
	}
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) interval() (Expr, error) {
	at := p.take().at
	p.i++
	from, err := p.intervalEnd()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	to, err := p.intervalEnd()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return intervalOf(at, from, to)
}

func (p *parser) intervalEnd() (Expr, error) {
	t := p.peek()
	if t.kind == text {
		p.i++
		return endOf(t.at, t.text)
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	switch e.(type) {
	case Ref, Call, Date, Timestamp:
		return e, nil
	default:
		return nil, failf(t.at, "Đầu khoảng thời gian phải là ngày, thời điểm, '..', thuộc tính hoặc hàm.",
			"The end of an interval is a day, an instant, '..', a property or a function.")
	}
}
