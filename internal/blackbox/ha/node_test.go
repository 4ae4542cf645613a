//go:build linux

package ha_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/handstamp/handstamp/internal/netns"
)

// The versions of the two programs.
const (
	oldVersion = "v1.0.0-old"
	newVersion = "v1.1.0-new"
)

// nextMigration is what the next version does to the database, in such a way that this one can go on. It sorts behind every other.
const nextMigration = "9999_next.sql"

// build builds the program and what stands for its next version, which has one migration more. Neither has the race detector: other
// suites look for races, and this one at how long things take.
func build(t testing.TB, folder string) (old, upgraded string) {
	t.Helper()
	migrations, err := filepath.Abs("../../../store/sqlstore/migrations")
	must(t, err)
	known, err := filepath.Glob(filepath.Join(migrations, "*.sql")) // sorted
	must(t, err)
	text := "CREATE TABLE next (id BIGINT PRIMARY KEY);\nINSERT INTO compatible (migration, knows) VALUES ('" +
		nextMigration + "', '" + filepath.Base(known[len(known)-1]) + "');\n"
	next, overlay := filepath.Join(folder, nextMigration), filepath.Join(folder, "overlay.json")
	must(t, os.WriteFile(next, []byte(text), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(migrations, nextMigration): next}})
	must(t, err)
	must(t, os.WriteFile(overlay, replace, 0o600))

	old, upgraded = filepath.Join(folder, "handstamp-"+oldVersion), filepath.Join(folder, "handstamp-"+newVersion)
	compile := func(file, version string, flags ...string) {
		args := append([]string{"build", "-ldflags", "-X main.version=" + version, "-o", file}, flags...)
		c := exec.Command("go", append(args, "github.com/handstamp/handstamp/cmd/handstamp")...)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("build the program under test: %v\n%s", err, said)
		}
	}
	compile(old, oldVersion)
	compile(upgraded, newVersion, "-overlay", overlay)
	return old, upgraded
}

// A node is a host with `handstamp serve`.
type node struct {
	host    *netns.Host
	env     []string
	binary  string // the version that runs
	process *process
}

func newNode(t testing.TB, s *site, name string) *node {
	t.Helper()
	h, err := s.lan.Host(name)
	must(t, err)
	n := &node{host: h, env: []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(),
		"HANDSTAMP_MASTER_KEY_FILE=" + filepath.Join(s.folder, "master.key"), // what LoadCredential= stands for
		"HANDSTAMP_DATA=" + filepath.Join(s.folder, name), "HANDSTAMP_LOG_FORMAT=json",
	}}
	for line := range strings.Lines(s.shipped(t, "node.env",
		"postgres://handstamp@10.0.0.1:5432/handstamp?sslmode=verify-full", s.databaseURL,
		"_NAME=one", "_NAME="+name, "_LISTEN=10.0.0.4", "_LISTEN="+h.Addr)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			n.env = append(n.env, line)
		}
	}
	return n
}

// probe asks nodes themselves.
var probe = http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}

// start starts a version of the program and returns when it is ready.
func (n *node) start(t testing.TB, binary string) {
	t.Helper()
	n.binary = binary
	c := n.host.Command(binary, "serve")
	c.Env = n.env
	n.process = start(t, "node "+n.host.Name, c)
	n.awaitReady(t)
}

// awaitReady returns when the node says that it can serve.
func (n *node) awaitReady(t testing.TB) {
	t.Helper()
	until(t, "ready", func() bool {
		select {
		case <-n.process.exited:
			t.Fatalf("node %s has ended:\n%s", n.host.Name, n.process.log)
		default:
		}
		answer, err := probe.Get("http://" + n.host.Addr + ":5000/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// awaitWork returns when a client's request has come to this run of the node, through a balancer.
func (n *node) awaitWork(t testing.TB) {
	t.Helper()
	until(t, "balanced to "+n.host.Name, func() bool { return strings.Contains(n.process.log.String(), "/api/v1/") })
}

// doctor returns what the program that runs on the node says about all nodes.
func (n *node) doctor(t testing.TB) string {
	t.Helper()
	c := n.host.Command(n.binary, "doctor", "--cluster")
	c.Env = n.env
	said, _ := c.CombinedOutput() // it may find that something is weak, as a node was killed
	return string(said)
}

// drain stops the node as systemd does, and checks that it ends in good order.
func (n *node) drain(t testing.TB) {
	t.Helper()
	n.process.terminate(t)
	if code := n.process.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("node %s ended with %d", n.host.Name, code)
	}
}

// password is everybody's.
const password = "an entirely ordinary pass phrase"

func email(number int) string { return fmt.Sprintf("user%d@example.com", number) }

// people is how many there are.
const people = 40

// addPeople makes the users, by a command on the host of the first node.
func (s *site) addPeople(t testing.TB) {
	t.Helper()
	salt := []byte("sixteen bytes ok")
	tag := argon2.IDKey([]byte(password), salt, 2, 19456, 1, 32) // as the server itself would make it
	encode := base64.RawStdEncoding.EncodeToString
	hash := fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%s$%s", encode(salt), encode(tag))
	var list strings.Builder
	for number := range people {
		must(t, json.NewEncoder(&list).Encode(map[string]string{"email": email(number), "password_hash": hash}))
	}
	c := s.nodes[0].host.Command(s.old, "import", "users", "-", "--format", "jsonl")
	c.Env, c.Stdin = s.nodes[0].env, strings.NewReader(list.String())
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("import users: %v\n%s", err, said)
	}
}
