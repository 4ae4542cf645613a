package server_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/textbrowser"
	"github.com/handstamp/handstamp/server"
)

// record writes an event into the audit log.
func (s *site) record(e handstamp.Event) {
	s.t.Helper()
	if err := s.config.Audit.Record(s.t.Context(), e); err != nil {
		s.t.Fatal(err)
	}
}

func TestAuditPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		cy := s.addUser("cy@example.com", "p", "user")
		if err := s.people.Delete(t.Context(), cy.ID); err != nil {
			t.Fatal(err)
		}
		signInAs(s.browser().Open("/login"), bobsEmail, "wrong")
		b := s.adasBrowser()
		p := b.Open("/admin/audit")
		isPage(t, p, "/admin/audit", 200, "Sign-in", "Failed", "User created", "User deleted", bobsEmail, cy.ID.String(), "Firefox on Linux", "192.0.2.1")
		for name, c := range map[string]struct {
			typed     []string
			yes, no   string
			hasNobody bool
		}{
			"by email":       {[]string{"user", bobsEmail}, bobsEmail, cy.ID.String(), false},
			"by another way": {[]string{"user", "BOB@example.com"}, bobsEmail, cy.ID.String(), false},
			"by id":          {[]string{"user", s.bob.ID.String()}, bobsEmail, cy.ID.String(), false},
			"of who is gone": {[]string{"user", cy.ID.String()}, cy.ID.String(), bobsEmail, false},
			"by action":      {[]string{"action", "user-delete"}, cy.ID.String(), bobsEmail, false},
			"by outcome":     {[]string{"outcome", "failure"}, bobsEmail, cy.ID.String(), false},
			"by both":        {[]string{"action", "user-delete", "outcome", "failure"}, "Nothing matches", bobsEmail, true},
			"today":          {[]string{"since", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)}, bobsEmail, "Nothing matches", false},
			"until today":    {[]string{"until", time.Now().UTC().Format(time.DateOnly)}, bobsEmail, "Nothing matches", false},
			"long ago":       {[]string{"until", "2001-01-01"}, "Nothing matches", bobsEmail, true},
			"some day":       {[]string{"since", "2999-01-01"}, "Nothing matches", bobsEmail, true},
		} {
			p := b.Open("/admin/audit").Form("/admin/audit").Set(c.typed...).Send()
			rows, _, _ := strings.Cut(p.Text()[strings.LastIndex(p.Text(), "Clear"):], "Français")
			if p.Status != 200 || !strings.Contains(rows, c.yes) || strings.Contains(rows, c.no) {
				t.Errorf("%s: %s", name, rows)
			}
			for i := 0; i < len(c.typed); i += 2 {
				if got := p.Form("/admin/audit").Fields.Get(c.typed[i]); got != c.typed[i+1] {
					t.Errorf("%s: the form has %q", name, got)
				}
			}
		}
		for name, typed := range map[string][]string{
			"There is no user with this email or id": {"user", `nobody"><script>@example.com`},
			"Please give a day such as 2026-01-31":   {"since", "31.1.2026"},
			"Please give a day such as 2026-01-31.":  {"until", "2026-02-30"},
		} {
			p := b.Open("/admin/audit").Form("/admin/audit").Set(typed...).Send()
			isPage(t, p, "/admin/audit", 400, name)
			if got := p.Form("/admin/audit").Fields.Get(typed[0]); got != typed[1] || strings.Contains(p.Body, "<script>") {
				t.Errorf("the form has %q: %s", got, p.Body)
			}
		}
		isPage(t, b.Open("/admin/audit?action=nonsense&outcome=nonsense&after=x&before=-5&user="), "/admin/audit", 200, "User created")
	})
}

// reasonsOn returns what stands as the reason in the entries on a page.
func reasonsOn(p *textbrowser.Page) []string {
	var found []string
	for word := range strings.FieldsSeq(p.Text()) {
		if strings.HasPrefix(word, "reason-") {
			found = append(found, word)
		}
	}
	return found
}

func TestAuditPageByPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b := s.adasBrowser()
		var want []string
		for i := range 120 {
			e := handstamp.NewEvent(t.Context(), handstamp.ActionFault).Failed(fmt.Sprintf("reason-%03d", i))
			s.record(e)
			want = append(want, fmt.Sprintf("reason-%03d", i))
		}
		slices.Reverse(want)
		first := b.Open("/admin/audit?action=fault&outcome=failure&since=2000-01-01")
		down, last := walk(t, b, first, "next", reasonsOn)
		diff(t, "downwards", want, slices.Concat(down...))
		if len(down) != 3 || len(down[0]) != 50 || link(first, "prev") != "" {
			t.Errorf("%d pages, %q before the first", len(down), link(first, "prev"))
		}
		up, top := walk(t, b, last, "prev", reasonsOn)
		slices.Reverse(up)
		diff(t, "upwards", want, slices.Concat(up...))
		if link(top, "next") == "" {
			t.Error("the first page, reached from below, is the only one")
		}
	})
}

// TestAuditPageShowsWhatStrangersSay as text.
func TestAuditPageShowsWhatStrangersSay(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		const script = `"><script>alert(1)</script>`
		e := handstamp.NewEvent(t.Context(), handstamp.ActionLogin).Failed(script)
		e.Actor, e.Device, e.Address = script, script, netip.MustParseAddr("2001:db8::1")
		s.record(e)
		b := s.adasBrowser()
		for _, path := range []string{"/admin/audit", "/admin"} {
			p := b.Open(path)
			isPage(t, p, path, 200, script, "2001:db8::1")
			if strings.Contains(p.Body, "<script>") {
				t.Errorf("%s: there is a script in the page", path)
			}
		}
	})
}

// TestPagesWithoutAnAuditLog do not lead to one.
func TestPagesWithoutAnAuditLog(t *testing.T) {
	s := newSite(t, "memory", func(c *server.Config) { c.Audit = nil })
	b := s.adasBrowser()
	for _, path := range []string{"/admin", "/admin/users", userPage(s.bob)} {
		p := b.Open(path)
		isPage(t, p, path, 200)
		for _, target := range p.Links() {
			if strings.HasPrefix(target, "/admin/audit") {
				t.Errorf("%s leads to %s", path, target)
			}
		}
	}
	isPage(t, b.Open("/admin/audit"), "/admin/audit", 404)
}
