//go:build unix

package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A phpSite is a folder in which PHP keeps its sessions, and a data folder beside it.
type phpSite struct {
	t              *testing.T
	folder, listen string
	server         *exec.Cmd
}

func newPHPSite(t *testing.T) *phpSite {
	t.Helper()
	s := &phpSite{t: t, folder: t.TempDir(), listen: "localhost:" + freePort(t)}
	for _, name := range []string{"plain", "levels/a/b", "levels/3/f"} {
		if err := os.MkdirAll(filepath.Join(s.folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.sh("echo 'correct horse battery' | handstamp --data data user add --email ada@example.com --role user --password-stdin")
	return s
}

func (s *phpSite) sh(typed string) string {
	s.t.Helper()
	out, err := command(s.t, s.folder, typed).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s; \"make deps\" installs what the tests need", typed, err, out)
	}
	return string(out)
}

// session has PHP begin a session of ada's, and returns its id.
func (s *phpSite) session(options, id string) string {
	s.t.Helper()
	return s.sh(`php -d display_errors=stderr -d session.use_strict_mode=0 ` + options + ` -r '
		$id = "` + id + `"; if ($id) session_id($id);
		session_start();
		$_SESSION = ["user" => (object) ["email" => "ada@example.com"], "cart" => ["cup", "Löffel"], "total" => 12.5];
		echo session_id();'`)
}

func (s *phpSite) serve(flags ...string) {
	s.t.Helper()
	s.server = exec.Command("handstamp", append([]string{"serve", "--data", "data", "--listen", s.listen, "--public-url", "http://" + s.listen}, flags...)...)
	s.server.Dir = s.folder
	run(s.t, s.server)
	waitForListener(s.t, "unix", filepath.Join(s.folder, "data", "handstamp.sock"))
}

func (s *phpSite) stop() {
	s.t.Helper()
	if err := s.server.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	if err := s.server.Wait(); err != nil {
		s.t.Fatal(err)
	}
}

// get asks with a cookie, and returns the status, the body and our cookie in the answer.
func (s *phpSite) get(path, cookie string) (status int, body, ours string) {
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.listen+path, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Header.Set("Cookie", cookie)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Error(err)
	}
	for _, c := range answer.Cookies() {
		if c.Name == "session" {
			ours = "session=" + c.Value
		}
	}
	return answer.StatusCode, strings.TrimSpace(string(text)), ours
}

func (s *phpSite) want(status int, body, path, cookie string) (ours string) {
	s.t.Helper()
	got, text, ours := s.get(path, cookie)
	if got != status || body != "" && text != body {
		s.t.Errorf("%s: %d %s, want %d %s", path, got, text, status, body)
	}
	return ours
}

const (
	phpData = "/api/v1/auth_session/data"
	phpBag  = `{"cart":["cup","Löffel"],"total":12.5,"user":{"email":"ada@example.com"}}`
)

// TestFromPHP moves people who are signed in to a PHP site: whatever wrote their sessions, they are
// signed in here, once, by the cookie that they have, and from then on by the one that they get.
func TestFromPHP(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PHP")
	}
	s := newPHPSite(t)
	s.serve("--old-cookie=PHPSESSID")
	for name, from := range map[string]struct{ php, id, folder, flags string }{
		"php":           {"-d session.save_path=plain", "", "plain", ""},
		"php_serialize": {"-d session.save_path=plain -d session.serialize_handler=php_serialize", "", "plain", " --handler php_serialize"},
		"php_binary":    {"-d session.save_path=plain -d session.serialize_handler=php_binary", "", "plain", " --handler php_binary"},
		"Debian's ids":  {"-d session.save_path=plain -d session.sid_length=26 -d session.sid_bits_per_character=5", "", "plain", ""},
		"6 bits":        {"-d session.save_path=plain -d session.sid_length=22 -d session.sid_bits_per_character=6", "", "plain", ""},
		"two levels":    {"-d 'session.save_path=\"2;levels\"'", "3fl06lbf8aamkq8p0cug1k4uj7", "levels", ""},
	} {
		t.Run(name, func(t *testing.T) {
			old := "PHPSESSID=" + strings.ReplaceAll(s.session(from.php, from.id), ",", "%2C")
			s.want(401, "", phpData, old)
			typed := "handstamp --data data import php " + from.folder + " --user-key user.email --keep-ids" + from.flags
			if out := s.sh(typed); !strings.Contains(out, "sessions: 1 taken") || strings.Contains(out, old[len("PHPSESSID="):]) {
				t.Fatal(out)
			}

			// A page loads many things at once, and the browser keeps whatever comes last.
			cookies := make([]string, 8)
			var all sync.WaitGroup
			for i := range cookies {
				all.Go(func() { cookies[i] = s.want(200, phpBag, phpData, old) })
			}
			all.Wait()
			for _, ours := range cookies {
				if ours == "" || ours != cookies[0] {
					t.Fatalf("cookies %q", cookies)
				}
			}

			s.stop() // and with it the seconds in which other requests of that page are let in
			s.serve("--old-cookie=PHPSESSID")
			if ours := s.want(401, "", phpData, old); ours != "" {
				t.Error("the old cookie is good again")
			}
			s.want(200, phpBag, phpData, cookies[0])
			if ours := s.want(200, phpBag, phpData, cookies[0]+"; "+old); ours != "" {
				t.Error("a cookie is exchanged that need not be")
			}
			s.want(401, "", phpData, strings.Replace(old, "PHPSESSID", "session", 1))
			if out := s.sh(typed); !strings.Contains(out, "sessions: 0 taken, ") || !strings.Contains(out, " known already") {
				t.Error(out)
			}
			s.want(401, "", phpData, old)
		})
	}
}

// TestFromPHPByMap is for a front that sets the new cookies by itself.
func TestFromPHPByMap(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PHP")
	}
	s := newPHPSite(t)
	old := s.session("-d session.save_path=plain", "")
	s.serve()
	s.sh("handstamp --data data import php plain --user-key user.email --map tokens")
	file := filepath.Join(s.folder, "tokens")
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	lines := bufio.NewScanner(strings.NewReader(read(t, file)))
	lines.Scan()
	var line struct{ Old, New string }
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Old != old || lines.Scan() {
		t.Fatalf("%s: %v", lines.Bytes(), err)
	}
	s.want(401, "", phpData, "PHPSESSID="+old)
	s.want(200, phpBag, phpData, "session="+line.New)
}
