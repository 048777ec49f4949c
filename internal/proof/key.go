package proof

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"bando/internal/fault"
)

// Key signs checkpoints (Ed25519). It is a server's own, in its data folder and never in the database: whoever can write the
// database cannot sign.
type Key struct {
	signer note.Signer
	public string
}

// PublicFile is the file of a data folder with the public half of its key.
const PublicFile = "proof.pub"

const privateFile = "proof.key"

// keyName is the name in the lines of signatures; which key it is, the number behind it tells.
const keyName = "bando"

var errKey = fault.New(fault.Invalid, "proof_key_invalid", fault.Text{
	VI: "Không đọc được khóa ký mốc nhật ký. Hãy khôi phục tệp khóa từ bản sao lưu; nếu đã mất, xóa tệp hỏng để máy chủ tạo khóa mới và giữ lại khóa công khai cũ để kiểm các mốc cũ.",
	EN: "The key that signs checkpoints cannot be read. Restore its file from a backup; if it is lost, remove the broken file so that the server makes a new key, and keep the old public key to check old checkpoints.",
})

// LoadKey reads the key of a data folder, or makes it when there is none.
func LoadKey(dir string) (Key, error) {
	path := filepath.Join(dir, privateFile)
	private, err := os.ReadFile(path) //nolint:gosec // the data folder is the operator's
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(dir)
	}
	if err != nil {
		return Key{}, errKey.With("file", path).Wrap(err)
	}
	public, err := os.ReadFile(filepath.Join(dir, PublicFile)) //nolint:gosec // as above
	if err != nil {
		return Key{}, errKey.With("file", filepath.Join(dir, PublicFile)).Wrap(err)
	}
	return newKey(strings.TrimSpace(string(private)), strings.TrimSpace(string(public)))
}

func newKey(private, public string) (Key, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return Key{}, errKey.With("file", privateFile)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil || verifier.KeyHash() != signer.KeyHash() {
		return Key{}, errKey.With("file", PublicFile)
	}
	return Key{signer, public}, nil
}

// makeKey writes the public half first, so that no private half is ever alone; of two servers that begin at once on one
// folder, the one that is first wins.
func makeKey(dir string) (Key, error) {
	private, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Key{}, fmt.Errorf("make the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, privateFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // as above
	if errors.Is(err, fs.ErrExist) {
		return LoadKey(dir)
	}
	if err != nil {
		return Key{}, fmt.Errorf("keep the key: %w", err)
	}
	_, err = file.WriteString(private + "\n")
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, PublicFile), []byte(public+"\n"), 0o600), file.Sync(), file.Close()); err != nil {
		return Key{}, fmt.Errorf("keep the key: %w", err)
	}
	return newKey(private, public)
}

// Public is the key's public half as text, for those who check checkpoints elsewhere.
func (k Key) Public() string { return k.public }

// Verifiers are the public keys, given as text, that checkpoints are trusted by.
func Verifiers(public ...string) (note.Verifiers, error) {
	list := make([]note.Verifier, 0, len(public))
	for _, text := range public {
		v, err := note.NewVerifier(strings.TrimSpace(text))
		if err != nil {
			return nil, errPublic.With("key", text)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

var errPublic = fault.New(fault.Invalid, "public_key_invalid", fault.Text{
	VI: "Khóa công khai không đúng dạng. Nó là một dòng bắt đầu bằng “bando+”, xem ở tệp proof.pub hoặc trang /proof của máy chủ đã ký.",
	EN: "The public key does not have its form. It is one line that begins with “bando+”: see the file proof.pub or the page /proof of the server that signed.",
})
