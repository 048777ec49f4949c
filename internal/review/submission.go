package review

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/store"
)

// File is a partner's file as it was read.
type File struct {
	// Features are the polygons, in lon and lat; a fault of kind Invalid refuses one of them and the rest goes on.
	Features iter.Seq2[geodata.Change, error]
	// Name is the file's, SHA256 the hash of its bytes: the receipt.
	Name   string
	SHA256 []byte
	// Claim is what the polygons state: operator, technology, environment, min_signal_dbm, min_down_mbps, min_up_mbps,
	// as_of, method, and name and note. What is missing is taken from the features where they agree.
	Claim map[string]any
	// Once names the submission, so that it is taken in once however often it is sent; nil is one without a name.
	Once *edit.Once
}

// Draft is a submission that was taken in.
type Draft struct {
	edit.Result
	Feature  int64
	Findings []Finding
}

// claimFields are what a submission states.
var claimFields = [...]string{"operator", "technology", "environment", "min_signal_dbm", "min_down_mbps", "min_up_mbps", "as_of", "method"}

// ErrManyClaims is the fault of a file whose features state different things: one submission is one claim.
var ErrManyClaims = fault.New(fault.Invalid, "many_claims", fault.Text{
	VI: "Các vùng trong tệp ghi thông số khác nhau. Mỗi hồ sơ là một cam kết: hãy tách tệp theo công nghệ, môi trường và mức tín hiệu, hoặc chọn thông số chung.",
	EN: "The polygons of the file state different values. One submission is one claim: split the file by technology, environment and signal, or state a common value.",
})

// Submit takes a file in as a draft, with everything the automatic checks find (CV-01 … CV-07); errors among it keep the
// draft from being submitted, not from being seen. Faults: those of package auth, of attributes, ErrManyClaims,
// ErrNoPolygon, ErrNotDegrees, ErrTooManyVertices, and "outside_commune" when nothing of it is near the commune.
func (r *Review) Submit(ctx context.Context, who auth.Person, f File) (Draft, error) {
	l, err := r.store.Layer(submissions, who)
	if err != nil && !who.SignedIn() {
		return Draft{}, auth.ErrSignIn
	}
	if err != nil {
		return Draft{}, err
	}
	if err := auth.May(who, l, auth.Create); err != nil {
		return Draft{}, err
	}
	claim, err := readClaim(l, f.Claim)
	if err != nil {
		return Draft{}, err
	}
	if field, value, own := auth.OwnDefault(who, l); own && claim[field] == nil {
		claim[field] = value
	}
	s := &shape{}
	if err := gather(l, f.Features, s, claim); err != nil {
		return Draft{}, err
	}
	if err := auth.MayRow(who, l, auth.Create, geodata.Feature{Properties: claim}); err != nil {
		return Draft{}, err
	}
	return r.keepDraft(ctx, who, f, s, claim)
}

func (r *Review) keepDraft(ctx context.Context, who auth.Person, f File, s *shape, claim map[string]any) (Draft, error) {
	geometry, findings, err := r.checkShape(ctx, s)
	if err != nil {
		return Draft{}, err
	}
	stated, err := r.checkClaim(ctx, claim)
	if err != nil {
		return Draft{}, err
	}
	findings = append(findings, stated...)
	claim["faults"] = findings
	claim["file_id"] = "sha256:" + hex.EncodeToString(f.SHA256)
	claim["source"] = path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
	claim["code"] = r.receipt(claim)
	done, err := r.door.Apply(ctx, who, edit.Batch{
		Changes: one(geodata.Change{
			Layer: submissions, Op: geodata.Create, Geometry: geometry, HasGeometry: true, Properties: claim, Ref: f.Name,
		}),
		Reason: "Tải lên tệp " + text(claim, "source"), Via: Via, System: true, // rights were asked for; faults and file_id are ours
		Once: f.Once,
	})
	if err != nil {
		return Draft{}, err
	}
	return Draft{Result: done, Feature: done.Features[0], Findings: findings}, nil
}

// readClaim brings what was typed into the forms of the declaration.
func readClaim(l geodata.Layer, given map[string]any) (map[string]any, error) {
	claim := make(map[string]any, len(given))
	for _, name := range append(claimFields[:], "name", "note") {
		v, ok := given[name]
		if !ok {
			continue
		}
		field, err := fieldOf(l, name)
		if err != nil {
			return nil, err
		}
		value, err := store.Coerce(field, v)
		if err != nil {
			return nil, err
		}
		if value != nil {
			claim[name] = value
		}
	}
	return claim, nil
}

