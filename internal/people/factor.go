package people

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base32"
	"errors"
	"fmt"
	"image/png"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/factor.sql
var factorSQL string

//go:embed sql/offer_factor.sql
var offerFactorSQL string

//go:embed sql/confirm_factor.sql
var confirmFactorSQL string

//go:embed sql/use_step.sql
var useStepSQL string

//go:embed sql/use_recovery_code.sql
var useRecoveryCodeSQL string

//go:embed sql/add_recovery_codes.sql
var addRecoveryCodesSQL string

//go:embed sql/forget_recovery_codes.sql
var forgetRecoveryCodesSQL string

//go:embed sql/count_recovery_codes.sql
var countRecoveryCodesSQL string

//go:embed sql/remove_factor.sql
var removeFactorSQL string

// Codes of the second factor: those of RFC 6238 that every app knows (SHA-1, six digits, 30 seconds).
const (
	stepSeconds   = 30
	skewSteps     = 1 // a phone's clock may be so many steps off
	factorBytes   = 20
	codeDigits    = 6
	recoveryCodes = 10
	qrPixels      = 240
)

// Factor is the state of an account's second factor.
type Factor struct {
	Enabled           bool
	Required          bool // the role needs one; the demo's accounts do not, as their passwords are printed anyway
	RecoveryCodesLeft int
}

// Offer is a second factor that is shown once, to be set up in an app.
type Offer struct {
	Secret string // base32, for typing
	URI    string // otpauth://, for apps on the same device
	QR     []byte // PNG
}

// storedFactor is a second factor in the database.
type storedFactor struct {
	Secret      []byte
	ConfirmedAt *time.Time
	LastStep    int64
}

// Factor tells of the second factor of whoever asks.
func (p *People) Factor(ctx context.Context, who auth.Person) (Factor, error) {
	a, err := p.Account(ctx, who.Name)
	if err != nil {
		return Factor{}, err
	}
	left, err := one[int](ctx, p.pool, countRecoveryCodesSQL, who.Account)
	return Factor{Enabled: a.SecondFactor, Required: a.NeedsFactor(), RecoveryCodesLeft: left}, pg.Fault(err)
}

// NeedsFactor reports whether the account is nothing without a second factor.
func (a Account) NeedsFactor() bool { return auth.NeedsSecondFactor(a.Role) && !a.Demo }

// OfferFactor draws a secret for the person's app. It counts from ConfirmFactor on. Faults: those of proveSelf, ErrFactorOn.
func (p *People) OfferFactor(ctx context.Context, who auth.Person, s Session, address, password string) (Offer, error) {
	if err := p.proveSelf(ctx, who, s, address, password); err != nil {
		return Offer{}, err
	}
	secret := secretBytes(factorBytes)
	n, err := exec(ctx, p.pool, "keep a second factor", offerFactorSQL, who.Account, secret)
	if err != nil {
		return Offer{}, err
	}
	if n == 0 {
		return Offer{}, ErrFactorOn
	}
	return offer(who.Name, secret)
}

// offer writes a secret for people and for apps.
func offer(name string, secret []byte) (Offer, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	uri := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/bando:" + name,
		RawQuery: "secret=" + text + "&issuer=bando&digits=" + strconv.Itoa(codeDigits) + "&period=" + strconv.Itoa(stepSeconds),
	}
	key, err := otp.NewKeyFromURL(uri.String())
	if err != nil {
		return Offer{}, fmt.Errorf("write a second factor: %w", err)
	}
	picture, err := key.Image(qrPixels, qrPixels)
	if err != nil {
		return Offer{}, fmt.Errorf("draw a second factor: %w", err)
	}
	var qr bytes.Buffer
	if err := png.Encode(&qr, picture); err != nil {
		return Offer{}, fmt.Errorf("draw a second factor: %w", err)
	}
	return Offer{Secret: text, URI: uri.String(), QR: qr.Bytes()}, nil
}

// ConfirmFactor makes the offered factor count, as its first code proves that the app has it. It ends the other sessions, and returns the
// recovery codes, once. Faults: ErrNoOffer, ErrCode.
func (p *People) ConfirmFactor(ctx context.Context, who auth.Person, s Session, address, code string) ([]string, error) {
	found, err := collect[storedFactor](ctx, p.pool, "look up a second factor", factorSQL, who.Account)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].ConfirmedAt != nil {
		return nil, ErrNoOffer
	}
	step, right, err := stepOf(found[0].Secret, code, p.now())
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, ErrCode
	}
	var codes []string
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "confirm a second factor", confirmFactorSQL, who.Account, step, p.now(), found[0].Secret)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoOffer
		}
		if _, err := exec(ctx, tx, "end other sessions", endOtherSessionsSQL, who.Account, digest(s.secret)); err != nil {
			return err
		}
		if codes, err = newRecoveryCodes(ctx, tx, who.Account); err != nil {
			return err
		}
		return note(ctx, tx, By(who, address), actFactorOn, who.Name, nil)
	})
	return codes, err
}

