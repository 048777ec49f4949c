package features

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"bando/geodata/past"
)

// readDatetime reads an instant or an interval (RFC 3339, OGC 17-069r4 section 7.15.3). The layers show states and have no
// time of their own, so what is read is the state as of that instant, or as of the end of the interval: "../" and the future
// mean now.
func readDatetime(q *question, text string) error {
	at, err := asOf(text)
	if err != nil {
		return err
	}
	if at.Before(time.Now()) {
		q.AsOf = at
	}
	return nil
}

var errDatetime = wrong("datetime", "một thời điểm hoặc khoảng theo RFC 3339, như 2026-01-01T00:00:00Z, 2026-01-01/.. hoặc 2026-01-01/P2D",
	"an instant or interval as in RFC 3339, such as 2026-01-01T00:00:00Z, 2026-01-01/.. or 2026-01-01/P2D")

// asOf is the moment whose state a datetime asks for; far in the future for an interval that is open.
func asOf(text string) (time.Time, error) {
	future := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	first, last, isInterval := strings.Cut(text, "/")
	if !isInterval {
		_, end, err := instant(first)
		return end, err
	}
	open := func(s string) bool { return s == "" || s == ".." }
	if open(first) && open(last) {
		return time.Time{}, errDatetime
	}
	if open(first) {
		_, end, err := instant(last)
		return end, err
	}
	if strings.HasPrefix(first, "P") {
		_, end, err := instant(last)
		if err == nil {
			_, err = later(end, first)
		}
		return end, err
	}
	begin, end, err := instant(first)
	switch {
	case err != nil:
		return end, err
	case open(last):
		return future, nil
	case strings.HasPrefix(last, "P"):
		return later(begin, last)
	}
	_, end, err = instant(last)
	if err == nil && end.Before(begin) {
		err = errDatetime
	}
	return end, err
}

// instant reads an end of an interval.
func instant(text string) (begin, end time.Time, err error) {
	if begin, end, err = past.Instant(text); err != nil {
		err = errDatetime
	}
	return begin, end, err
}

// duration is ISO 8601's: years, months, weeks, days; hours, minutes, seconds.
var duration = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// later is the moment a duration after another one.
func later(at time.Time, text string) (time.Time, error) {
	parts := duration.FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return at, errDatetime
	}
	n := make([]int, len(parts))
	for i, digits := range parts[1:] {
		n[i], _ = strconv.Atoi(digits) // "" is none
	}
	at = at.AddDate(n[0], n[1], 7*n[2]+n[3])
	return at.Add(time.Duration(n[4])*time.Hour + time.Duration(n[5])*time.Minute + time.Duration(n[6])*time.Second), nil
}
