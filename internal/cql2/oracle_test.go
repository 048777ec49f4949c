package cql2_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"bando/internal/cql2"
)

// oracle is a program of the Python package cql2 (developmentseed), which other people wrote: texts in, their JSON out.
const oracle = `
import cql2, json, sys
def read(text):
    try: return cql2.parse_text(text).to_json()
    except Exception as e: return None
json.dump([read(t) for t in json.load(sys.stdin)], sys.stdout)`

func TestAnotherReaderUnderstandsTheSame(t *testing.T) {
	needKit(t)
	if os.Getenv("CI") == "true" {
		t.Skip("the Python package cql2 is asked outside CI only")
	}
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import cql2").Run(); err != nil {
		t.Skip("the Python package cql2 is absent: pip install cql2")
	}
	var texts []string
	for _, row := range readTSV(t, "ats-expected.tsv") {
		texts = append(texts, row[3])
	}
	for _, e := range examples(t) {
		texts = append(texts, e.Text)
	}
	for i, text := range texts { // what we write must be read too
		e, err := cql2.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			texts[i] = cql2.Text(e)
		}
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", oracle)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []json.RawMessage
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		mine, err := cql2.ParseText(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		their, err := cql2.ParseJSON(theirs[i])
		if err != nil {
			t.Errorf("%s: theirs is %s: %v", text, theirs[i], err)
			continue
		}
		if a, b := string(cql2.JSON(mine)), string(cql2.JSON(their)); a != b {
			t.Errorf("%s\nmine  %s\ntheir %s", text, a, b)
		}
	}
}
