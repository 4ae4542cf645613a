package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// addUsers inserts ten users, removes the fifth again, and returns the emails of those who are left.
// Neither emails nor times are in the order of insertion.
func addUsers(t *testing.T, s account.Store) (emails []string) {
	t.Helper()
	var fifth handstamp.ID
	for i := range 10 {
		u := newUser(fmt.Sprintf("%d@example.com", 9-i))
		u.CreatedAt = moment.Add(-time.Duration(i) * time.Hour)
		must(t, s.Insert(t.Context(), u, account.Write{}))
		if i == 4 {
			fifth = u.ID
			continue
		}
		emails = append(emails, u.Email)
	}
	must(t, s.Delete(t.Context(), fifth, account.Write{}))
	return emails
}

// listed returns the users that q selects.
func listed(t *testing.T, s account.Store, q account.Query) []account.User {
	t.Helper()
	users, err := s.List(t.Context(), q)
	must(t, err)
	return users
}

func emailsOf(users []account.User) []string {
	emails := make([]string, 0, len(users))
	for _, u := range users {
		emails = append(emails, u.Email)
	}
	return emails
}

// walk reads what q selects page by page, from the first to the last.
func walk(t *testing.T, s account.Store, q account.Query) (pages [][]account.User) {
	t.Helper()
	for {
		page := listed(t, s, q)
		if len(page) == 0 {
			return pages
		}
		if len(page) > q.Limit {
			t.Fatalf("a page of %d users, asked for %d", len(page), q.Limit)
		}
		pages = append(pages, page)
		q.After = page[len(page)-1].Place
	}
}

// walkBack is walk from the last page to the first, in the order of the list all the same.
func walkBack(t *testing.T, s account.Store, q account.Query) (pages [][]account.User) {
	t.Helper()
	q.Before = math.MaxInt64
	for {
		page := listed(t, s, q)
		if len(page) == 0 {
			slices.Reverse(pages)
			return pages
		}
		if len(page) > q.Limit {
			t.Fatalf("a page of %d users, asked for %d", len(page), q.Limit)
		}
		pages = append(pages, page)
		q.Before = page[0].Place
	}
}

