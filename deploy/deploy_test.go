//go:build linux

// Package deploy_test holds the files of this folder to what they say.
package deploy_test

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readFile returns the text of a file of this folder.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestUnit lets systemd judge the unit: every line is understood, and the service can do little.
func TestUnit(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "handstamp")
	if err := os.WriteFile(program, nil, 0o755); err != nil { // systemd looks whether there is one
		t.Fatal(err)
	}
	text := readFile(t, "handstamp.service")
	if !strings.Contains(text, "ExecStart=/usr/local/bin/handstamp serve\n") {
		t.Fatal("the unit does not start the server")
	}
	unit := filepath.Join(folder, "handstamp.service")
	text = strings.ReplaceAll(text, "/usr/local/bin/handstamp", program)
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("systemd-analyze", "--man=no", "verify", unit).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("verify: %v\n%s", err, said)
	}
	// From 0 to 10; the network is most of what is left.
	said, err = exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=15", unit).CombinedOutput()
	if err != nil {
		t.Errorf("the service can do too much: %v\n%s", err, said)
	}
}

// An image is what the Dockerfile makes, in a folder.
type image struct {
	root       string
	uid, gid   uint32
	env        []string
	entrypoint string
	folder     string
}

var (
	buildLine = regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*)$`)
	copyLine  = regexp.MustCompile(`(?m)^COPY --from=build (?:--chown=\S+ )?(?:--chmod=(\d+) )?(\S+) (\S+)$`)
	userLine  = regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`)
	entryLine = regexp.MustCompile(`(?m)^ENTRYPOINT \["(\S+)"\]$`)
)

// match returns what the groups of a pattern stand for in text, which must have it once.
func match(t *testing.T, pattern *regexp.Regexp, text string) []string {
	t.Helper()
	found := pattern.FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%d lines of the Dockerfile match %s", len(found), pattern)
	}
	return found[0]
}

// newImage does what the Dockerfile says, with its own build command, in folders instead of layers.
func newImage(t *testing.T) image {
	t.Helper()
	text := readFile(t, "Dockerfile")
	stages := strings.Split(text, "\nFROM ")
	if len(stages) != 3 || !strings.HasPrefix(stages[2], "scratch\n") {
		t.Fatal("the last stage is not FROM scratch")
	}
	out := t.TempDir()
	build := exec.Command("sh", "-ec", strings.ReplaceAll(match(t, buildLine, stages[1])[1], "/out/", out+"/")+"\nmkdir "+out+"/data")
	build.Dir = ".."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
	i := image{root: filepath.Join(t.TempDir(), "root"), uid: 65532, gid: 65532, folder: "/data"}
	if user := match(t, userLine, stages[2]); user[1] != "65532" || user[2] != "65532" {
		t.Errorf("it runs as %s", user[1:])
	}
	for _, copied := range copyLine.FindAllStringSubmatch(stages[2], -1) {
		from, to := strings.Replace(copied[2], "/out", out, 1), filepath.Join(i.root, copied[3])
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(from, to); err != nil {
			t.Fatalf("COPY %s: %v", copied[2], err)
		}
	}
	data := filepath.Join(i.root, i.folder)
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(data, int(i.uid), int(i.gid)); err != nil {
			t.Fatal(err)
		}
	}
	i.entrypoint = match(t, entryLine, stages[2])[1]
	for _, want := range []string{"ENV HANDSTAMP_DATA=/data ", "WORKDIR /data\n", "VOLUME /data\n"} {
		if !strings.Contains(stages[2], want) {
			t.Errorf("no %q", want)
		}
	}
	i.env = []string{"HANDSTAMP_DATA=/data"}
	return i
}

// command returns a command in the image: nothing of this machine but its kernel can be seen in it.
func (i image) command(args ...string) *exec.Cmd {
	c := &exec.Cmd{Path: i.entrypoint, Args: append([]string{"handstamp"}, args...), Env: i.env, Dir: i.folder}
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root}
	if uid := os.Getuid(); uid == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: i.uid, Gid: i.gid}
	} else {
		c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: int(i.uid), HostID: uid, Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: int(i.gid), HostID: os.Getgid(), Size: 1}}
	}
	return c
}

// TestImageHasAllThatIsNeeded: without a user table, time zones, certificates, a folder for temporary
// files, and without being root, everything works.
func TestImageHasAllThatIsNeeded(t *testing.T) {
	i := newImage(t)
	run := func(stdin string, args ...string) string {
		t.Helper()
		c := i.command(args...)
		c.Stdin = strings.NewReader(stdin)
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, said)
		}
		return string(said)
	}
	run("correct horse\n", "user", "add", "--email", "ada@example.com", "--password-stdin")

	server := i.command("classic")
	server.Env = append(server.Env, "API_HOST=127.0.0.1", "API_PORT=0", "AUTH_TYPE=basic_auth")
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill() }()
	base := ""
	for lines := bufio.NewScanner(said); base == "" && lines.Scan(); {
		if found := regexp.MustCompile(`listening on (http://\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			base = found[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	r, err := http.NewRequest("GET", base+"/api/v1/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("ada@example.com", "correct horse")
	answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || !bytes.Contains(body, []byte("ada@example.com")) {
		t.Errorf("%s %s %v", answer.Status, body, err)
	}

	run("", "backup", "monday.db")
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
	run("", "restore", "--replace", "monday.db")
	if users := run("", "export"); !strings.Contains(users, "ada@example.com") {
		t.Errorf("after all that there is %q", users)
	}
	entries, err := os.ReadDir(i.root)
	if err != nil || len(entries) != 2 {
		t.Errorf("the image has %v, %v; want the program and its folder", entries, err)
	}
}

// TestImageIsSmall: what only those need who send traces is not in it, unless they ask for it.
func TestImageIsSmall(t *testing.T) {
	i := newImage(t)
	program := filepath.Join(i.root, i.entrypoint)
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	// A third of it is what speaks to PostgreSQL and Redis.
	if info.Size() > 40<<20 {
		t.Errorf("the program has %d bytes, more than 40 MiB", info.Size())
	}
	built, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range built.Deps {
		if strings.HasPrefix(module.Path, "go.opentelemetry.io/") || module.Path == "google.golang.org/grpc" {
			t.Errorf("%s is linked into it", module.Path)
		}
	}
}

// TestImageIsBuiltFromAllOfIt: what the program is made of is not left out of what Docker sees.
func TestImageIsBuiltFromAllOfIt(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.Dir}}{{end}}", "./cmd/handstamp")
	list.Dir = ".."
	said, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	ignored := readFile(t, "Dockerfile.dockerignore")
	for line := range strings.Lines(string(said)) {
		folder, isOurs := strings.CutPrefix(strings.TrimSpace(line), root+string(filepath.Separator))
		first, _, _ := strings.Cut(folder, string(filepath.Separator))
		if isOurs && !strings.Contains(ignored, "\n!"+first+"\n") {
			t.Errorf("%s is needed, and not there", folder)
		}
	}
}
