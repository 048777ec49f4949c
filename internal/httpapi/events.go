package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bando/geodata"
	"bando/internal/features"
	"bando/internal/web"
)

const (
	// heartbeat keeps proxies from closing a quiet stream.
	heartbeat = 15 * time.Second
	// writeWithin is how long a page may take to take an event.
	writeWithin = 10 * time.Second
	// lookAgain is how often it is asked whether whoever listens still may: so soon an account that was disabled hears nothing more.
	lookAgain = 3 * time.Second
	// streamLife ends a stream now and then; the page comes back by itself.
	streamLife = 30 * time.Minute
)

// events streams changes as they happen (Server-Sent Events). First comes "hello" with the newest revision, then what a
// page that comes back has missed, or "reset" when that is not known any more.
func (a *API) events(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r); err != nil {
		return err
	}
	after, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	l, head, missed, reset, err := a.Hub.open(Who(r).Audience(), web.Address(r), geodata.Revision(after))
	if err != nil {
		return err
	}
	defer a.Hub.leave(l)
	s := &stream{w: w, rc: http.NewResponseController(w)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx holds streams back otherwise
	hello := fmt.Appendf(nil, "retry: 1000\nevent: hello\ndata: {\"revision\":%d}\n", head)
	if len(missed) == 0 { // the missed events bring their own ids, up to the same
		hello = fmt.Appendf(hello, "id: %d\n", head)
	}
	hello = append(hello, '\n')
	if reset {
		hello = fmt.Appendf(hello, "event: reset\ndata: {\"revision\":%d}\n\n", head)
	}
	for _, text := range missed {
		hello = append(hello, text...)
	}
	if s.send(hello) == nil { // otherwise the page has gone, and there is nobody to answer
		a.follow(s, r, l)
	}
	return nil
}

// stream is an open answer.
type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (s *stream) send(text []byte) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.rc.Flush()
}

// follow sends events until the page leaves, is let go, may not listen any more, or the stream has lived long enough.
func (a *API) follow(s *stream, r *http.Request, l *listener) {
	c := callerOf(r)
	var look <-chan time.Time
	if c.person.SignedIn() {
		ticker := time.NewTicker(lookAgain)
		defer ticker.Stop()
		look = ticker.C
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	end := time.NewTimer(streamLife)
	defer end.Stop()
	for {
		var text []byte
		select {
		case event, open := <-l.queue:
			if !open {
				_ = s.send([]byte(": closed by the server; come back\n\n"))
				return
			}
			text = event
		case <-look:
			// While the database cannot say, what was true a moment ago goes on.
			if holds, err := a.People.Holds(r.Context(), c.person, c.session); err == nil && !holds {
				_ = s.send([]byte(": the session has ended\n\n"))
				return
			}
			continue
		case <-beat.C:
			text = []byte(":\n\n")
		case <-end.C:
			return
		case <-r.Context().Done():
			return
		}
		if s.send(text) != nil {
			return
		}
	}
}
