package edit

import (
	"encoding/json"

	"bando/geodata"
	"bando/internal/fault"
)

// Result is what became of a batch.
type Result struct {
	// Revision is the transaction's in the log; zero when nothing was changed, or in a dry run.
	Revision geodata.Revision
	// Read is how many changes came; each is in one of the five counts.
	Read, Added, Changed, Unchanged, Deleted, RefusedCount int
	// Refused tells the refusals in order, the first MaxRefusals of them.
	Refused []Refusal
	// Features are the ids in the order of the changes; zero for those refused.
	Features []int64
	// Outcomes tell of each change, in their order.
	Outcomes []Outcome
	// Replayed says that the batch was kept before, under the same key (Once), and is told of again.
	Replayed bool
	// Note is what Batch.Close had to add; nil for nothing.
	Note json.RawMessage
}

// Did is what was done about one change.
type Did string

// What can become of a change.
const (
	Created   Did = "created"
	Changed   Did = "changed"
	Unchanged Did = "unchanged"
	Deleted   Did = "deleted"
	Refused   Did = "refused"
)

// Outcome is what became of one change.
type Outcome struct {
	Did     Did   `json:"did"`
	Feature int64 `json:"feature,omitempty"` // zero when it was refused
	// Revision is the one that the feature has now, or was deleted in; zero in a dry run or when it was refused.
	Revision geodata.Revision `json:"revision,omitempty"`
}

// Refusal is one change that was not kept, and why.
type Refusal struct {
	// Index is the change's place in the batch, from zero.
	Index int
	Ref   string
	Layer string
	Err   *fault.Error
}

// add counts one more change.
func (r *Result) add(o Outcome) {
	r.Read++
	switch o.Did {
	case Created:
		r.Added++
	case Changed:
		r.Changed++
	case Unchanged:
		r.Unchanged++
	case Deleted:
		r.Deleted++
	case Refused:
		r.RefusedCount++
	}
	r.Outcomes = append(r.Outcomes, o)
	r.Features = append(r.Features, o.Feature)
}

// settle tells the result its revision.
func (r *Result) settle(revision geodata.Revision) {
	r.Revision = revision
	for n, o := range r.Outcomes {
		if o.Did == Created || o.Did == Changed || o.Did == Deleted {
			r.Outcomes[n].Revision = revision
		}
	}
}

// outcome is what became of the change.
func (i *item) outcome() Outcome {
	switch {
	case i.err != nil:
		return Outcome{Did: Refused}
	case i.same:
		return Outcome{Did: Unchanged, Feature: i.row.ID, Revision: i.was.Revision}
	case i.row.Op == geodata.Create:
		return Outcome{Did: Created, Feature: i.row.ID}
	case i.row.Op == geodata.Delete:
		return Outcome{Did: Deleted, Feature: i.row.ID}
	default:
		return Outcome{Did: Changed, Feature: i.row.ID}
	}
}
