package edit_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/internal/edit"
	"bando/internal/fault"
)

func key(request string) *edit.Once {
	return &edit.Once{Key: "key-0001", Request: sha256.Sum256([]byte(request))}
}

func TestABatchSentAgainUnderItsKeyIsToldOfAndNotMade(t *testing.T) {
	b := newBench(t)
	first := b.apply(culture, edit.Batch{Once: key("a")}, hamlet("B01", 0))
	b.apply(culture, edit.Batch{}, merge("hamlets", first.Features[0], map[string]any{"population": 3}))
	again := b.apply(culture, edit.Batch{Once: key("a")}, hamlet("B01", 0))
	if !again.Replayed || first.Replayed || again.Revision != first.Revision || !reflect.DeepEqual(again.Outcomes, first.Outcomes) || again.Features[0] != first.Features[0] || again.Added != 1 {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	b.refuses("idempotency_key_reused", culture, edit.Batch{Once: key("b")}, hamlet("B02", 3000))
	if other := b.apply(admin, edit.Batch{Once: key("b")}, hamlet("B02", 3000)); other.Replayed {
		t.Error("another account's key was taken for this one's")
	}
	if n := b.count("SELECT count(*) FROM bando.log"); n != 3 {
		t.Errorf("%d entries", n)
	}
}

func TestWhatWasRefusedOrTriedOutLeavesItsKeyFree(t *testing.T) {
	b := newBench(t)
	bad := hamlet("B01", 0)
	bad.Properties["kind"] = "làng"
	b.refuses("field_enum", culture, edit.Batch{Once: key("a")}, bad)
	b.apply(culture, edit.Batch{Once: key("b"), DryRun: true}, hamlet("B01", 0))
	if _, found, err := b.editor.First(t.Context(), culture, *key("b")); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	if r := b.apply(culture, edit.Batch{Once: key("c")}, hamlet("B01", 0)); r.Replayed || r.Added != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOfManyAtOnceUnderOneKeyOneIsMadeAndAllAreToldTheSame(t *testing.T) {
	b := newBench(t)
	results, errs := make([]edit.Result, 8), make([]error, 8)
	var all sync.WaitGroup
	for n := range results {
		all.Go(func() { results[n], errs[n] = b.try(culture, edit.Batch{Once: key("a")}, hamlet("B01", 0)) })
	}
	all.Wait()
	made := 0
	for n, r := range results {
		if errs[n] != nil || !reflect.DeepEqual(r.Outcomes, results[0].Outcomes) {
			t.Fatalf("%+v, %v", r, errs[n])
		}
		if !r.Replayed {
			made++
		}
	}
	if n := b.count("SELECT count(*) FROM layer.hamlets"); n != 1 || made != 1 {
		t.Errorf("%d hamlets, made %d times", n, made)
	}
}

func TestABatchThatComesToNothingLeavesTheNextUnderItsKeyTheRoom(t *testing.T) {
	b := newBench(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	broken := errors.New("cut")
	var first, second error
	var result edit.Result
	var all sync.WaitGroup
	all.Go(func() {
		_, first = b.try(culture, edit.Batch{Once: key("a"), Then: func(context.Context, pgx.Tx) error {
			close(entered)
			<-leave
			return broken
		}}, hamlet("B01", 0))
	})
	<-entered
	all.Go(func() { result, second = b.try(culture, edit.Batch{Once: key("a")}, hamlet("B01", 0)) })
	close(leave)
	all.Wait()
	if !errors.Is(first, broken) || second != nil || result.Replayed || b.count("SELECT count(*) FROM layer.hamlets") != 1 {
		t.Errorf("first %v, second %+v, %v", first, result, second)
	}
}

func TestRefusalsOfABatchOfEachAreToldAgainAsTheyWere(t *testing.T) {
	b := newBench(t)
	bad := hamlet("B02", 2000)
	bad.Ref, bad.Properties["kind"] = "dòng 2", "làng"
	batch := edit.Batch{Each: true, Once: key("a")}
	first := b.apply(culture, batch, hamlet("B01", 0), bad, hamlet("B03", 4000))
	again := b.apply(culture, batch, hamlet("B01", 0), bad, hamlet("B03", 4000))
	if len(again.Refused) != 1 || again.Added != 2 || again.RefusedCount != 1 || !reflect.DeepEqual(again.Outcomes, first.Outcomes) {
		t.Fatalf("first %+v\nagain %+v", first, again)
	}
	x, y := first.Refused[0], again.Refused[0]
	if y.Index != 1 || y.Ref != "dòng 2" || y.Err.Code() != x.Err.Code() || y.Err.Text() != x.Err.Text() || y.Err.Field() != x.Err.Field() || len(y.Err.Details()) != len(x.Err.Details()) {
		t.Errorf("first %+v\nagain %+v", x, y)
	}
}

func TestWhoseTwinTakesTooLongIsToldToComeAgain(t *testing.T) {
	b := newBench(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	var first error
	var all sync.WaitGroup
	all.Go(func() {
		_, first = b.try(culture, edit.Batch{Once: key("a"), Then: func(context.Context, pgx.Tx) error {
			close(entered)
			<-leave
			return nil
		}}, hamlet("B01", 0))
	})
	<-entered
	_, err := b.editor.WithPatience(100*time.Millisecond).Apply(t.Context(), culture, edit.Batch{Changes: seq(hamlet("B01", 0)), Via: "api", Once: key("a")})
	close(leave)
	all.Wait()
	if f, ok := fault.As(err); !ok || f.Code() != "idempotency_key_in_use" || f.Details()["retry_after"] == nil || first != nil {
		t.Errorf("told %v; the first %v", err, first)
	}
}

func TestAKeyIsForgottenAfterItsTime(t *testing.T) {
	b := newBench(t)
	b.apply(culture, edit.Batch{Once: key("a")}, hamlet("B01", 0))
	for _, c := range []struct {
		age  string
		want int
	}{{"6 days 23 hours", 1}, {"7 days 1 hour", 0}} {
		if _, err := b.pool.Exec(t.Context(), "UPDATE bando.once SET at = now() - $1::text::interval", c.age); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		b.editor.Sweep(ctx, func(err error) { t.Error(err) })
		stop()
		if n := b.count("SELECT count(*) FROM bando.once"); n != c.want {
			t.Errorf("%d keys of %s are left", n, c.age)
		}
	}
}
