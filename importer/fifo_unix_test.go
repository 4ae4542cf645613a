//go:build unix

package importer_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/importer"
)

func TestFlaskDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, userFile)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, "/dev/zero"} {
		answer := make(chan error, 1)
		go func() {
			_, err := importer.Flask(path, now)
			answer <- err
		}()
		select {
		case err := <-answer:
			if !errors.Is(err, importer.ErrFormat) {
				t.Errorf("%s: %v, want ErrFormat", path, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: still waiting", path)
		}
	}
}