func wantEmails(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func listInOrder(t *testing.T, s account.Store) {
	want := addUsers(t, s)
	wantEmails(t, "the whole list", want, emailsOf(listed(t, s, account.Query{Limit: 100})))
	wantEmails(t, "page by page", want, emailsOf(slices.Concat(walk(t, s, account.Query{Limit: 4})...)))
	wantEmails(t, "a limit of zero", nil, emailsOf(listed(t, s, account.Query{})))
}

func listBothWays(t *testing.T, s account.Store) {
	want := addUsers(t, s)
	pages := walkBack(t, s, account.Query{Limit: 4})
	wantEmails(t, "page by page, backwards", want, emailsOf(slices.Concat(pages...)))
	if len(pages) != 3 || len(pages[0]) != 1 { // the last users, not the first, of those in front
		t.Errorf("%d pages, the first with %d users; want 3 and 1", len(pages), len(pages[0]))
	}
	all := listed(t, s, account.Query{Limit: 100})
	second, sixth := all[1].Place, all[5].Place
	for what, c := range map[string]struct {
		q    account.Query
		want []string
	}{
		"between two places":           {account.Query{After: second, Before: sixth, Limit: 100}, want[2:5]},
		"the last between two places":  {account.Query{After: second, Before: sixth, Limit: 2}, want[3:5]},
		"between neighbours":           {account.Query{After: second, Before: second + 1, Limit: 100}, nil},
		"between places the wrong way": {account.Query{After: sixth, Before: second, Limit: 100}, nil},
		"before the first":             {account.Query{Before: all[0].Place, Limit: 100}, nil},
		"after the last":               {account.Query{After: all[8].Place, Limit: 100}, nil},
		"after everything":             {account.Query{After: math.MaxInt64, Limit: 100}, nil},
		"before, with a limit of zero": {account.Query{Before: math.MaxInt64}, nil},
	} {
		wantEmails(t, what, c.want, emailsOf(listed(t, s, c.q)))
	}
}

// A named user, for searches.
func named(email, first, last string) account.User {
	u := newUser(email)
	u.FirstName, u.LastName = &first, &last
	return u
}

func listSearches(t *testing.T, s account.Store) {
	bare := newUser("bare@x.de")
	bare.FirstName = nil
	for _, u := range []account.User{
		named("ada@example.com", "Ada", "Lovelace"),
		named("Zoe_B@example.com", "ZOË", "Straßer"),
		named("zoexb@example.com", "100% sure", `back\slash`),
		named("o'neill@example.com", "Łukasz", "Ångström"),
		named("kim@example.com", "민준", "Ж\u0301ена"),
		bare,
	} {
		must(t, s.Insert(t.Context(), u, account.Write{}))
	}
	for _, c := range []struct {
		search string
		want   []string
	}{
		{"ada@example.com", []string{"ada@example.com"}},
		{"lovelace", []string{"ada@example.com"}},
		{"LOVE", []string{"ada@example.com"}},
		{"  Ada \t Lovelace ", []string{"ada@example.com"}},
		{"example.comada", nil},
		{"bare", []string{"bare@x.de"}},

		{"zoë", []string{"Zoe_B@example.com", "zoexb@example.com"}},
		{"zoe\u0308 s", []string{"Zoe_B@example.com"}},
		{"ＺＯＥ_", []string{"Zoe_B@example.com"}},
		{"strasser", []string{"Zoe_B@example.com"}},
		{"STRASSER", []string{"Zoe_B@example.com"}},
		{"straße", []string{"Zoe_B@example.com"}},
		{"angstrom", []string{"o'neill@example.com"}},
		{"A\u030angström", []string{"o'neill@example.com"}},
		{"ŁUKASZ", []string{"o'neill@example.com"}},
		{"민준", []string{"kim@example.com"}},
		{"жЕНА", []string{"kim@example.com"}},

		{"_", []string{"Zoe_B@example.com"}},
		{"e_b", []string{"Zoe_B@example.com"}},
		{"%", []string{"zoexb@example.com"}},
		{"0% s", []string{"zoexb@example.com"}},
		{`\`, []string{"zoexb@example.com"}},
		{`\_`, nil},
		{`%\%`, nil},
		{"a%", nil},
		{"'", []string{"o'neill@example.com"}},
		{"' OR 1=1 --", nil},
		{"ada\x00@", nil},
		{"\xff", nil},
		{strings.Repeat("a", account.MaxSearch), nil},
	} {
		got := listed(t, s, account.Query{Search: c.search, Limit: 100})
		wantEmails(t, fmt.Sprintf("search for %+q", c.search), c.want, emailsOf(got))
	}
	for _, nothing := range []string{"", "  \t\n", "\u0301", "\u200b"} {
		if got := listed(t, s, account.Query{Search: nothing, Limit: 100}); len(got) != 6 {
			t.Errorf("search for %+q: %d users, want all 6", nothing, len(got))
		}
	}
}

func listPagesFound(t *testing.T, s account.Store) {
	var want []string
	for i := range 30 {
		u := named(fmt.Sprintf("user%d@example.com", i), "Ann", "Other")
		if i%3 == 1 {
			u = named(fmt.Sprintf("user%d@example.com", i), "Zoë", "Wanted")
			want = append(want, u.Email)
		}
		must(t, s.Insert(t.Context(), u, account.Write{}))
	}
	q := account.Query{Search: "zoe w", Limit: 4}
	forth, back := walk(t, s, q), walkBack(t, s, q)
	wantEmails(t, "page by page", want, emailsOf(slices.Concat(forth...)))
	wantEmails(t, "page by page, backwards", want, emailsOf(slices.Concat(back...)))
	if len(forth) != 3 || len(back) != 3 || len(forth[0]) != 4 || len(back[2]) != 4 {
		t.Errorf("%d pages and %d: a page that is not the last is not full", len(forth), len(back))
	}
}

// listFindsWhatIsThere now, and not what was.
func listFindsWhatIsThere(t *testing.T, s account.Store) {
	u := named("ada@example.com", "Ada", "Byron")
	must(t, s.Insert(t.Context(), u, account.Write{}))
	finds := func(search string, want int) {
		t.Helper()
		if got := listed(t, s, account.Query{Search: search, Limit: 100}); len(got) != want {
			t.Errorf("search for %q: %d users, want %d", search, len(got), want)
		}
	}
	finds("byron", 1)
	_, err := s.Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) {
		lovelace := "Lovelace"
		u.LastName, u.Email, u.EmailKey = &lovelace, "countess@example.com", "countess@example.com"
		return account.Write{}, nil
	})
	must(t, err)
	finds("byron", 0)
	finds("ada@", 0)
	finds("lovelace", 1)
	finds("countess", 1)
	must(t, s.Delete(t.Context(), u.ID, account.Write{}))
	finds("lovelace", 0)
}
