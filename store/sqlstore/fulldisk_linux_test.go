package sqlstore

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/handstamp/handstamp/account"
)

// TestBackupToAFullDisk: it says so, leaves nothing behind, and the server goes on. The disk is a small
// tmpfs, which a process of its own mounts where nobody else sees it.
func TestBackupToAFullDisk(t *testing.T) {
	const folder = "HANDSTAMP_TEST_SMALL_DISK"
	if disk := os.Getenv(folder); disk != "" {
		backupToFullDisk(t, disk)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestBackupToAFullDisk$")
	child.Env = append(os.Environ(), folder+"="+t.TempDir())
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if said, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, said)
	}
}

func backupToFullDisk(t *testing.T, disk string) {
	must(t, syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=128k"); err != nil {
		t.Fatal("mount a small disk:", err)
	}
	s := open(t, newFile(t))
	u := newUser("ann@example.com")
	must(t, s.Users().Insert(t.Context(), u, account.Write{}))
	for range 200 {
		r := newRecord(u.ID)
		r.Data = make([]byte, 1000)
		must(t, s.Sessions().Insert(t.Context(), r))
	}
	if _, err := s.Backup(t.Context(), filepath.Join(disk, "backup"), false); err == nil {
		t.Error("a backup of 200 kB fits into 128 kB")
	}
	if left, err := os.ReadDir(disk); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	must(t, s.Sessions().Insert(t.Context(), newRecord(u.ID)))

	// The same with a restore.
	file := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(t.Context(), file, false); err != nil {
		t.Fatal(err)
	}
	if _, err := (Restore{Open: openFile}).Run(t.Context(), file, filepath.Join(disk, "test.db")); err == nil {
		t.Error("a database of 200 kB fits into 128 kB")
	}
	left, err := filepath.Glob(filepath.Join(disk, "test.db.restoring*"))
	if len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
