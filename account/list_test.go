package account_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/store/memory"
)

func emailsOf(users []account.User) (emails []string) {
	for _, u := range users {
		emails = append(emails, u.Email)
	}
	return emails
}

// TestListLeadsOnAndBack: whoever goes on to the end and back again sees the same pages, and neither
// end has a way on.
func TestListLeadsOnAndBack(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	for i := range 25 {
		email := fmt.Sprintf("other%d@x.de", i)
		if i%2 == 0 {
			email = fmt.Sprintf("user%d@x.de", i)
		}
		if _, err := people.Create(t.Context(), account.Details{Email: email, Password: "p"}); err != nil {
			t.Fatal(err)
		}
	}
	for search, want := range map[string]int{"": 25, "user": 13, "user12@": 1, "nobody": 0} {
		for _, limit := range []int{1, 4, 13, 25, 100} {
			t.Run(fmt.Sprintf("%q by %d", search, limit), func(t *testing.T) {
				var forth, back [][]string
				q := account.Query{Search: search, Limit: limit}
				reads := 0
				list := func() account.Page {
					if reads++; reads > 100 {
						t.Fatal("the list has no end")
					}
					page, err := people.List(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					return page
				}
				page := list()
				if page.Previous != 0 {
					t.Error("there is something before the first page")
				}
				forth = append(forth, emailsOf(page.Users))
				for page.Next != 0 {
					q.After = page.Next
					page = list()
					forth = append(forth, emailsOf(page.Users))
				}
				if n := len(slices.Concat(forth...)); n != want {
					t.Errorf("%d users, want %d", n, want)
				}
				q.After = 0
				back = append(back, emailsOf(page.Users))
				for page.Previous != 0 {
					q.Before = page.Previous
					page = list()
					back = append(back, emailsOf(page.Users))
					if page.Next == 0 {
						t.Error("there is no way on from a page that was reached backwards")
					}
				}
				slices.Reverse(back)
				if diff := cmp.Diff(forth, back, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("pages (-forth +back):\n%s", diff)
				}
			})
		}
	}
}

// TestListWhereUsersHaveGone: a place in the list outlives the user, and leads to those around.
func TestListWhereUsersHaveGone(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	var places []int64
	for i := range 6 {
		u, err := people.Create(t.Context(), account.Details{Email: fmt.Sprintf("%d@x.de", i), Password: "p"})
		if err == nil {
			u, err = people.ByEmail(t.Context(), u.Email)
		}
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, u.Place)
	}
	for _, i := range []int{0, 1, 4, 5} {
		u, err := people.ByEmail(t.Context(), fmt.Sprintf("%d@x.de", i))
		if err == nil {
			err = people.Delete(t.Context(), u.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		q    account.Query
		want []string // of the page, then of the ones before and behind
	}{
		"behind the last":             {account.Query{After: places[4], Limit: 9}, []string{"", "2@x.de 3@x.de", "-"}},
		"before the first":            {account.Query{Before: places[1], Limit: 9}, []string{"", "-", "2@x.de 3@x.de"}},
		"behind one of the first":     {account.Query{After: places[1], Limit: 9}, []string{"2@x.de 3@x.de", "-", "-"}},
		"behind everything":           {account.Query{After: math.MaxInt64, Limit: 9}, []string{"", "2@x.de 3@x.de", "-"}},
		"before everything":           {account.Query{Before: 2, Limit: 9}, []string{"", "-", "2@x.de 3@x.de"}},
		"nothing asked for":           {account.Query{Before: places[4]}, []string{"", "-", "-"}},
		"less than nothing asked for": {account.Query{After: places[4], Limit: -1}, []string{"", "-", "-"}},
	} {
		list := func(q account.Query) account.Page {
			page, err := people.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		show := func(p account.Page) string { return strings.Join(emailsOf(p.Users), " ") }
		page := list(c.q)
		got := []string{show(page), "-", "-"}
		if page.Previous != 0 {
			got[1] = show(list(account.Query{Before: page.Previous, Limit: 9}))
		}
		if page.Next != 0 {
			got[2] = show(list(account.Query{After: page.Next, Limit: 9}))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the page, the ones before and the ones behind are %q, want %q", name, got, c.want)
		}
	}
}

func TestSearchIsBounded(t *testing.T) {
	people := newPeople(t, newSpyStore())
	long := strings.Repeat("ä", account.MaxSearch/2)
	if _, err := people.List(t.Context(), account.Query{Search: long, Limit: 1}); err != nil {
		t.Error("the longest:", err)
	}
	if _, err := people.List(t.Context(), account.Query{Search: long + "a", Limit: 1}); !errors.Is(err, account.ErrSearch) {
		t.Errorf("one byte more: %v, want ErrSearch", err)
	}
	for _, err := range people.Search(t.Context(), long+"a") {
		if !errors.Is(err, account.ErrSearch) {
			t.Errorf("Search: %v, want ErrSearch", err)
		}
	}
}

// endless is a store that never comes to the end of a list.
type endless struct{ account.Store }

func (endless) List(ctx context.Context, _ account.Query) ([]account.User, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestListGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := newPeople(t, endless{}).List(t.Context(), account.Query{Search: "x", Limit: 1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want that it took too long", err)
		}
	})
}

func TestSearch(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	for i := range 10 {
		if _, err := people.Create(t.Context(), account.Details{Email: fmt.Sprintf("%d@%d.de", i, i%2), Password: "p"}); err != nil {
			t.Fatal(err)
		}
	}
	var got []account.User
	for u, err := range people.Search(t.Context(), "@1.") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u)
	}
	if want := []string{"1@1.de", "3@1.de", "5@1.de", "7@1.de", "9@1.de"}; !slices.Equal(emailsOf(got), want) {
		t.Errorf("%q, want %q", emailsOf(got), want)
	}
}
