package features

import (
	"testing"
	"time"
)

func TestChecklist06DatetimeAsksForAMoment(t *testing.T) {
	for text, want := range map[string]string{
		"2020-04-01T12:30:00Z":                      "2020-04-01T12:30:00Z",
		"2020-04-01t12:30:00.5+07:00":               "2020-04-01T05:30:00.5Z",
		"2020-04-01":                                "2020-04-01T17:00:00Z", // the day's end in Viet Nam
		"../2020-04-01":                             "2020-04-01T17:00:00Z",
		"/2020-04-01T00:00:00Z":                     "2020-04-01T00:00:00Z",
		"2020-04-01/..":                             "9999-12-31T00:00:00Z",
		"2020-04-01T00:00:00Z/":                     "9999-12-31T00:00:00Z",
		"2020-04-01/P2D":                            "2020-04-02T17:00:00Z",
		"2020-04-01T00:00:00Z/P1Y2M1W3DT4H5M6S":     "2021-06-11T04:05:06Z",
		"P2D/2020-04-01T00:00:00Z":                  "2020-04-01T00:00:00Z",
		"2020-04-01T00:00:00Z/2020-04-01T00:00:00Z": "2020-04-01T00:00:00Z",
	} {
		if at, err := asOf(text); err != nil || at.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s means %v, %v; not %s", text, at.UTC().Format(time.RFC3339Nano), err, want)
		}
	}
	for _, bad := range []string{
		"", "..", "../..", "/", "2020", "2020-13-01", "2020-04-31", "2020-04-01T25:00:00Z", "2020-04-01T00:00:00", "now", "2020-04-02/2020-04-01T00:00:00Z",
		"2020-04-01/P", "2020-04-01/PT", "2020-04-01/P1DT", "2020-04-01/2D", "P1D/..", "2020-04-01/P-1D", "a/b/c", "2020-01-01/2020-01-02/2020-01-03", "P1D/P1D", "P1D",
	} {
		if at, err := asOf(bad); code(err) != "parameter_invalid" {
			t.Errorf("%q is taken for %v, %v", bad, at, err)
		}
	}
}
