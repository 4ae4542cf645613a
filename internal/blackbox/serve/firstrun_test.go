package serve_test

import (
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// TestFirstAdministrator: a new server lets nobody in, and one of those who have the link become its
// administrator, once.
func TestFirstAdministrator(t *testing.T) {
	onEachTarget(t, options{noAdmin: true}, func(t *testing.T, tg *target) {
		link := tg.setupPath
		for _, guess := range []person{
			{email: "admin@example.com", password: "admin"}, {email: "admin", password: "admin"}, {email: "root@localhost", password: "password"},
		} {
			tg.stranger().want(401, "POST", api+"/auth_session/login", guess.json())
			tg.withBasic(guess).want(401, "GET", api+"/users", "")
		}
		tg.stranger().want(403, "POST", api+"/users", object("email", "eve@example.com", "password", newPassword()))
		tg.stranger().want(404, "GET", "/setup/"+strings.Repeat("x", 43), "")
		for _, method := range []string{"GET", "HEAD", "GET", "OPTIONS"} { // a mail program may look at it first
			if got := tg.stranger().do(method, link, ""); got.status > 204 {
				t.Errorf("%s: %d %s", method, got.status, got.body)
			}
		}
		weak := tg.stranger().want(400, "POST", link, object("email", "eve@example.com", "password", "hunter2"))
		if weak.code() != "password_too_short" {
			t.Errorf("a weak password: %s", weak.body)
		}
		tg.stranger().want(403, "POST", link, "email=a%40b.c&password=correct+horse+battery+staple",
			"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")

		all := make([]person, 4)
		made := tg.setUpAtOnce(link, all)
		if len(made) != 1 {
			t.Fatalf("%d administrators, want 1", len(made))
		}
		root := tg.signIn(made[0])
		if n := tg.countUsers(root); n != 1 {
			t.Errorf("%d users, want 1", n)
		}
		tg.stranger().want(404, "GET", link, "")
		tg.stranger().want(404, "POST", link, object("email", "late@example.com", "password", newPassword()))
	})
}

// setUpAtOnce lets as many people use the link at the same time, and returns who has become an
// administrator.
func (tg *target) setUpAtOnce(link string, all []person) (made []person) {
	tg.t.Helper()
	answers := make([]answer, len(all))
	var done sync.WaitGroup
	for i := range all {
		all[i] = person{email: "root" + number(int64(i)) + "@example.com", password: newPassword()}
		done.Go(func() { answers[i] = tg.stranger().do("POST", link, all[i].json()) })
	}
	done.Wait()
	for i, got := range answers {
		switch {
		case got.status == 201:
			made = append(made, all[i])
		case got.status != 404 || got.code() != "link_not_good":
			tg.t.Errorf("%d %s", got.status, got.body)
		}
	}
	return made
}

// TestFirstRunInBrowser: from the setup link to the pages of administrators, and from there, by a reset link, to
// a user who has chosen a password. No step needs anything but a browser.
func TestFirstRunInBrowser(t *testing.T) {
	t.Parallel()
	for name, publicURL := range map[string]string{"http": "", "https": "https://id.example.com"} {
		t.Run(name, func(t *testing.T) {
			onEachTarget(t, options{noAdmin: true, publicURL: publicURL}, firstRun)
		})
	}
}

func firstRun(t *testing.T, tg *target) {
	isAt := func(p *textbrowser.Page, path string, status int) *textbrowser.Page {
		t.Helper()
		if p.URL.Path != tg.path(path) || p.Status != status {
			t.Errorf("%s; want %d at %s", p, status, path)
		}
		return p
	}
	ada, bob := person{email: "ada@example.com", password: newPassword()}, person{email: "bob@example.com", password: newPassword()}
	link, b, late := tg.setupPath, tg.browser(), tg.browser()
	isAt(b.Open("/admin"), "/login", 200)
	second := isAt(late.Open(link), link, 200).Form(link).Set("email", "late@example.com", "password", newPassword())
	first := isAt(b.Open(link), link, 200).Form(link).Set("email", ada.email, "password", "hunter2")
	again := isAt(first.Send(), link, 400).Form(link)
	if again.Fields.Get("email") != ada.email || again.Fields.Get("password") != "" {
		t.Errorf("the form has %v", again.Fields)
	}
	isAt(again.Set("password", ada.password).Send(), "/account", 200)
	isAt(b.Open("/admin"), "/admin", 200)
	isAt(second.Send(), link, 404)
	isAt(late.Open("/admin"), "/login", 200)
	isAt(late.Open(link), link, 404)

	made := b.Open("/admin/users/new").Form("/admin/users/new").Set("email", bob.email, "role", "user").Send()
	shown := isAt(made.Form("/reset-link").Send(), strings.TrimPrefix(made.URL.Path, tg.path(""))+"/reset-link", 200)
	_, secret, _ := strings.Cut(shown.Body, "/reset/")
	secret, _, _ = strings.Cut(secret, `"`)
	link = "/reset/" + keepSecret(secret)
	his := tg.browser()
	isAt(his.Open(link).Form(link).Set("new_password", bob.password).Send(), "/account", 200)
	isAt(his.Open("/admin"), "/admin", 403)
	isAt(his.Open(link), link, 404)
	tg.signIn(ada)
	tg.signIn(bob)
}

// TestSetupLinkExpires after 15 minutes.
func TestSetupLinkExpires(t *testing.T) {
	onThoseThatKeep(t, options{noAdmin: true}, func(t *testing.T, tg *target) {
		tg.stranger().want(200, "GET", tg.setupPath, "")
		tg.hurry(14)
		tg.stranger().want(200, "GET", tg.setupPath, "")
		tg.hurry(1)
		tg.stranger().want(404, "GET", tg.setupPath, "")
		tg.stranger().want(404, "POST", tg.setupPath, object("email", "late@example.com", "password", newPassword()))
	})
}

// TestFilesAreTheirOwners: nobody else on the machine can read anything in the data folder.
func TestFilesAreTheirOwners(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{})
	tg.signIn(tg.admin)
	look := func(when string, want ...string) {
		t.Helper()
		names := make(map[string]bool)
		err := filepath.WalkDir(tg.binary.data, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			names[entry.Name()] = true
			mode := fs.FileMode(0o600)
			if info.IsDir() {
				mode = 0o700
			}
			if info.Mode().Perm() != mode {
				t.Errorf("%s, %s has mode %v", when, path, info.Mode())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for _, name := range want {
			if !names[name] {
				t.Errorf("%s there is no %s: %v", when, name, names)
			}
		}
	}
	look("while it runs", "handstamp.db", "handstamp.db-wal", "handstamp.sock", "master.key")
	tg.binary.stop()
	look("when it has stopped", "handstamp.db", "master.key")
}

// TestRestart: what was answered is there afterwards, and what has ended stays ended.
func TestRestart(t *testing.T) {
	onThoseThatKeep(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		user := newEstate(root, "user")
		out := tg.signIn(user.person)
		out.want(200, "DELETE", api+"/auth_session", "", "Cookie", "session="+out.session())
		user.before = user.state()
		before := root.want(200, "GET", api+"/audit?after=0&limit=1000", "").body
		stale := out.copied()

		for _, stop := range []func(){tg.restart, tg.crash} {
			if stop == nil {
				continue
			}
			stop()
			if after := user.state(); after != user.before {
				t.Errorf("what was %s is now %s", user.before, after)
			}
			stale.want(401, "GET", api+"/users/me", "")
			tg.withBasic(user.person).want(200, "GET", api+"/users/me", "")
			root.want(200, "GET", api+"/users/me", "")
			after := root.want(200, "GET", api+"/audit?after=0&limit=1000", "").body
			if whole, _, _ := strings.Cut(before, `],"next"`); !strings.HasPrefix(after, whole) {
				t.Errorf("the audit log was %s, and is %s", before, after)
			}
			tg.stranger().want(404, "GET", tg.setupPath, "")
		}
		if tg.binary != nil {
			if out := tg.binary.command("", "audit", "verify"); !strings.Contains(out, "the audit log is whole up to ") {
				t.Errorf("%s", out)
			}
			if setupLine.MatchString(tg.binary.log.String()) {
				t.Error("a setup link was shown, and there is an administrator")
			}
		}
	})
}

// TestLogoutSurvivesPowerCut: when a sign-out was answered, and the server is killed at once, the
// session does not come back.
func TestLogoutSurvivesPowerCut(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{})
	stays, goes := tg.signIn(tg.admin), tg.signIn(tg.admin)
	stale := goes.copied()
	goes.want(200, "DELETE", api+"/auth_session", "")
	tg.crash()
	stale.want(401, "GET", api+"/users/me", "")
	stays.want(200, "GET", api+"/users/me", "")
}

// TestSecondServer on the same folder does not start, and the first one goes on.
func TestSecondServer(t *testing.T) {
	t.Parallel()
	tg := startBinary(t, "sqlite", options{})
	out, code := tg.binary.tryCommand("", "serve", "--listen=127.0.0.1:0")
	if code != 1 || !strings.Contains(out, "in use by another process; stop that one, or set HANDSTAMP_DATA to another folder") {
		t.Errorf("exit status %d\n%s", code, out)
	}
	tg.signIn(tg.admin)
	out, code = tg.binary.tryCommand("", "serve", "--data="+newFolder(t), "--listen="+strings.TrimPrefix(tg.base, "http://"))
	if code != 1 || !strings.Contains(out, "the setting listen says where") {
		t.Errorf("on the same address: exit status %d\n%s", code, out)
	}
	tg.stranger().want(http.StatusOK, "GET", "/healthz", "")
}

// crash ends the server as a power cut would, and starts it again.
func (p *process) crash() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.exited
	p.start()
}
