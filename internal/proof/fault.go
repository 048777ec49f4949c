package proof

import (
	"fmt"
	"time"

	"bando/geodata"
)

// Kind is what is wrong with a place of the log.
type Kind string

// The kinds of faults.
const (
	// Altered is an entry that does not have its hash: it, or its hash, was changed, or another was put in its place.
	Altered Kind = "altered"
	// Inserted is an entry that the ones around it know nothing of.
	Inserted Kind = "inserted"
	// Missing is a place whose entries are gone: between Fault.After and Fault.Place, neither of them among them.
	Missing Kind = "missing"
	// Rewritten is a revision whose hash is another than a signed checkpoint says: the log was made anew before it.
	Rewritten Kind = "rewritten"
	// Head is a newest entry that is another than the log's head says.
	Head Kind = "head"
	// Row is a row of a layer that is not what the log made of it.
	Row Kind = "row"
)

// Fault is one thing that is wrong.
type Fault struct {
	Kind    Kind         `json:"kind"`
	Place   string       `json:"entry,omitempty"` // revision and ordinal: "12.3"
	After   string       `json:"after,omitempty"`
	Layer   string       `json:"collection,omitempty"`
	Feature int64        `json:"feature,omitempty"`
	At      *time.Time   `json:"at,omitempty"`
	Who     string       `json:"who,omitempty"`
	Detail  geodata.Text `json:"detail"`
	place   Place
}

func (e *entry) fault(kind Kind, detail geodata.Text) Fault {
	at := time.UnixMicro(e.micros).UTC()
	return Fault{
		Kind: kind, Place: e.String(), place: e.Place, Layer: string(e.layer), Feature: e.feature, At: &at, Who: string(e.who), Detail: detail,
	}
}

func altered() geodata.Text {
	return geodata.Text{
		VI: "Mục này, hoặc mã băm của nó, đã bị sửa sau khi ghi.",
		EN: "This entry, or its hash, was changed after it was written.",
	}
}

func inserted() geodata.Text {
	return geodata.Text{
		VI: "Mục này được chèn thêm về sau: mục kế tiếp không biết đến nó.",
		EN: "This entry was put in afterwards: the one behind it does not know it.",
	}
}

func missing(after, before string) geodata.Text {
	return geodata.Text{
		VI: fmt.Sprintf("Các mục sau mục %s và trước mục %s đã bị xóa.", after, before),
		EN: fmt.Sprintf("The entries behind %s and before %s were taken out.", after, before),
	}
}

func rewritten(signed time.Time) geodata.Text {
	day := signed.Format("2006-01-02 15:04:05Z07:00")
	return geodata.Text{
		VI: "Nhật ký đến lần ghi này không còn như lúc được ký (" + day + "): đã bị viết lại.",
		EN: "The log up to this revision is not what was signed (" + day + "): it was written anew.",
	}
}

// maxFaults is how many faults a report tells one by one; the others are counted.
const maxFaults = 100

// faults collects what is wrong.
type faults struct {
	told  []Fault
	count int
}

func (f *faults) add(one Fault) {
	f.count++
	if len(f.told) < maxFaults {
		f.told = append(f.told, one)
	}
}

// inserted says of the entry read last that it was put in, whatever was said of it before.
func (f *faults) inserted(e Fault) {
	e.Kind, e.Detail = Inserted, inserted()
	if n := len(f.told); n > 0 && f.told[n-1].place == e.place && f.told[n-1].Kind == Altered {
		f.told[n-1] = e
		return
	}
	f.add(e)
}
