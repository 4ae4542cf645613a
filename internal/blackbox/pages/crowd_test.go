package pages_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// crowdSize is how many users were imported to a crowded site.
const crowdSize = 10_000

// The people of a crowded site, besides the crowd.
var (
	edsger = person{"Edsger", "Dijkstra", "edsger@example.com", "shortest path to Amsterdam"} // disabled
	// augusta has names that are as long as they may be, and cannot be broken between words.
	augusta = person{long, long, long[:200] + "@example.com", "words without end, amen"}
)

var long = strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 8)[:256]

// TestCrowdedSite looks at a site with very many users.
func TestCrowdedSite(t *testing.T) {
	t.Parallel()
	s := crowded(t)
	t.Run("search", func(t *testing.T) {
		t.Parallel()
		s.search(t)
	})
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.tour(t, look)
		})
	}
}

// crowded starts a server that has very many users.
func crowded(t *testing.T) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a server and a browser")
	}
	s := newSite(t)
	s.importCrowd()
	s.add(ada, "admin")
	s.add(grace, "user")
	s.add(augusta, "user")
	s.add(edsger, "user")
	s.command("", "user", "disable", edsger.email)
	s.start()
	for i := range 5 { // from devices that say much about themselves
		s.login(augusta, fmt.Sprintf("Device/%d %s", i, strings.Repeat("(like_every_other)", 20)), "203.0.113.7")
	}
	return s
}

// importCrowd imports users with passwords that somebody else has hashed.
func (s *site) importCrowd() {
	s.t.Helper()
	first := []string{"Ada", "Grace", "Edsger", "Barbara", "Émilie", "Kurt", "Hedy", "Alan", "Annie", "Konrad"}
	last := []string{"Lovelace", "Hopper", "Dijkstra", "Liskov", "du Châtelet", "Gödel", "Lamarr", "Turing", "Easley", "Zuse"}
	var list strings.Builder
	lines := json.NewEncoder(&list)
	for i := range crowdSize {
		err := lines.Encode(map[string]any{
			"email":         fmt.Sprintf("user%d@example.com", i),
			"first_name":    first[i%10],
			"last_name":     fmt.Sprint(last[i/10%10], " ", i),
			"created_at":    fmt.Sprintf("2025-%02d-%02dT08:00:00Z", i%12+1, i%28+1),
			"password_hash": fmt.Sprintf("$2y$10$%021du%030du", i, i),
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	file := filepath.Join(scratch, filepath.Base(s.data)+".jsonl")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.command("", "import", "users", file, "--role", "user")
}

// login begins a session on a device that is no browser of ours. The address is for sites that trust what a proxy says.
func (s *site) login(p person, device, address string) {
	s.t.Helper()
	body := url.Values{"email": {p.email}, "password": {p.password}}.Encode()
	r, err := http.NewRequest(http.MethodPost, s.base+"/api/v1/auth_session/login", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", device)
	r.Header.Set("X-Forwarded-For", address)
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("sign in: %s, %v", answer.Status, err)
	}
}

// search finds users among all, and goes through their pages, forth and back.
func (s *site) search(t *testing.T) {
	r := s.reader(t, browser.Device{})
	r.enterAs(ada)
	r.click("nav.users")
	r.sees(200, "/admin/users", r.say("users.title"))
	for _, language := range []string{"fr", "de", "es", "en"} {
		r = r.switchTo(language)
		r.sees(200, "/admin/users", r.say("users.title"))
		if got, want := r.Text("main p.quiet"), r.count("users.total", crowdSize+4); got != want {
			t.Errorf("of how many users there are, it says %q, want %q", got, want)
		}
	}

	find := func(text string) []string {
		t.Helper()
		r.fill("users.search", text)
		r.click("users.search-act")
		r.sees(200, "/admin/users", r.say("users.title"))
		r.holds("[name=search]", text)
		return r.rows()
	}
	if got := find("user4711@"); len(got) != 1 || !strings.HasPrefix(got[0], "Grace Gödel") && !strings.Contains(got[0], "user4711@example.com") {
		t.Errorf("found %q", got)
	}
	if got := find("DU CHATELET 4"); len(got) != 50 || !strings.Contains(got[0], "du Châtelet 4") {
		t.Errorf("found %d users, the first %.100q", len(got), got)
	}
	if got := find(long); len(got) != 1 {
		t.Errorf("found %d users with a long name", len(got))
	}
	if got := find("nobody of that name"); len(got) != 0 || r.Text(".empty") != r.say("users.nobody") {
		t.Errorf("found %q", got)
	}
	r.click("users.all")
	if got := r.rows(); len(got) != 50 || !strings.Contains(got[0], edsger.email) {
		t.Errorf("the first page of all has %d rows, the first is %q", len(got), got[0])
	}
	r.pagesOf(t)
	find("lovelace")
	r.pagesOf(t)
}

// switchTo chooses another language at the foot of the page.
func (r *reader) switchTo(language string) *reader {
	r.t.Helper()
	for _, l := range texts.Default().Languages() {
		if l.Tag() == language {
			r.Click(l.Name())
			other := *r
			other.words = l
			return &other
		}
	}
	r.t.Fatalf("no language %q", language)
	return nil
}

// rows returns the texts of the rows of the list on the page.
func (r *reader) rows() (rows []string) {
	r.t.Helper()
	r.Eval(`[...document.querySelectorAll("tbody tr")].map(e => e.innerText)`, &rows)
	return rows
}

// pagesOf goes two pages on in the list that the reader sees, and comes back over the same ones.
func (r *reader) pagesOf(t *testing.T) {
	t.Helper()
	pages := [][]string{r.rows()}
	for range 2 {
		r.click("page.next")
		rows := r.rows()
		for _, row := range rows {
			if slices.Contains(pages[len(pages)-1], row) {
				t.Errorf("%q is on two pages", row)
			}
		}
		pages = append(pages, rows)
	}
	for _, want := range []int{1, 0} {
		r.click("page.previous")
		if got := r.rows(); len(got) != 50 || !slices.Equal(got, pages[want]) {
			t.Errorf("page %d is another one on the way back: %d rows, the first is %.100q", want+1, len(got), got)
		}
	}
	if n := r.Count("a[rel=prev]"); n != 0 {
		t.Error("there is a page before the first")
	}
}
