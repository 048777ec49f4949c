package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/review"
	"bando/internal/web"
)

// offer is a move as the page may show it: allowed, or why it is not.
type offer struct {
	ID       string       `json:"id"`
	Title    geodata.Text `json:"title"`
	Field    string       `json:"field"`
	To       string       `json:"to"`
	Fields   []string     `json:"fields"`
	Needs    []string     `json:"needs"`
	Reason   bool         `json:"reason"`
	Evidence bool         `json:"evidence"`
	Allowed  bool         `json:"allowed"`
	WhyNot   *whyNot      `json:"why_not"`
}

type whyNot struct {
	Code string `json:"code"`
	geodata.Text
}

// moves answers which steps the person may take with a feature now.
func (a *API) moves(w http.ResponseWriter, r *http.Request) error {
	l, id, err := a.feature(r)
	if err != nil {
		return err
	}
	options, err := a.Review.Available(r.Context(), Who(r), l.ID, id)
	if err != nil {
		return err
	}
	offers := make([]offer, 0, len(options))
	for _, o := range options {
		m := o.Move
		one := offer{
			ID: m.ID, Title: m.Title, Field: m.Field, To: m.To, Fields: list(m.Fields), Needs: list(m.Needs),
			Reason: m.Reason, Evidence: m.Evidence, Allowed: o.WhyNot == nil,
		}
		if o.WhyNot != nil {
			one.WhyNot = &whyNot{o.WhyNot.Code(), o.WhyNot.Text()}
		}
		offers = append(offers, one)
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]any{"moves": offers})
}

// list writes "none" as an empty array.
func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// feature finds the layer and the feature's id that an address names.
func (a *API) feature(r *http.Request) (geodata.Layer, int64, error) {
	if err := features.CheckQuery(r); err != nil {
		return geodata.Layer{}, 0, err
	}
	return a.featureOf(r)
}

// moveRequest is the body of a move.
type moveRequest struct {
	Move       string          `json:"move"`
	Properties json.RawMessage `json:"properties"`
	Reason     string          `json:"reason"`
	Evidence   []int64         `json:"evidence"`
}

// maxMove bounds a move's body in bytes.
const maxMove = 256 << 10

var errMove = fault.New(fault.Invalid, "move_invalid", fault.Text{
	VI: "“properties” phải là một đối tượng JSON với các trường mà bước này hỏi.",
	EN: "“properties” must be a JSON object of the fields that the move asks for.",
}).WithField("properties")

// take takes a feature along a move and answers with the feature.
func (a *API) take(w http.ResponseWriter, r *http.Request) error {
	if !Who(r).SignedIn() {
		return auth.ErrSignIn
	}
	l, id, err := a.feature(r)
	if err != nil {
		return err
	}
	expect, err := a.Features.Expected(r, l, id)
	if err != nil {
		return err
	}
	var body moveRequest
	if err := web.ReadJSON(w, r, maxMove, &body); err != nil {
		return err
	}
	q := review.Request{Move: body.Move, Evidence: body.Evidence, Expect: expect}
	if q.Reason, err = features.Reason(r, body.Reason); err != nil {
		return err
	}
	if len(body.Properties) > 0 {
		dec := json.NewDecoder(bytes.NewReader(body.Properties))
		dec.UseNumber() // as package features reads attributes
		if err := dec.Decode(&q.Properties); err != nil {
			return errMove.Wrap(err)
		}
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if q.Once, err = features.Once(r, sent); err != nil {
		return err
	}
	result, err := a.Features.Made(r, q.Once, func(ctx context.Context) (edit.Result, error) {
		return a.Review.Take(ctx, Who(r), l.ID, id, q)
	})
	if err != nil {
		return err
	}
	return a.Features.Answer(w, r, l, result, http.StatusOK)
}
