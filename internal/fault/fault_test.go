package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"bando/internal/fault"
)

var errGeometry = fault.New(fault.Invalid, "geometry_invalid", fault.Text{
	VI: "Ranh giới tự cắt nhau; hãy sửa tại điểm được đánh dấu.",
	EN: "The boundary crosses itself; mend it at the marked point.",
})

func TestACopyIsSharpenedAndTheOriginalStaysAsItWas(t *testing.T) {
	sharp := errGeometry.WithField("geom").WithPlace(103.65, 22.39).With("layer", "parcels").Wrap(io.ErrUnexpectedEOF)
	again := sharp.With("layer", "hamlets")

	if errGeometry.Field() != "" || errGeometry.Details() != nil || errGeometry.Unwrap() != nil {
		t.Errorf("the declared fault was changed: %v", errGeometry)
	}
	if _, ok := errGeometry.Place(); ok {
		t.Error("the declared fault has a place")
	}
	if p, ok := sharp.Place(); !ok || p != (fault.Place{Lon: 103.65, Lat: 22.39}) {
		t.Errorf("place = %v, %v", p, ok)
	}
	if sharp.Details()["layer"] != "parcels" || again.Details()["layer"] != "hamlets" {
		t.Errorf("details are shared between copies: %v, %v", sharp.Details(), again.Details())
	}
	if sharp.Field() != "geom" || !errors.Is(sharp, io.ErrUnexpectedEOF) {
		t.Errorf("field or cause lost: %v", sharp)
	}
}

func TestASharpenedCopyIsStillTheDeclaredFault(t *testing.T) {
	err := fmt.Errorf("keep change 3 of layer parcels: %w", errGeometry.WithField("geom").Wrap(io.EOF))
	if !errors.Is(err, errGeometry) {
		t.Error("errors.Is does not know the copy")
	}
	other := fault.New(fault.Invalid, "unknown_field", fault.Text{})
	if errors.Is(err, other) {
		t.Error("errors.Is takes one code for another")
	}
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("kind = %v", fault.KindOf(err))
	}
	if e, ok := fault.As(err); !ok || e.Code() != "geometry_invalid" || e.Field() != "geom" {
		t.Errorf("As = %v, %v", e, ok)
	}
}

func TestAnUnclassifiedErrorIsInternal(t *testing.T) {
	for _, err := range []error{nil, io.EOF, fmt.Errorf("read: %w", io.EOF)} {
		if _, ok := fault.As(err); ok || fault.KindOf(err) != fault.Internal {
			t.Errorf("%v has kind %v", err, fault.KindOf(err))
		}
	}
}

func TestTheSentenceIsVietnameseUnlessEnglishIsAskedFor(t *testing.T) {
	vi, en := errGeometry.Text().VI, errGeometry.Text().EN
	for lang, want := range map[string]string{
		"": vi, "vi": vi, "vi-VN": vi, "fr": vi, "e": vi, "enm": vi, "en": en, "EN": en, "en-GB": en,
	} {
		if got := errGeometry.Sentence(lang); got != want {
			t.Errorf("Sentence(%q) = %q", lang, got)
		}
	}
	if got := (fault.Text{EN: "only"}).In("vi"); got != "only" {
		t.Errorf("a missing translation gives %q", got)
	}
	if got := (fault.Text{VI: "chỉ"}).In("en"); got != "chỉ" {
		t.Errorf("a missing translation gives %q", got)
	}
}

func TestTheLogTextHoldsCodeFieldSentenceAndCause(t *testing.T) {
	got := errGeometry.WithField("geom").Wrap(io.EOF).Error()
	want := "geometry_invalid (geom): The boundary crosses itself; mend it at the marked point.: EOF"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]fault.Kind{}
	for k := fault.Internal; k <= fault.Busy; k++ {
		if was, twice := seen[k.String()]; twice {
			t.Errorf("kinds %d and %d are both called %q", was, k, k)
		}
		seen[k.String()] = k
	}
	if fault.Kind(99).String() != "internal" || fault.Kind(-1).String() != "internal" {
		t.Error("an unknown kind is not internal")
	}
}
