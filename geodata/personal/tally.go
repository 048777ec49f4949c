package personal

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Tally counts what the values of one column look like. The zero value is an empty column.
type Tally struct {
	Values int // that are there
	texts  int // of them strings
	counts map[Kind]int
	// marked are names that can be no place's, likely those that may well be.
	marked, likely int
	// padded are numbers that have lost the zero that phones and identity numbers begin with.
	padded   int
	heads    map[string]int // how often long numbers begin with the same five digits
	nines    int            // texts of nine digits that begin with 0
	ninesAll int
	examples map[Kind]string
	first    string
}

// maxHeads bounds the memory of a column; a register of places has few beginnings.
const maxHeads = 1000

// Add looks at one more value.
func (t *Tally) Add(value any) {
	switch v := value.(type) {
	case string:
		if v = strings.TrimSpace(v); v != "" {
			t.addText(v)
		}
	case float64:
		t.addNumber(v)
	case []any:
		for _, one := range v {
			t.Add(one)
		}
	}
}

func (t *Tally) addText(v string) {
	t.Values++
	t.texts++
	if t.first == "" {
		t.first = v
	}
	t.head(v)
	if found := Search(v); len(found) > 0 && (found[0].Kind != Email || found[0].Text == v) {
		t.count(found[0].Kind, found[0].Text)
		return
	}
	if number := bare(v); len(number) == 9 && number <= "389999999" {
		t.ninesAll++
		if number[0] == '0' {
			t.nines++
		}
		t.example(ID, v)
		return
	}
	switch nameLike(v) {
	case marked:
		t.marked++
		t.count(Name, v)
	case strong:
		t.count(Name, v)
	case likely:
		t.likely++
	case noName:
	}
}

func (t *Tally) addNumber(v float64) {
	t.Values++
	if v != math.Trunc(v) || v < 1e7 || v >= 1e13 {
		return
	}
	number := strconv.FormatFloat(v, 'f', 0, 64)
	if IsMobile("0"+number) || IsCCCD(strings.Repeat("0", max(0, 12-len(number)))+number) || (len(number) == 9 && number < "39") {
		t.padded++
		t.example(ID, number)
	}
}

func (t *Tally) count(k Kind, example string) {
	if t.counts == nil {
		t.counts = map[Kind]int{}
	}
	t.counts[k]++
	t.example(k, example)
}

func (t *Tally) example(k Kind, v string) {
	if t.examples == nil {
		t.examples = map[Kind]string{}
	}
	if t.examples[k] == "" {
		t.examples[k] = v
	}
}

// head counts how long numbers begin.
func (t *Tally) head(v string) {
	number := bare(v)
	if len(number) < 9 {
		return
	}
	if t.heads == nil {
		t.heads = map[string]int{}
	}
	if _, known := t.heads[number[:5]]; known || len(t.heads) < maxHeads {
		t.heads[number[:5]]++
	}
}

// bare is the number that a text is nothing but, without its separators; "" for other texts.
func bare(v string) string {
	number := strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '-' {
			return -1
		}
		return r
	}, v)
	if !allDigits(number) {
		return ""
	}
	return number
}

// The shares of a column's values from which they prove it to be about people.
const (
	mostly  = 0.6
	partly  = 0.2 // where the column's name speaks of people already
	nameful = 0.4 // marked names, where a name is what the attribute is for
	fewest  = 3   // names, and
	fewIDs  = 5   // numbers of nine digits, that prove anything
)

// Judge tells by its values whether a column is about people. suspect says that its name speaks of them; named that it goes to
// an attribute for names of places, many of which are called after people.
func (t *Tally) Judge(suspect, named bool) (Kind, bool) {
	least := mostly
	if suspect {
		least = partly
	}
	var sum int
	kind := Kind("")
	for _, k := range []Kind{ID, Phone, Email, Name} {
		n := t.counts[k]
		if k == ID && t.isRegister() {
			n = 0
		}
		if k == Name && !t.areNames(suspect, named) {
			n = 0
		}
		sum += n
		if n > 0 && (kind == "" || n > t.counts[kind]) {
			kind = k
		}
	}
	switch {
	case kind != "" && t.share(sum) >= least:
		return kind, true
	case suspect && t.padded > 0 && t.share(t.padded) >= mostly:
		return ID, true
	case t.ninesAll >= fewIDs && t.share(t.ninesAll) >= mostly && !t.isRegister() && (suspect || 2*t.nines >= t.ninesAll):
		return ID, true
	}
	return "", false
}

// areNames reports whether what looks like names can be those of people.
func (t *Tally) areNames(suspect, named bool) bool {
	n := t.counts[Name]
	switch {
	case named:
		return n >= fewest && t.share(t.marked) >= nameful
	case suspect:
		return true
	default:
		return n >= fewest
	}
}

// isRegister reports whether nearly all numbers begin alike, as those of one commune's parcels do and people's do not.
func (t *Tally) isRegister() bool {
	total, most := 0, 0
	for _, n := range t.heads {
		total, most = total+n, max(most, n)
	}
	return total >= fewIDs && float64(most) >= 0.8*float64(total)
}

func (t *Tally) share(n int) float64 { return float64(n) / float64(max(1, t.Values)) }

// Example is a value that shows what was found, masked; any value where the name alone gave the column away.
func (t *Tally) Example(k Kind) string {
	if e := t.examples[k]; e != "" {
		return Mask(k, e)
	}
	if t.first == "" {
		return ""
	}
	if slices.Contains([]Kind{Phone, ID, Life}, k) && bare(t.first) != "" {
		return Mask(k, t.first)
	}
	return Mask(Name, t.first)
}
