package badday_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Canaries are secrets, each in the forms in which it must be nowhere.
type canaries struct {
	mu    sync.Mutex
	forms map[string][][]byte // by what it is
}

func newCanaries() *canaries { return &canaries{forms: make(map[string][][]byte)} }

// plant makes a secret that nothing else on earth is likely to contain.
func (c *canaries) plant(what string) string {
	secret := "c4n4ry " + rand.Text() + " ü&<\"'"
	c.add(what, secret)
	return secret
}

// add takes a secret that somebody else has made, without its name where it is a cookie.
func (c *canaries) add(what, secret string) {
	if secret == "" {
		panic("no secret: " + what)
	}
	quoted, _ := json.Marshal(secret) // of text always succeeds
	text := []byte(secret)
	forms := [][]byte{
		text, bytes.Trim(quoted, `"`), []byte(url.QueryEscape(secret)), []byte(url.PathEscape(secret)),
		[]byte(base64.StdEncoding.EncodeToString(text)), []byte(base64.RawURLEncoding.EncodeToString(text)),
		[]byte(hex.EncodeToString(text)),
	}
	// A token is known by the bytes that its text means, too, and a device's by the signature at their end.
	for word := range strings.SplitSeq(secret, ".") {
		if raw, err := base64.RawURLEncoding.DecodeString(word); err == nil && len(raw) >= 32 {
			raw = raw[len(raw)-32:]
			forms = append(forms, []byte(word), raw, []byte(hex.EncodeToString(raw)), []byte(base64.StdEncoding.EncodeToString(raw)))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forms[what] = append(c.forms[what], forms...)
}

// check looks for all secrets but some in a text.
func (c *canaries) check(t testing.TB, where string, text []byte, but ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, forms := range c.forms {
		if slices.Contains(but, what) {
			continue
		}
		for _, form := range forms {
			if i := bytes.Index(text, form); i >= 0 {
				t.Errorf("%s contains %s: %q", where, what, text[max(0, i-150):min(len(text), i+len(form)+30)])
				break
			}
		}
	}
}

// checkFiles looks for all secrets in all files of a folder, but for those of one file in itself.
func (c *canaries) checkFiles(t testing.TB, folder string, but map[string]string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		c.check(t, path, text, but[entry.Name()])
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCanaries makes sure that they would be seen.
func TestCanaries(t *testing.T) {
	c := newCanaries()
	secret := c.plant("a password")
	token := rand.Text() + rand.Text()[:17]
	c.add("a token", token)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"x" + secret, `{"message":` + string(must[[]byte](t, "quote")(json.Marshal(secret))) + "}",
		"?password=" + url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), token, string(raw),
	} {
		seen := &seeing{TB: t}
		if c.check(seen, "the text", []byte(text)); !seen.failed {
			t.Errorf("not seen: %q", text)
		}
	}
}

// A seeing is a test that is meant to fail.
type seeing struct {
	testing.TB
	failed bool
}

func (s *seeing) Errorf(string, ...any) { s.failed = true }
