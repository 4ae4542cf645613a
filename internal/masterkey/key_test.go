package masterkey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/masterkey"
)

// TestSaveAndLoad: a key comes back as it was, from a file that is nobody else's, and is never
// replaced.
func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := masterkey.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load without a file: %v", err)
	}
	key := masterkey.New()
	if err := key.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	loaded, err := masterkey.Load(path)
	if err != nil || loaded != key {
		t.Errorf("loaded another key, or none: %v", err)
	}
	if err := masterkey.New().Save(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Save over a key: %v", err)
	}
	if again, err := masterkey.Load(path); err != nil || again != key {
		t.Errorf("the key was replaced: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestParse(t *testing.T) {
	good := strings.Repeat("A", 42) + "E"
	for _, text := range []string{good, good + "=\n", " " + good + "\r\n"} {
		if _, err := masterkey.Parse(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", good[1:], good + "A", strings.Repeat("A", 42) + "F", good[:20] + "\n" + good[20:] + "!", strings.Repeat("+", 43)} {
		if _, err := masterkey.Parse(text); !errors.Is(err, masterkey.ErrMalformed) {
			t.Errorf("%q: %v, want ErrMalformed", text, err)
		}
	}
}

func TestDerive(t *testing.T) {
	a, b := masterkey.New(), masterkey.New()
	if !bytes.Equal(a.Derive("x"), a.Derive("x")) || len(a.Derive("x")) != 32 {
		t.Error("one key, one purpose: two keys")
	}
	if bytes.Equal(a.Derive("x"), a.Derive("y")) || bytes.Equal(a.Derive("x"), b.Derive("x")) {
		t.Error("another purpose, or another master key: the same key")
	}
}

func TestHidden(t *testing.T) {
	key, err := masterkey.Parse(strings.Repeat("A", 42) + "E")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(map[string]any{"key": key})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %x %q", key, key, key, key, key, key), fmt.Sprint(&key), string(asJSON)} {
		if strings.Contains(shown, "AAAA") || strings.Contains(shown, "0000") || strings.Contains(shown, " 0 0") {
			t.Errorf("shows the secret: %s", shown)
		}
	}
}
