package server_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

type seenPage struct {
	Users          []seenUser
	Next, Previous string
}

func (p seenPage) emails() (found []string) {
	for _, u := range p.Users {
		found = append(found, *u.Email)
	}
	return found
}

func TestListUsers(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		want := []string{email, bobsEmail}
		for i := range 5 {
			want = append(want, fmt.Sprintf("user%d@example.com", i))
			s.addUser(want[len(want)-1], "p", "user")
		}
		ada := s.asAda()
		page := func(query string) seenPage {
			t.Helper()
			return jsonOf[seenPage](t, ada.want(200, "", "GET", "/users?"+query, ""))
		}
		all := page("")
		diff(t, "all", want, all.emails())
		if all.Next != "" || all.Previous != "" {
			t.Errorf("behind the end: %q, before the beginning: %q", all.Next, all.Previous)
		}
		var found []string
		for next, pages := "", 0; ; pages++ {
			p := page("limit=3&after=" + url.QueryEscape(next))
			found = append(found, p.emails()...)
			if next = p.Next; next == "" {
				if pages != 2 {
					t.Errorf("%d pages", pages+1)
				}
				back := page("limit=3&before=" + url.QueryEscape(p.Previous))
				diff(t, "one page back", want[3:6], back.emails())
				back = page("limit=3&before=" + url.QueryEscape(back.Previous))
				diff(t, "and one more", want[:3], back.emails())
				if back.Previous != "" || back.Next == "" {
					t.Errorf("the first page again: %+v", back)
				}
				break
			}
		}
		diff(t, "page by page", want, found)
		if p := page("limit=7"); len(p.Users) != 7 || p.Next != "" {
			t.Errorf("a full page that is the last: %+v", p)
		}
		diff(t, "by email, in another spelling", []string{bobsEmail}, page("email=BOB@Example.com").emails())
		if p := page("email=nobody@example.com"); p.Users == nil || len(p.Users) > 0 {
			t.Errorf("nobody: %+v", p)
		}
		for _, bad := range []string{
			"limit=0", "limit=1001", "limit=x", "after=?", "after=AA%20", "offset=1", "limit=1&limit=2", "a=%zz", "after=AQ",
			"before=?", "before=AA", "before=AQ", "search=a&search=b", "search=" + strings.Repeat("a", 257),
		} {
			ada.want(400, "wrong_format", "GET", "/users?"+bad, "")
		}
		s.asBob().want(403, "forbidden", "GET", "/users", "")
		s.stranger().want(401, "unauthorized", "GET", "/users", "")
		diff(t, "stats", map[string]int{"users": 7}, jsonOf[map[string]int](t, ada.want(200, "", "GET", "/stats", "")))
		s.asBob().want(403, "forbidden", "GET", "/stats", "")
	})
}

func TestSearchUsers(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		ada := s.asAda()
		ada.want(200, "", "PUT", "/users/me", `{"first_name":"Zoë","last_name":"100% Straße"}`)
		for i := range 5 {
			s.addUser(fmt.Sprintf("user_%d@example.com", i), "p", "user")
		}
		page := func(query string) seenPage {
			t.Helper()
			return jsonOf[seenPage](t, ada.want(200, "", "GET", "/users?"+query, ""))
		}
		for search, want := range map[string][]string{
			"ZOE": {email}, "zoë 100%": {email}, "STRASSE": {email}, "BOB@": {bobsEmail}, "user_3": {"user_3@example.com"},
			"": page("").emails(), "r_%": nil, "nobody": nil, strings.Repeat("a", 256): nil,
		} {
			p := page("search=" + url.QueryEscape(search))
			diff(t, "search for "+search, want, p.emails())
			if p.Users == nil {
				t.Error("null in place of an empty list")
			}
		}
		first := page("search=USER_&limit=2")
		second := page("search=USER_&limit=2&after=" + first.Next)
		diff(t, "second page", []string{"user_2@example.com", "user_3@example.com"}, second.emails())
		diff(t, "back again", first, page("search=USER_&limit=2&before="+second.Previous))
		last := page("search=USER_&limit=2&after=" + second.Next)
		if last.Next != "" || len(last.Users) != 1 || first.Previous != "" {
			t.Errorf("first %+v, last %+v", first, last)
		}
		ada.want(200, "", "PUT", "/users/me", `{"first_name":null}`)
		if p := page("search=zoe"); len(p.Users) > 0 {
			t.Errorf("by the name before: %v", p.emails())
		}
	})
}
