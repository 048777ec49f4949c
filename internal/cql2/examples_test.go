package cql2_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"bando/internal/cql2"
)

const kit = "../../../shared/kit/cql2/data/"

// needKit skips a test where the conformance kit is not at hand; in CI that is a failure.
func needKit(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(kit); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("../shared/kit/cql2 is absent")
		}
		t.Skip("../shared/kit/cql2 is absent: the standard's examples are not tested here")
	}
}

type example struct {
	Name, Text string
	JSON       json.RawMessage
}

func examples(t testing.TB) []example {
	t.Helper()
	needKit(t)
	f, err := os.Open(kit + "examples.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []example
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if len(list) < 100 {
		t.Fatalf("only %d examples", len(list))
	}
	return list
}

func TestEveryPublishedExampleReadsAlikeInBothLanguages(t *testing.T) {
	pairs := 0
	for _, e := range examples(t) {
		fromText, err := cql2.ParseText(e.Text)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		roundTrip(t, fromText)
		if len(e.JSON) == 0 || string(e.JSON) == "null" {
			continue
		}
		pairs++
		fromJSON, err := cql2.ParseJSON(e.JSON)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		roundTrip(t, fromJSON)
		if a, b := string(cql2.JSON(fromText)), string(cql2.JSON(fromJSON)); a != b {
			t.Errorf("%s: the text means\n%s\nand the JSON\n%s", e.Name, a, b)
		}
	}
	if pairs < 100 {
		t.Errorf("only %d pairs were compared", pairs)
	}
}

// roundTrip holds a tree against what its two spellings are read as.
func roundTrip(t testing.TB, e cql2.Expr) {
	t.Helper()
	text, js := cql2.Text(e), string(cql2.JSON(e))
	again, err := cql2.ParseText(text)
	if err != nil {
		t.Errorf("its own text %s is refused: %v", text, err)
		return
	}
	if got := string(cql2.JSON(again)); got != js {
		t.Errorf("%s\nwas read as %s\nnot as      %s", text, got, js)
	}
	again, err = cql2.ParseJSON([]byte(js))
	if err != nil {
		t.Errorf("its own JSON %s is refused: %v", js, err)
		return
	}
	if got := cql2.Text(again); got != text {
		t.Errorf("%s\nwas read as %s\nnot as      %s", js, got, text)
	}
}
