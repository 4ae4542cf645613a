package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/textbrowser"
)

// emailsOn returns the emails in the list of users, in its order.
func emailsOn(p *textbrowser.Page) []string {
	var found []string
	for word := range strings.FieldsSeq(p.Text()) {
		if strings.Contains(word, "@") && !strings.Contains(word, "“") {
			found = append(found, word)
		}
	}
	return slices.Compact(found)[1:] // the first is who is signed in
}

func TestUsersPageSearches(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for _, u := range []account.Details{
			{Email: "rene@example.com", FirstName: ptr("René"), LastName: ptr("Descartes")},
			{Email: "per_cent@example.com", FirstName: ptr("100%"), LastName: ptr("_")},
			{Email: "script@example.com", FirstName: ptr(`"><script>alert(1)</script>`)},
		} {
			u.Password = "p"
			if _, err := s.people.Create(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		b := s.adasBrowser()
		for search, want := range map[string][]string{
			"rené":       {"rene@example.com"},
			"RENÉ":       {"rene@example.com"},
			"Rene\u0301": {"rene@example.com"},
			"DESCARTES":  {"rene@example.com"},
			"BOB@":       {"bob@example.com"},
			"%":          {"per_cent@example.com"},
			"_":          {"per_cent@example.com"},
			`"><script>`: {"script@example.com"},
			"xyz":        {},
			`\`:          {},
			"'":          {},
			"":           {"script@example.com", "per_cent@example.com", "rene@example.com", "bob@example.com", "ada@example.com"},
		} {
			p := b.Open("/admin/users").Form("/admin/users").Set("search", search).Send()
			isPage(t, p, "/admin/users", 200)
			got := emailsOn(p)
			if len(got) == 0 {
				got = []string{}
			}
			diff(t, search, want, got)
			if f := p.Form("/admin/users"); f.Fields.Get("search") != search {
				t.Errorf("%q: the field has %q", search, f.Fields.Get("search"))
			}
			if strings.Contains(p.Body, "<script>") {
				t.Errorf("%q: there is a script in the page", search)
			}
			if len(want) == 0 && !p.Says("No user matches") {
				t.Errorf("%q: %s", search, p)
			}
		}
		isPage(t, b.Open("/admin/users?search="+strings.Repeat("x", 2000)), "/admin/users", 400)
		isPage(t, b.Open("/admin/users?search=%00%ff"), "/admin/users", 200)
	})
}

// link returns where the link with this text leads, or "".
func link(p *textbrowser.Page, rel string) string {
	_, rest, found := strings.Cut(p.Body, `rel="`+rel+`" href="`)
	if !found {
		return ""
	}
	target, _, _ := strings.Cut(rest, `"`)
	return strings.ReplaceAll(target, "&amp;", "&")
}

// walk follows the links with this rel, and returns what is on each page.
func walk(t *testing.T, b *textbrowser.Browser, p *textbrowser.Page, rel string, what func(*textbrowser.Page) []string) (all [][]string, last *textbrowser.Page) {
	t.Helper()
	for range 20 {
		if p.Status != 200 {
			t.Fatalf("%s", p)
		}
		all = append(all, what(p))
		target := link(p, rel)
		if target == "" {
			return all, p
		}
		p = b.Open(strings.TrimPrefix(target, "/auth"))
	}
	t.Fatal("no end of pages")
	return nil, nil
}

func TestUsersPageByPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		want := []string{email, bobsEmail}
		for i := range 118 {
			u := s.addUser(fmt.Sprintf("user%03d@example.com", i), "p", "user")
			want = append(want, u.Email)
		}
		slices.Reverse(want)
		b := s.adasBrowser()
		first := b.Open("/admin/users")
		isPage(t, first, "/admin/users", 200, "120 users")
		if link(first, "prev") != "" {
			t.Error("there is something in front of the first page")
		}
		down, last := walk(t, b, first, "next", emailsOn)
		diff(t, "downwards", want, slices.Concat(down...))
		if len(down) != 3 || len(down[0]) != 50 || len(down[2]) != 20 {
			t.Errorf("%d pages", len(down))
		}
		up, top := walk(t, b, last, "prev", emailsOn)
		slices.Reverse(up)
		diff(t, "upwards", want, slices.Concat(up...))
		if link(top, "prev") != "" || link(top, "next") == "" {
			t.Errorf("%s", top.Body)
		}

		found := b.Open("/admin/users?search=USER0")
		down, last = walk(t, b, found, "next", emailsOn)
		if got := slices.Concat(down...); len(got) != 100 || got[0] != "user099@example.com" || got[99] != "user000@example.com" {
			t.Errorf("found %d, from %s to %s", len(got), got[0], got[len(got)-1])
		}
		if !last.Says("“USER0”") {
			t.Errorf("%s", last)
		}
		// What is no link of ours shows something all the same.
		for _, query := range []string{"after=x", "before=-1", "before=1", "after=99999999999999999999", "after=9223372036854775807", "before=0&after=0", "after=1&before=5", "lang=xx"} {
			if p := b.Open("/admin/users?" + query); p.Status != 200 || p.Says("Not found") {
				t.Errorf("%s: %s", query, p)
			}
		}
	})
}
