package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// cost is what one hashing takes. New hashes use the cost of today; old ones carry their own.
type cost struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint8
}

// today is OWASP's second recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB and 2 passes, which a
// village's small server can afford a few times at once.
var today = cost{memoryKiB: 19 * 1024, passes: 2, lanes: 1}

// The bounds of what is believed of a stored hash: beyond them the database, not the password, is at fault.
const (
	maxMemoryKiB = 256 * 1024
	maxPasses    = 16
	saltBytes    = 16
	keyBytes     = 32
)

// Lengths of passwords in characters. Long ones are welcome; the limit only keeps a request from being a burden.
const (
	minPassword = 10
	maxPassword = 256
)

// hashers bounds how many hashings run at once, so that a storm of sign-ins waits instead of eating the memory:
// n hashings take n × 19 MiB.
type hashers struct {
	slots   chan struct{}
	patient time.Duration
}

func newHashers(n int, patient time.Duration) hashers {
	return hashers{slots: make(chan struct{}, n), patient: patient}
}

// key derives the key of a password when a slot is free; ErrBusy when none comes free in time.
func (h hashers) key(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	wait := time.NewTimer(h.patient)
	defer wait.Stop()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-wait.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.passes, c.memoryKiB, c.lanes, keyBytes), nil
}

// hash makes the stored form of a new password.
func (h hashers) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	key, err := h.key(ctx, password, salt, today)
	if err != nil {
		return "", err
	}
	return phc{today, salt, key}.String(), nil
}

// matches reports whether a password is the one of a stored hash, in a time that does not depend on the answer.
func (h hashers) matches(ctx context.Context, password, stored string) (bool, error) {
	p, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	key, err := h.key(ctx, password, p.salt, p.cost)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1, nil
}

// phc is a stored hash in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	cost cost
	salt []byte
	key  []byte
}

func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.cost.memoryKiB, p.cost.passes, p.cost.lanes, enc.EncodeToString(p.salt), enc.EncodeToString(p.key))
}

func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, fmt.Errorf("a stored password hash is not argon2id version %d in the PHC format", argon2.Version)
	}
	var p phc
	if n, err := fmt.Sscanf(parts[3]+"\n", "m=%d,t=%d,p=%d\n", &p.cost.memoryKiB, &p.cost.passes, &p.cost.lanes); err != nil || n != 3 {
		return phc{}, fmt.Errorf("read the cost of a stored password hash: %q", parts[3])
	}
	c := p.cost
	if c.passes < 1 || c.passes > maxPasses || c.lanes < 1 || c.memoryKiB < 8*uint32(c.lanes) || c.memoryKiB > maxMemoryKiB {
		return phc{}, fmt.Errorf("the cost of a stored password hash is out of bounds: %q", parts[3])
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(p.salt) < 8 {
		return phc{}, fmt.Errorf("the salt of a stored password hash is damaged")
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(p.key) != keyBytes {
		return phc{}, fmt.Errorf("the key of a stored password hash is damaged")
	}
	return p, nil
}

// preparedPassword gives the form of a password that is hashed: the same however a keyboard composes its diacritics
// (RFC 8265, OpaqueString).
func preparedPassword(password string) (string, error) {
	if n := utf8.RuneCountInString(password); n > maxPassword {
		return "", ErrPasswordLong
	}
	prepared, err := precis.OpaqueString.String(password)
	if err != nil {
		return "", ErrPasswordUnreadable.Wrap(err)
	}
	return prepared, nil
}

// newPassword also holds a password to what is asked of a new one.
func newPassword(password, name string) (string, error) {
	prepared, err := preparedPassword(password)
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(prepared) < minPassword {
		return "", ErrPasswordShort
	}
	if folded, err := foldName(prepared); err == nil && folded == name {
		return "", ErrPasswordIsName
	}
	if guessable(prepared, name) {
		return "", ErrPasswordCommon
	}
	return prepared, nil
}

// foldName gives the one form of an account's name: NFC, lower case, no spaces (RFC 8265, UsernameCaseMapped).
// Names are kept in this form, so their uniqueness does not hang on the database's collation.
func foldName(name string) (string, error) {
	folded, err := precis.UsernameCaseMapped.String(strings.TrimSpace(name))
	if err != nil || folded == "" || utf8.RuneCountInString(folded) > 80 {
		return "", ErrName.Wrap(err)
	}
	return folded, nil
}

// lookalikes are the scripts in which whole words look like Latin ones.
var lookalikes = []*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu}

// looksLikeAnother reports whether a new account's name may be taken for one of Latin letters: RFC 8265 folds case and width, and
// leaves characters that look alike to whoever gives names (its section 8.5; UTS 39). A name is written in one script, and in none of
// the lookalikes. Names that accounts already have are not asked.
func looksLikeAnother(name string) bool {
	latin, other := false, false
	for _, r := range name {
		switch {
		case unicode.In(r, lookalikes...):
			return true
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.IsLetter(r):
			other = true
		}
	}
	return latin && other
}
