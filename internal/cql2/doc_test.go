package cql2_test

import (
	"os"
	"strings"
	"testing"

	"bando/internal/cql2"
)

func TestTheDocumentsFiltersAreRead(t *testing.T) {
	doc, err := os.ReadFile("../../docs/cql2.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```cql2\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/cql2.md has no examples")
	}
	for filter := range strings.Lines(block) {
		if strings.HasPrefix(filter, "--") {
			continue
		}
		e, err := cql2.ParseText(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		roundTrip(t, e)
	}
}