func fieldOf(l geodata.Layer, name string) (geodata.Field, error) {
	for _, f := range l.AllFields() {
		if f.Name == name {
			return f, nil
		}
	}
	return geodata.Field{}, fmt.Errorf("layer %s has no field %s", l.ID, name)
}

// gather reads the file's features: their polygons, and of their attributes what the claim leaves open.
func gather(l geodata.Layer, features iter.Seq2[geodata.Change, error], s *shape, claim map[string]any) error {
	found := make(map[string]any)
	n := 0
	for c, err := range features {
		n++
		ref := c.Ref
		if ref == "" {
			ref = fmt.Sprint(n)
		}
		if err != nil {
			f, isFault := fault.As(err)
			if !isFault || f.Kind() != fault.Invalid {
				return err
			}
			s.findings = append(s.findings, unreadable(ref, f))
			continue
		}
		if err := s.add(ref, c.Geometry); err != nil {
			return err
		}
		stated, err := readClaim(l, c.Properties)
		if err != nil {
			return err
		}
		for _, name := range claimFields {
			if claim[name] != nil || stated[name] == nil {
				continue
			}
			if other := found[name]; other != nil && other != stated[name] {
				return ErrManyClaims.WithField(name).With("values", []any{other, stated[name]})
			}
			found[name] = stated[name]
		}
	}
	maps.Copy(claim, found)
	if claim["environment"] == nil {
		claim["environment"] = "outdoor"
	}
	return nil
}

func unreadable(ref string, f *fault.Error) Finding {
	finding := Finding{Code: "CV-03", Severity: Error, Text: geodata.Text{
		VI: "Đối tượng " + ref + ": " + f.Text().VI, EN: "Feature " + ref + ": " + f.Text().EN,
	}}
	if p, ok := f.Place(); ok {
		finding.Place = &[2]float64{p.Lon, p.Lat}
	}
	return finding
}

// receipt is the submission's code: whose, what, when, and a few letters to tell two of one day apart.
func (r *Review) receipt(claim map[string]any) string {
	part := func(name string) string {
		if s := text(claim, name); s != "" {
			return strings.ToUpper(s)
		}
		return "X"
	}
	return fmt.Sprintf("%s-%s-%s-%s", part("operator"), part("technology"), r.today(), rand.Text()[:6])
}

// submissionMove judges the moves of a submission: no errors when it is submitted, no change since when it is accepted
// or published.
func (s *step) submissionMove(ctx context.Context) error {
	switch s.move.ID {
	case "submit":
		findings, err := s.findings(ctx)
		if err != nil {
			return err
		}
		if blocks(findings) {
			return ErrSubmissionFaults.With("faults", findings)
		}
		s.set("faults", findings)
		s.set("submitted_at", s.now().UTC().Format(time.RFC3339))
		return nil
	case "accept", "publish":
		changed, err := query(ctx, s.store.Pool(), pgx.RowTo[bool], "changed_since_submitted", s.feature.ID, claimFields[:])
		if err != nil {
			return err
		}
		if len(changed) == 1 && changed[0] {
			return ErrChangedSince
		}
	}
	return nil
}

// findings checks a draft again: what it states always, since months may have passed; its shape where it is not the one
// that was checked when the file was read.
func (s *step) findings(ctx context.Context) ([]Finding, error) {
	stated, err := s.checkClaim(ctx, s.feature.Properties)
	if err != nil {
		return nil, err
	}
	redrawn, err := query(ctx, s.store.Pool(), pgx.RowTo[bool], "redrawn", s.feature.ID)
	if err != nil {
		return nil, err
	}
	findings, known := kept(s.feature.Properties["faults"])
	if !known || (len(redrawn) == 1 && redrawn[0]) {
		shape, err := partsOf(s.feature.Geometry)
		if err != nil {
			return nil, err
		}
		if _, findings, err = s.checkShape(ctx, shape); err != nil {
			return nil, err
		}
	}
	all := []Finding{}
	for _, f := range findings {
		if f.ofShape() {
			all = append(all, f)
		}
	}
	return append(all, stated...), nil
}
