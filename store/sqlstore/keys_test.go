package sqlstore

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/store/storetest"
	"github.com/handstamp/handstamp/token/keyring"
)

func TestKeys(t *testing.T) {
	storetest.Keys(t, func(t *testing.T, chain audit.Chain) (keyring.Store, audit.Log) {
		s := open(t, newFile(t))
		return s.Keys(), s.Audit(chain)
	})
}

// TestKeysAreThereAfterReopening: tokens from before a restart are good, and those of a key that was
// replaced are not.
func TestKeysAreThereAfterReopening(t *testing.T) {
	file, seal := newFile(t), bytes.Repeat([]byte{7}, 32)
	openKeys := func(s *Store) *keyring.Keyring {
		t.Helper()
		k, err := keyring.Open(t.Context(), s.Keys(), seal, keyring.Config{})
		must(t, err)
		return k
	}
	first := open(t, file)
	k := openKeys(first)
	leaked, err := k.Sign([]byte(`{}`))
	must(t, err)
	_, err = k.Rotate(t.Context(), 0)
	must(t, err)
	before, err := k.Sign([]byte(`{}`))
	must(t, err)
	_, err = k.Rotate(t.Context(), time.Hour)
	must(t, err)
	k.Close()
	must(t, first.Close())

	again := openKeys(open(t, file))
	defer again.Close()
	if _, _, err := again.Verify(before); err != nil {
		t.Error("a token from before the restart:", err)
	}
	if _, _, err := again.Verify(leaked); err == nil {
		t.Error("a key that was replaced is accepted again")
	}
}

// TestRestoreRemovesKeys: a key that has leaked after the backup must not be accepted again.
func TestRestoreRemovesKeys(t *testing.T) {
	s := open(t, newFile(t))
	k, err := keyring.Open(t.Context(), s.Keys(), make([]byte, 32), keyring.Config{})
	must(t, err)
	k.Close()
	file := filepath.Join(t.TempDir(), "backup")
	_, err = s.Backup(t.Context(), file, false)
	must(t, err)
	must(t, s.Close())
	for keep, want := range map[bool]int{false: 0, true: 2} {
		into := newFile(t)
		_, err := Restore{Open: openFile, KeepSessions: keep}.Run(t.Context(), file, into)
		must(t, err)
		s := open(t, into)
		if keys, err := s.Keys().Load(t.Context()); err != nil || len(keys) != want {
			t.Errorf("keep %v: %d keys, %v; want %d", keep, len(keys), err, want)
		}
		must(t, s.Close())
	}
}
