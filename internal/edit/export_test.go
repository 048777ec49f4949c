package edit

import "time"

// WithPatience is the editor that waits only so long for another batch with the same key.
func (e *Editor) WithPatience(most time.Duration) *Editor {
	c := *e
	c.patience = most
	return &c
}
