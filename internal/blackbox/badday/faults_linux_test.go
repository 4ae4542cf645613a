package badday_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to be the other process that has the database open
)

// TestFaults lives through everything that can break under a server: whatever is asked then is answered
// as ever or with 503, nobody gets in who must not, what was acknowledged stays, and it ends by itself when
// the fault does.
func TestFaults(t *testing.T) {
	onSmallDisk(t, func(t *testing.T, binary, disk string) {
		patient := settings{"THROTTLE_ACCOUNT_BURST": "50", "LOG_LEVEL": "debug", "SESSION_LIMIT": "0"}
		for name, f := range map[string]fault{
			"the disk is full":                   {true, 2, fillDisk},
			"another process locks the database": {true, 1, lockDatabase}, // which each write waits for
			"workers are killed":                 {false, 2, killWorkers},
			"who reads the log has gone":         {false, 2, closeLog},
			"who reads the log reads no more":    {false, 2, stopReadingLog},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				data := newFolder(t)
				if name == "the disk is full" {
					data = filepath.Join(disk, "data")
				}
				fill(t, binary, data)
				newSite(newServer(t, binary, data, patient)).endure(t, f)
			})
		}
	})
}

// onSmallDisk runs test in a process of its own, which has a small disk that nobody else sees.
func onSmallDisk(t *testing.T, test func(t *testing.T, binary, disk string)) {
	const folder = "HANDSTAMP_TEST_SMALL_DISK"
	if disk := os.Getenv(folder); disk != "" {
		if err := errors.Join(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
			syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m")); err != nil {
			t.Fatal("mount a small disk:", err)
		}
		test(t, os.Getenv(binaryVariable), disk)
		return
	}
	t.Parallel()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.parallel=5") // which wait, most of the time
	child.Env = append(os.Environ(), folder+"="+t.TempDir(), binaryVariable+"="+must[string](t, "build")(checked()))
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	said, err := child.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Logf("%s", said)
	}
	if err != nil {
		t.Error(err)
	}
}

// fillDisk leaves no room on the disk of s.
func fillDisk(t *testing.T, s *site) func() {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.data, &disk); err != nil || disk.Blocks*uint64(disk.Bsize) > 8<<20 {
		t.Fatal("not on the small disk:", err) // and not for the world would we fill another
	}
	name := filepath.Join(filepath.Dir(s.data), "filler")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	// To the last byte.
	for _, size := range []int{1 << 16, 1 << 12, 1} {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// lockDatabase writes to the database of s, and does not come to an end.
func lockDatabase(t *testing.T, s *site) func() {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "handstamp.db"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`PRAGMA busy_timeout = 10000`, `BEGIN IMMEDIATE`} {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		_, err := conn.ExecContext(context.Background(), `ROLLBACK`)
		if err := errors.Join(err, conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// killWorkers kills the processes that hash, as soon as there are any.
func killWorkers(t *testing.T, s *site) func() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	killed := 0
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			for _, worker := range childrenOf(t, s.cmd.Process.Pid) {
				if syscall.Kill(worker, syscall.SIGKILL) == nil {
					killed++
				}
			}
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		if killed < 3 {
			t.Errorf("%d workers were killed, which means nothing", killed)
		}
		// Those that come after it take their time, the longer the more have died.
		s.ask(loginCall(ada.email, ada.password), http.StatusOK, http.StatusServiceUnavailable)
	}
}

// closeLog ends whoever reads the log.
func closeLog(t *testing.T, s *site) func() {
	if err := s.stderr.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {}
}

// stopReadingLog reads no more of the log, until the pipe is full and longer.
func stopReadingLog(t *testing.T, s *site) func() {
	if err := s.stderr.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 500 { // some 150 KiB, where a pipe takes 64
		if a := s.do(anonymous); a.status != http.StatusOK {
			t.Fatalf("nobody reads the log, and the answer is %d %v", a.status, a.err)
		}
	}
	return func() {
		if err := s.stderr.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.readLog()
	}
}
