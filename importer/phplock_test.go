//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPHPInUse: while a request of PHP has a session, nobody knows what is going to be in it.
func TestPHPInUse(t *testing.T) {
	dir := phpFolder(t, map[string]string{"sess_" + phpID: signedIn, "sess_9" + phpID[1:]: signedIn})
	request, err := os.OpenFile(filepath.Join(dir, "sess_"+phpID), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(request.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	batch, _ := readPHP(t, php(), dir)
	if len(batch.Claims) != 1 || len(batch.Notes) != 1 || batch.Notes[0].Key != "sess_3fl06l…" || !strings.Contains(batch.Notes[0].Reason, "import again") {
		t.Errorf("while it is used: %d claims, %+v", len(batch.Claims), batch.Notes)
	}
	if err := request.Close(); err != nil {
		t.Fatal(err)
	}
	if batch, _ := readPHP(t, php(), dir); len(batch.Claims) != 2 || len(batch.Notes) != 0 {
		t.Errorf("afterwards: %d claims, %+v", len(batch.Claims), batch.Notes)
	}
}
