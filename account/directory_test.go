package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/memory"
)

func TestCreate(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	details := account.Details{
		Email: "Zoé@Exemple.FR", FirstName: ptr("Zoé"), LastName: ptr(""), Role: "admin", Password: "a good password",
	}
	before := time.Now().Add(-time.Millisecond)
	u, err := people.Create(t.Context(), details)
	if err != nil {
		t.Fatal(err)
	}
	want := account.User{
		ID: u.ID, Email: "Zoé@Exemple.FR", FirstName: ptr("Zoé"), LastName: ptr(""), Role: "admin",
		CreatedAt: u.CreatedAt, UpdatedAt: u.CreatedAt, PasswordHash: u.PasswordHash, EmailKey: "zoé@exemple.fr",
	}
	if diff := cmp.Diff(want, u); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	if u.ID.IsZero() || u.ID[6]>>4 != 4 {
		t.Errorf("ID %v is no UUID version 4", u.ID)
	}
	if u.CreatedAt.Before(before) || u.CreatedAt.After(time.Now()) || u.CreatedAt.Location() != time.UTC ||
		u.CreatedAt.Nanosecond()%1000 != 0 {
		t.Errorf("created at %v, want now, in UTC and whole microseconds", u.CreatedAt)
	}
	if !strings.HasPrefix(u.PasswordHash, "$argon2id$") || strings.Contains(u.PasswordHash, details.Password) {
		t.Errorf("password hash %q", u.PasswordHash)
	}
	again, err := people.User(t.Context(), u.ID)
	again.Place = 0
	if diff := cmp.Diff(u, again); err != nil || diff != "" {
		t.Errorf("User: %v, (-created +read):\n%s", err, diff)
	}
}

func TestCreateRefuses(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	addBob(t, people)
	for name, c := range map[string]struct {
		email, password string
		want            error
	}{
		"no email":                {"", "p", account.ErrEmail},
		"not an email":            {"bob", "p", account.ErrEmail},
		"email too long":          {strings.Repeat("a", 250) + "@x.de", "p", account.ErrEmail},
		"name too long":           {"a@x.de", "p", account.ErrName},
		"email taken":             {bobsEmail, "p", account.ErrEmailTaken},
		"taken in other spelling": {"ＢＯＢ@Hbtn.IO", "p", account.ErrEmailTaken},
		"no password":             {"a@x.de", "", account.ErrPassword},
		"NUL in password":         {"a@x.de", "p\x00w", account.ErrPassword},
		"control in password":     {"a@x.de", "p\nw", account.ErrPassword},
		"too many code points":    {"a@x.de", strings.Repeat("p", password.MaxCodePoints+1), password.ErrTooLong},
		"too many bytes":          {"a@x.de", strings.Repeat("p", 1<<20), password.ErrTooLong},
	} {
		details := account.Details{Email: c.email, Password: c.password}
		if c.want == account.ErrName {
			details.LastName = ptr(strings.Repeat("é", 257))
		}
		u, err := people.Create(t.Context(), details)
		if !errors.Is(err, c.want) || !u.ID.IsZero() {
			t.Errorf("%s: %v, %v; want %v", name, u, err, c.want)
		}
	}
	if n, err := people.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("Count = %d, %v; want 1: nothing of it was stored", n, err)
	}
}

func TestRename(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	bob := addBob(t, people)
	for _, c := range []struct {
		first, last         *string
		wantFirst, wantLast *string
	}{
		{ptr("Bob"), nil, ptr("Bob"), nil},
		{nil, ptr("Dylan"), ptr("Bob"), ptr("Dylan")},
		{ptr(""), nil, ptr(""), ptr("Dylan")},
		{nil, nil, ptr(""), ptr("Dylan")},
		{nil, ptr(""), ptr(""), ptr("")},
	} {
		before := read(t, people, bob.ID) // fills the cache
		u, err := people.Rename(t.Context(), bob.ID, c.first, c.last)
		if err != nil {
			t.Fatal(err)
		}
		after := read(t, people, bob.ID)
		if diff := cmp.Diff(u, after); diff != "" {
			t.Errorf("read after the change (-returned +read):\n%s", diff)
		}
		want := before
		want.FirstName, want.LastName, want.UpdatedAt = c.wantFirst, c.wantLast, u.UpdatedAt
		if diff := cmp.Diff(want, u); diff != "" {
			t.Errorf("renamed (-want +got):\n%s", diff)
		}
		if u.UpdatedAt.Before(before.UpdatedAt) || u.UpdatedAt.Equal(bob.CreatedAt) {
			t.Errorf("updated at %v, before %v", u.UpdatedAt, before.UpdatedAt)
		}
	}
}

