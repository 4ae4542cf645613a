package pages_test

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// images is where the pictures of the documentation are.
const images = "../../../docs/images"

// maxImage is how many bytes a picture may have: they are in everybody's clone.
const maxImage = 120 << 10

// team are those who are to be seen in the pictures, with the time when they came.
var team = []struct{ first, last, role, created string }{
	{"Kathleen", "Booth", "user", "2026-03-02T09:12:00Z"},
	{"Edsger", "Dijkstra", "user", "2026-03-09T10:01:00Z"},
	{"Annie", "Easley", "user", "2026-04-13T08:30:00Z"},
	{"Margaret", "Hamilton", "admin", "2026-05-04T13:22:00Z"},
	{"Barbara", "Liskov", "user", "2026-06-22T07:45:00Z"},
	{"Hedy", "Lamarr", "user", "2026-07-06T15:10:00Z"},
	{"Katherine", "Johnson", "user", "2026-08-17T11:11:00Z"},
	{"Grace", "Hopper", "user", "2026-09-07T09:09:00Z"},
	{"Ada", "Lovelace", "admin", "2026-10-05T10:10:00Z"},
}

// TestImages compares the pictures of the documentation with what there is to be seen: that the page is there, under
// the same heading, and the picture is one of that size. With -update it takes them anew.
func TestImages(t *testing.T) {
	t.Parallel()
	s := withTeam(t)
	page := s.reader(t, browser.Device{})
	page.open("/login")
	page.sees(200, "/login", page.say("login.title"))
	page.pictured("login.png", 1280, 800)
	page.signIn(ada.email, ada.password)
	page.sees(200, "/account", page.say("account.title"))
	page.pictured("account.png", 1280, 800)
	page.click("nav.users")
	page.sees(200, "/admin/users", page.say("users.title"))
	page.pictured("users.png", 1280, 800)
	page.Click(grace.name())
	page.sees(200, page.path(), grace.name())
	page.pictured("user.png", 1280, 800)
	page.click("nav.audit")
	page.sees(200, "/admin/audit", page.say("audit.title"))
	page.pictured("audit.png", 1280, 800)

	dark := s.reader(t, browser.Device{Width: 360, Height: 740, Phone: true, Dark: true})
	dark.open("/login")
	dark.sees(200, "/login", dark.say("login.title"))
	dark.pictured("login-dark.png", 360, 740)
}

// withTeam starts a server whose users have a little behind them.
func withTeam(t *testing.T) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a server and a browser")
	}
	s := newSite(t, "--trusted-proxies=loopback")
	var list strings.Builder
	lines := json.NewEncoder(&list)
	for _, p := range team {
		err := lines.Encode(map[string]string{
			"email": strings.ToLower(p.first) + "@example.com", "first_name": p.first, "last_name": p.last, "role": p.role, "created_at": p.created,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	s.command(list.String(), "import", "users", "-", "--format", "jsonl")
	for _, p := range []person{ada, grace} {
		s.command(p.password+"\n", "user", "password", p.email, "--password-stdin")
	}
	s.login(grace, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "198.51.100.23")
	s.login(ada, "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15", "203.0.113.7")
	s.command("", "user", "disable", edsger.email)
	s.login(grace, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile Safari/604.1", "192.0.2.140")
	return s
}

// pictured checks the picture of what is in the window, or takes it.
func (r *reader) pictured(name string, width, height int) {
	r.t.Helper()
	file := filepath.Join(images, name)
	if *update {
		r.Eval(`document.activeElement.blur()`, nil) // a caret blinks
		r.Screenshot(file, false)
	}
	f, err := os.Open(file)
	if err != nil {
		r.t.Errorf("%v: go test ./internal/blackbox/pages -run TestImages -update takes the pictures", err)
		return
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		r.t.Errorf("%s: %v", name, err)
		return
	}
	if size := picture.Bounds().Size(); size.X != width || size.Y != height {
		r.t.Errorf("%s is %d by %d, want %d by %d", name, size.X, size.Y, width, height)
	}
	if info, err := f.Stat(); err != nil || info.Size() > maxImage {
		r.t.Errorf("%s has %d bytes, want at most %d; %v", name, info.Size(), maxImage, err)
	}
}
