//go:build unix

package settings_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/settings"
)

// TestWaitsForNobody: a server that is started with a pipe for a file must not hang.
func TestWaitsForNobody(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []settings.Sources{
		{File: fifo},
		{File: "/dev/zero"},
		{Environment: []string{"HANDSTAMP_API_KEY_FILE=" + fifo}},
	} {
		answer := make(chan error, 1)
		go func() {
			_, err := table.Load(from)
			answer <- err
		}()
		select {
		case err := <-answer:
			if err == nil || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("%v: %v", from, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%v: still waiting", from)
		}
	}
}