func TestNoSuchUser(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	bob := addBob(t, people)
	ctx, nobody := t.Context(), handstamp.NewID()
	if err := people.Delete(ctx, bob.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []handstamp.ID{nobody, bob.ID, {}} {
		_, userErr := people.User(ctx, id)
		_, renameErr := people.Rename(ctx, id, ptr("x"), nil)
		_, passwordErr := people.SetPassword(ctx, id, "p")
		for doing, err := range map[string]error{
			"User": userErr, "Rename": renameErr,
			"SetPassword": passwordErr, "Delete": people.Delete(ctx, id),
		} {
			if !errors.Is(err, account.ErrNoUser) {
				t.Errorf("%s of %v: %v, want ErrNoUser", doing, id, err)
			}
		}
	}
	if _, err := people.ByEmail(ctx, bobsEmail); !errors.Is(err, account.ErrNoUser) {
		t.Errorf("ByEmail: %v, want ErrNoUser", err)
	}
	addBob(t, people) // the email is free again
}

// read returns the user as the Directory shows them.
func read(t *testing.T, people *account.Directory, id handstamp.ID) account.User {
	t.Helper()
	u, err := people.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestUserIsCached: who asks again does not ask the store, and sees each change at once.
func TestUserIsCached(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	bob := addBob(t, people)
	asked := func() int64 { return store.finds.Swap(0) }
	asked()
	for range 3 {
		read(t, people, bob.ID)
	}
	if n := asked(); n != 1 {
		t.Errorf("three reads asked the store %d times, want once", n)
	}
	for name, change := range map[string]func() error{
		"Rename":      func() error { _, err := people.Rename(t.Context(), bob.ID, ptr("B"), nil); return err },
		"SetPassword": func() error { _, err := people.SetPassword(t.Context(), bob.ID, "another one"); return err },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		asked()
		got, want := read(t, people, bob.ID), find(t, store, bob.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %s (-stored +read):\n%s", name, diff)
		}
	}
}

// TestSlowReadDoesNotBringBackTheOld: a read that was overtaken by a change is not kept.
func TestSlowReadDoesNotBringBackTheOld(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	bob := addBob(t, people)
	once := true
	store.afterFind = func(account.Ref) {
		if once {
			once = false
			if err := people.Delete(t.Context(), bob.ID); err != nil {
				t.Error(err)
			}
		}
	}
	read(t, people, bob.ID) // reads bob, who is then deleted, and only then may fill the cache
	if u, err := people.User(t.Context(), bob.ID); !errors.Is(err, account.ErrNoUser) {
		t.Errorf("User = %v, %v after the deletion, want ErrNoUser", u, err)
	}
}

func TestAllAndCount(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	var want []string
	var gone []handstamp.ID // leave gaps
	for i := range 2500 {   // three pages
		u := importUser(t, store, fmt.Sprintf("user%d@x.de", i), "")
		if i%100 == 50 {
			gone = append(gone, u.ID)
			continue
		}
		want = append(want, u.Email)
	}
	for _, id := range gone {
		if err := people.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for u, err := range people.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u.Email)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d users, want the %d in the order in which they came", len(got), len(want))
	}
	if n, err := people.Count(t.Context()); n != len(want) || err != nil {
		t.Errorf("Count = %d, %v; want %d", n, err, len(want))
	}
	store.others.Store(0)
	for range people.All(t.Context()) {
		break
	}
	if n := store.others.Load(); n != 1 {
		t.Errorf("who stops at once has read %d pages, want 1", n)
	}
}

// brokenList is a store that fails at the second page.
type brokenList struct{ account.Store }

var errDown = errors.New("store is down")

func (s brokenList) List(ctx context.Context, q account.Query) ([]account.User, error) {
	if q.After > 0 {
		return nil, errDown
	}
	return s.Store.List(ctx, q)
}

func TestAllEndsWithAnError(t *testing.T) {
	store := brokenList{memory.NewUsers()}
	for i := range 1001 {
		importUser(t, store, fmt.Sprintf("user%d@x.de", i), "")
	}
	n, last := 0, error(nil)
	for u, err := range newPeople(t, store).All(t.Context()) {
		if last != nil {
			t.Error("there is more after an error")
		}
		if err == nil {
			n++
		} else if !u.ID.IsZero() {
			t.Errorf("user %v beside an error", u)
		}
		last = err
	}
	if n != 1000 || !errors.Is(last, errDown) {
		t.Errorf("%d users, then %v; want 1000, then %v", n, last, errDown)
	}
}
