package blackbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// founding is where the reference data of the founding API is kept.
const founding = "../../testdata/founding"

// A result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// runCommand runs the binary on data with stdin as its standard input, and waits for its end.
func runCommand(t testing.TB, data string, env settings, stdin string, args ...string) result {
	t.Helper()
	return runCommandIn(t, "", data, env, stdin, args...)
}

// runCommandIn is runCommand in another working folder.
func runCommandIn(t testing.TB, dir, data string, env settings, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	cmd.Env = environment(data, env)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("handstamp %s: %v", strings.Join(args, " "), err)
	}
	// A command that should have refused to start and serves instead must not hang the suite.
	late := time.AfterFunc(startDeadline, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !late.Stop() {
		t.Fatalf("handstamp %s still runs after %v; standard error:\n%s",
			strings.Join(args, " "), startDeadline, &stderr)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("handstamp %s: %v", strings.Join(args, " "), err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// mustRun runs a command that has to succeed and returns its standard output.
func mustRun(t testing.TB, data, stdin string, args ...string) string {
	t.Helper()
	r := runCommand(t, data, nil, stdin, args...)
	if r.code != 0 {
		t.Fatalf("handstamp %s: exit status %d\nstdout: %s\nstderr: %s",
			strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// A report is what `import flask --json` prints.
type report struct {
	Users    struct{ Taken, Present, Skipped int }
	Sessions struct{ Taken, Present, Skipped int }
	Notes    []json.RawMessage // for people; one for each thing that was odd
}

// importFlask runs `import flask path --json`, which has to succeed.
func importFlask(t testing.TB, data, path string) report {
	t.Helper()
	out := mustRun(t, data, "", "import", "flask", path, "--json")
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s", err, out)
	}
	return r
}

var folders atomic.Int64

// newFolder returns the name of a folder that does not exist yet, is made by whoever needs it,
// and is removed when the test ends.
func newFolder(t testing.TB) string {
	dir := filepath.Join(scratch, fmt.Sprint("d", folders.Add(1)))
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// flaskFolder returns a folder as a founding server leaves it behind, with these files.
func flaskFolder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// foundingFile returns a file of the reference data.
func foundingFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(founding, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// template is a data folder into which users.json was imported once, for all tests.
var template = sync.OnceValues(func() (string, error) {
	users, err := os.ReadFile(filepath.Join(founding, "users.json"))
	if err != nil {
		return "", err
	}
	from := filepath.Join(scratch, "flask")
	if err := os.MkdirAll(from, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(from, ".db_User.json"), users, 0o644); err != nil {
		return "", err
	}
	data := filepath.Join(scratch, "template")
	cmd := exec.Command(binary, "import", "flask", from)
	cmd.Env = environment(data, nil)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("importing users.json: %w\n%s", err, out)
	}
	return data, nil
})

// importedData returns a new data folder that holds the eight users of users.json.
func importedData(t testing.TB) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	to := newFolder(t)
	err = filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), info.Mode().Perm())
		case !entry.Type().IsRegular(): // a socket that nobody listens on any more
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatalf("copying the data folder: %v", err)
	}
	return to
}
