package account_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// newOffice returns a Directory with the rules of a server, and what it has told of so far.
func newOffice(t *testing.T) (*account.Directory, *memory.Users, *[]handstamp.Event) {
	t.Helper()
	store := memory.NewUsers()
	people := newPeople(t, store)
	people.Roles, people.AdminRole, people.Links = []string{"user", "admin"}, "admin", store
	var told []handstamp.Event
	people.Notify = func(_ context.Context, e handstamp.Event) { told = append(told, e) }
	return people, store, &told
}

func addUser(t *testing.T, people *account.Directory, email, role string) account.User {
	t.Helper()
	u, err := people.Create(t.Context(), account.Details{Email: email, Password: bobsPassword, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestEdit: what each change ends, and what is told of it.
func TestEdit(t *testing.T) {
	const none, others, all = "none", "others", "all"
	for name, c := range map[string]struct {
		edit account.Edit
		ends string
		told []handstamp.Action
	}{
		"nothing":               {account.Edit{}, none, nil},
		"names":                 {account.Edit{FirstName: &account.Name{Text: ptr("Bob")}, LastName: &account.Name{}}, none, []handstamp.Action{"user-update"}},
		"the same email":        {account.Edit{Email: ptr(bobsEmail)}, none, nil},
		"the same role":         {account.Edit{Role: ptr("user")}, none, nil},
		"the same state":        {account.Edit{Disabled: ptr(false)}, none, nil},
		"email":                 {account.Edit{Email: ptr("robert@hbtn.io")}, others, []handstamp.Action{"email-change"}},
		"email in letters only": {account.Edit{Email: ptr("BOB@hbtn.io")}, others, []handstamp.Action{"email-change"}},
		"password":              {account.Edit{Password: ptr("another password")}, others, []handstamp.Action{"password-change"}},
		"role":                  {account.Edit{Role: ptr("admin")}, all, []handstamp.Action{"role-change"}},
		"disabling":             {account.Edit{Disabled: ptr(true)}, all, []handstamp.Action{"user-disable"}},
		"password and role":     {account.Edit{Password: ptr("another password"), Role: ptr("admin")}, all, []handstamp.Action{"password-change", "role-change"}},
	} {
		t.Run(name, func(t *testing.T) {
			people, store, told := newOffice(t)
			sessions := newSessions(t)
			people.Attach(sessions)
			bob := addUser(t, people, bobsEmail, "user")
			own, other := begin(t, sessions, bob.ID), begin(t, sessions, bob.ID)
			*told = nil

			c.edit.Keep = own
			edited, err := people.Edit(t.Context(), bob.ID, c.edit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(find(t, store, bob.ID), edited); diff != "" {
				t.Errorf("what is stored and what is returned (-want +got):\n%s", diff)
			}
			var actions []handstamp.Action
			for _, e := range *told {
				actions = append(actions, e.Action)
				if e.UserID != bob.ID || e.Outcome != handstamp.Success {
					t.Errorf("event %+v", e)
				}
			}
			if diff := cmp.Diff(c.told, actions); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			wantAlive(t, sessions, own, c.ends != all)
			wantAlive(t, sessions, other, c.ends == none)
			if raised := edited.Epoch > bob.Epoch; raised != (c.ends != none) {
				t.Errorf("epoch %d after %d", edited.Epoch, bob.Epoch)
			}
		})
	}
}

func wantAlive(t *testing.T, sessions *session.Manager, token session.Token, want bool) {
	t.Helper()
	_, err := sessions.Find(t.Context(), token)
	if alive := err == nil; alive != want || err != nil && !errors.Is(err, session.ErrGone) {
		t.Errorf("session: alive %v (%v), want %v", alive, err, want)
	}
}

// TestEditRefuses, and changes nothing.
func TestEditRefuses(t *testing.T) {
	people, store, _ := newOffice(t)
	addUser(t, people, "ann@hbtn.io", "user")
	bob := addUser(t, people, bobsEmail, "admin")
	for name, c := range map[string]struct {
		edit account.Edit
		want error
	}{
		"an unknown role":            {account.Edit{Role: ptr("root")}, account.ErrRole},
		"an email of another":        {account.Edit{Email: ptr("Ann@hbtn.io")}, account.ErrEmailTaken},
		"no email":                   {account.Edit{Email: ptr("bob")}, account.ErrEmail},
		"a name that is too long":    {account.Edit{FirstName: &account.Name{Text: ptr(strings.Repeat("é", 257))}}, account.ErrName},
		"no password":                {account.Edit{Password: ptr("")}, account.ErrPassword},
		"the last admin's role":      {account.Edit{Role: ptr("user")}, account.ErrLast},
		"the last admin's state":     {account.Edit{Disabled: ptr(true)}, account.ErrLast},
		"a user who was changed":     {account.Edit{Password: ptr("another password"), Epoch: ptr(bob.Epoch + 1)}, account.ErrChanged},
		"something good and a wrong": {account.Edit{FirstName: &account.Name{Text: ptr("Rob")}, Role: ptr("user")}, account.ErrLast},
	} {
		if _, err := people.Edit(t.Context(), bob.ID, c.edit); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if diff := cmp.Diff(bob, find(t, store, bob.ID), cmp.FilterPath(isPlace, cmp.Ignore())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := people.Delete(t.Context(), bob.ID); !errors.Is(err, account.ErrLast) {
		t.Errorf("Delete of the last admin: %v", err)
	}
	if _, err := people.Edit(t.Context(), handstamp.NewID(), account.Edit{Password: ptr("another password")}); !errors.Is(err, account.ErrNoUser) {
		t.Errorf("Edit of nobody: %v", err)
	}
	second := addUser(t, people, "cy@hbtn.io", "admin")
	if err := people.Delete(t.Context(), bob.ID); err != nil {
		t.Errorf("Delete of one of two admins: %v", err)
	}
	if err := people.Delete(t.Context(), second.ID); !errors.Is(err, account.ErrLast) {
		t.Errorf("Delete of the one that is left: %v", err)
	}
}

func isPlace(p cmp.Path) bool { return p.Last().String() == ".Place" }

// TestDisabled users can't sign in, and nobody can tell from outside that they are disabled.
func TestDisabled(t *testing.T) {
	people, store, told := newOffice(t)
	people.Audit = memory.NewAudit(newChain())
	bob := addUser(t, people, bobsEmail, "user")
	if _, err := people.Edit(t.Context(), bob.ID, account.Edit{Disabled: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	*told = nil
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); !errors.Is(err, account.ErrDisabled) || !errors.Is(err, handstamp.ErrBadCredential) {
		t.Errorf("the right password of one who is disabled: %v", err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, "wrong"); !errors.Is(err, account.ErrDisabled) {
		t.Errorf("a wrong one: %v", err)
	}
	if _, err := people.Confirm(t.Context(), bob.ID, bobsPassword); !errors.Is(err, account.ErrDisabled) {
		t.Errorf("Confirm: %v", err)
	}
	if _, err := people.Basic("x").Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+bobsPassword))); !errors.Is(err, handstamp.ErrBadCredential) {
		t.Errorf("Basic: %v", err)
	}
	var reasons []string
	for _, e := range *told {
		reasons = append(reasons, string(e.Action)+" "+string(e.Outcome)+" "+e.Reason)
		if e.UserID != bob.ID {
			t.Errorf("event %+v", e)
		}
	}
	want := []string{"login failure user is disabled", "login failure user is disabled", "prove failure user is disabled", "login failure user is disabled"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	// A hash that is right and old is not looked at: replacing it would take longer than to refuse others.
	imported := importUser(t, store, "cy@hbtn.io", sha256Hex(bobsPassword))
	if _, err := people.Edit(t.Context(), imported.ID, account.Edit{Disabled: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := people.Authenticate(t.Context(), "cy@hbtn.io", bobsPassword); !errors.Is(err, account.ErrDisabled) {
		t.Errorf("imported: %v", err)
	}
	if find(t, store, imported.ID).PasswordHash != imported.PasswordHash {
		t.Error("the hash of a disabled user was replaced")
	}
	if _, err := people.Edit(t.Context(), bob.ID, account.Edit{Disabled: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

// TestFailuresAreKept in the audit log, and never what was typed. Where they cannot be kept, nobody
// signs in.
func TestFailuresAreKept(t *testing.T) {
	people, _, _ := newOffice(t)
	log := &recorder{}
	people.Audit = log
	bob := addUser(t, people, bobsEmail, "user")
	for _, email := range []string{bobsEmail, "my secret as a name"} {
		if _, err := people.Authenticate(t.Context(), email, "wrong secret"); !errors.Is(err, handstamp.ErrBadCredential) {
			t.Error(err)
		}
	}
	if len(log.events) != 2 || log.events[0].UserID != bob.ID || !log.events[1].UserID.IsZero() {
		t.Errorf("kept: %+v", log.events)
	}
	for _, e := range log.events {
		if slices.ContainsFunc([]string{e.Reason, e.Actor}, func(s string) bool { return s != "wrong password" && s != "no user with this email" && s != "" }) {
			t.Errorf("event %+v", e)
		}
	}
	log.fail = errDown
	if _, err := people.Authenticate(t.Context(), bobsEmail, "wrong"); !errors.Is(err, errDown) || errors.Is(err, handstamp.ErrBadCredential) {
		t.Errorf("a failure that cannot be kept: %v", err)
	}
	if _, err := people.Basic("x").Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+bobsPassword))); !errors.Is(err, errDown) {
		t.Errorf("a Basic login that cannot be kept: %v", err)
	}
}

type recorder struct {
	events []handstamp.Event
	fail   error
}

func (r *recorder) Record(_ context.Context, events ...handstamp.Event) error {
	r.events = append(r.events, events...)
	return r.fail
}