// RemoveFactor takes the second factor away. Where the role needs one, the session is then only good to set up another. Faults:
// ErrNoFactor, ErrCode and those of proveSelf.
func (p *People) RemoveFactor(ctx context.Context, who auth.Person, s Session, address, password, code string) error {
	if err := p.proveSelf(ctx, who, s, address, password); err != nil {
		return err
	}
	return p.withCode(ctx, who, address, code, func(tx pgx.Tx) error {
		if err := dropFactor(ctx, tx, who.Account); err != nil {
			return err
		}
		return note(ctx, tx, By(who, address), actFactorOff, who.Name, nil)
	})
}

func dropFactor(ctx context.Context, tx pgx.Tx, account int64) error {
	if _, err := exec(ctx, tx, "remove a second factor", removeFactorSQL, account); err != nil {
		return err
	}
	_, err := exec(ctx, tx, "forget recovery codes", forgetRecoveryCodesSQL, account)
	return err
}

// NewRecoveryCodes draws recovery codes anew; the old ones are good no more. Faults: ErrNoFactor, ErrCode, ErrTooMany.
func (p *People) NewRecoveryCodes(ctx context.Context, who auth.Person, address, code string) (codes []string, err error) {
	err = p.withCode(ctx, who, address, code, func(tx pgx.Tx) error {
		if codes, err = newRecoveryCodes(ctx, tx, who.Account); err != nil {
			return err
		}
		return note(ctx, tx, By(who, address), actRecoveryCodes, who.Name, nil)
	})
	return codes, err
}

// withCode does something in the transaction in which a code of the person's second factor is used up; guessing it is held up as at
// sign-in.
func (p *People) withCode(ctx context.Context, who auth.Person, address, code string, do func(pgx.Tx) error) error {
	attempt, err := p.admit(ctx, who.Name, address)
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if err := p.useCode(ctx, tx, Account{ID: who.Account, Name: who.Name}, By(who, address), code); err != nil {
			return err
		}
		return do(tx)
	})
	switch {
	case errors.Is(err, errCodeWrong):
		return errors.Join(ErrCode, attempt.noteIfLast(ctx, address))
	case err != nil:
		return errors.Join(err, attempt.withdrawn(ctx))
	default:
		return attempt.succeeded(ctx)
	}
}

// errCodeWrong is what useCode says of a code that is not the next one; who asked for it makes a fault of it.
var errCodeWrong = errors.New("the code is not right")

// useCode uses up a code of the app, or a recovery code: each is good once. ErrNoFactor when the account has none.
func (p *People) useCode(ctx context.Context, tx pgx.Tx, a Account, by Doer, code string) error {
	found, err := collect[storedFactor](ctx, tx, "look up a second factor", factorSQL, a.ID)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].ConfirmedAt == nil {
		return ErrNoFactor
	}
	step, right, err := stepOf(found[0].Secret, code, p.now())
	if err != nil {
		return err
	}
	if right {
		n, err := exec(ctx, tx, "use a code", useStepSQL, a.ID, step)
		if err == nil && n == 0 {
			return errCodeWrong
		}
		return err
	}
	n, err := exec(ctx, tx, "use a recovery code", useRecoveryCodeSQL, a.ID, digest(plainCode(code)))
	if err != nil {
		return err
	}
	if n == 0 {
		return errCodeWrong
	}
	return note(ctx, tx, by, actRecovered, a.Name, nil)
}

// stepOf finds the step of time near now whose code it is.
func stepOf(secret []byte, code string, now time.Time) (step int64, right bool, err error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	text := base32.StdEncoding.EncodeToString(secret)
	current := now.Unix() / stepSeconds
	for at := current - skewSteps; at <= current+skewSteps; at++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(at), hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // no clock is before 1970
		if err != nil {
			return 0, false, fmt.Errorf("work out a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, right = at, true
		}
	}
	return step, right, nil
}

// newRecoveryCodes draws codes in place of the old ones: 80 random bits each, so that a plain hash keeps them.
func newRecoveryCodes(ctx context.Context, tx pgx.Tx, account int64) ([]string, error) {
	if _, err := exec(ctx, tx, "forget recovery codes", forgetRecoveryCodesSQL, account); err != nil {
		return nil, err
	}
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		drawn := strings.ToLower(rand.Text())[:16]
		codes[i] = strings.Join([]string{drawn[:4], drawn[4:8], drawn[8:12], drawn[12:]}, "-")
		hashes[i] = digest(drawn)
	}
	_, err := exec(ctx, tx, "add recovery codes", addRecoveryCodesSQL, account, hashes)
	return codes, err
}

// plainCode is a recovery code as it was drawn, however it is typed.
func plainCode(code string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(code)))
}
