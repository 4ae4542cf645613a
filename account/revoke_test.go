package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// revocations are what ends the sessions of a user.
var revocations = map[string]func(context.Context, *account.Directory, account.User) error{
	"SetPassword": func(ctx context.Context, people *account.Directory, u account.User) error {
		_, err := people.SetPassword(ctx, u.ID, "the new one")
		return err
	},
	"Delete": func(ctx context.Context, people *account.Directory, u account.User) error {
		return people.Delete(ctx, u.ID)
	},
	"a reset link": func(ctx context.Context, people *account.Directory, u account.User) error {
		secret, err := people.NewResetLink(ctx, u.ID, time.Hour)
		if err == nil {
			_, err = people.Reset(ctx, secret, "the new one")
		}
		return err
	},
	"a new email": editTo(account.Edit{Email: ptr("robert@hbtn.io")}),
	"a new role":  editTo(account.Edit{Role: ptr("user")}),
	"disabling":   editTo(account.Edit{Disabled: ptr(true)}),
}

func editTo(edit account.Edit) func(context.Context, *account.Directory, account.User) error {
	return func(ctx context.Context, people *account.Directory, u account.User) error {
		_, err := people.Edit(ctx, u.ID, edit)
		return err
	}
}

// TestRevocationEndsSessions in every attached manager, at once, and those of nobody else.
func TestRevocationEndsSessions(t *testing.T) {
	for name, revoke := range revocations {
		t.Run(name, func(t *testing.T) {
			people := newPeople(t, memory.NewUsers())
			bob := addBob(t, people)
			eve, err := people.Create(t.Context(), account.Details{Email: "eve@hbtn.io", Password: "p"})
			if err != nil {
				t.Fatal(err)
			}
			attached, signIn, stranger := newSessions(t), newSessions(t), newSessions(t)
			people.Attach(attached)
			people.Attach(attached) // twice is once
			people.SignIn(signIn)   // attaches by itself
			var tokens []session.Token
			for _, sessions := range []*session.Manager{attached, attached, signIn} {
				tokens = append(tokens, begin(t, sessions, bob.ID))
			}
			others, kept := begin(t, attached, eve.ID), begin(t, stranger, bob.ID)
			if err := revoke(t.Context(), people, bob); err != nil {
				t.Fatal(err)
			}
			for i, sessions := range []*session.Manager{attached, attached, signIn} {
				if isLive(t, sessions, tokens[i]) {
					t.Errorf("session %d is alive", i)
				}
			}
			if !isLive(t, attached, others) || !isLive(t, stranger, kept) {
				t.Error("a session of somebody else, or of a manager that is not attached, has ended")
			}
		})
	}
}

// TestOnlyRevocationsEndSessions: a new name is none.
func TestOnlyRevocationsEndSessions(t *testing.T) {
	store := memory.NewUsers()
	people, sessions := newPeople(t, store), newSessions(t)
	bob := addBob(t, people)
	people.Attach(sessions)
	token := begin(t, sessions, bob.ID)
	if _, err := people.Rename(t.Context(), bob.ID, ptr("Bob"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := people.SetPassword(t.Context(), bob.ID, ""); !errors.Is(err, account.ErrPassword) {
		t.Fatal(err)
	}
	if u := find(t, store, bob.ID); u.Epoch != bob.Epoch || !isLive(t, sessions, token) {
		t.Errorf("epoch %d; want %d, and the session alive", u.Epoch, bob.Epoch)
	}
	if _, err := people.SetPassword(t.Context(), bob.ID, "the new one"); err != nil {
		t.Fatal(err)
	}
	if u := find(t, store, bob.ID); u.Epoch != bob.Epoch+1 || u.PasswordHash == bob.PasswordHash {
		t.Errorf("epoch %d after a new password, want %d and another hash", u.Epoch, bob.Epoch+1)
	}
}

func TestSetPassword(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	bob := addBob(t, people)
	changed, err := people.SetPassword(t.Context(), bob.ID, "the new one")
	if diff := cmp.Diff(read(t, people, bob.ID), changed); err != nil || diff != "" {
		t.Fatalf("%v, (-read +returned):\n%s", err, diff)
	}
	if _, err := people.Authenticate(t.Context(), bobsEmail, bobsPassword); !errors.Is(err, account.ErrWrongPassword) {
		t.Errorf("the old password: %v", err)
	}
	u, err := people.Authenticate(t.Context(), bobsEmail, "the new one")
	if err != nil || u.UpdatedAt.Before(bob.UpdatedAt) {
		t.Errorf("the new password: %v, %v", u, err)
	}
}

// A steppedSessions is a store of sessions that runs what a test puts around Insert.
type steppedSessions struct {
	*memory.Sessions
	beforeInsert, afterInsert func()
}

func (s *steppedSessions) Insert(ctx context.Context, r session.Record, events ...handstamp.Event) error {
	s.beforeInsert()
	defer s.afterInsert()
	return s.Sessions.Insert(ctx, r, events...)
}

// TestLoginUnderWay revokes at each step of a login. Whatever the login answers, there is no
// session that lives on.
func TestLoginUnderWay(t *testing.T) {
	for name, revoke := range revocations {
		for _, hash := range []string{"argon2id", "imported"} {
			for _, step := range []string{"user found", "before the hash is replaced", "before insert", "after insert", "before the second look", "after the second look"} {
				if step == "before the hash is replaced" && hash != "imported" {
					continue
				}
				t.Run(name+", "+hash+", "+step, func(t *testing.T) {
					ctx := t.Context()
					store := newSpyStore()
					people := newPeople(t, store)
					people.Notify = onFault(func(_ string, _ error) {})
					bob := addBob(t, people)
					if hash == "imported" {
						_, err := store.Store.Update(ctx, bob.ID, func(u *account.User) (account.Write, error) {
							u.PasswordHash = sha256Hex(bobsPassword)
							return account.Write{}, nil
						})
						if err != nil {
							t.Fatal(err)
						}
					}
					done := false
					at := func(now string) {
						if now == step && !done {
							done = true
							if err := revoke(ctx, people, bob); err != nil {
								t.Error(err)
							}
						}
					}
					look := func(byEmail, byID string) func(account.Ref) {
						return func(ref account.Ref) {
							if ref.ID.IsZero() {
								at(byEmail)
							} else {
								at(byID)
							}
						}
					}
					store.beforeFind = look("", "before the second look")
					store.afterFind = look("user found", "after the second look")
					store.before = func() { at("before the hash is replaced") }
					sessions := session.New(&steppedSessions{
						memory.New(), func() { at("before insert") }, func() { at("after insert") },
					})
					defer sessions.Close()
					people.Attach(sessions)

					u, token, err := people.Login(ctx, sessions, bobsEmail, bobsPassword)
					if !done {
						t.Fatal("the login has no such step")
					}
					if err != nil && (!errors.Is(err, account.ErrWrongPassword) || token != "" || !u.ID.IsZero()) {
						t.Errorf("Login = %v, a token: %v, %v; want ErrWrongPassword and nothing else", u.ID, token != "", err)
					}
					if err == nil && isLive(t, sessions, token) {
						t.Error("the login has succeeded, and its session lives on")
					}
					live, err := sessions.List(ctx, bob.ID)
					if err != nil || len(live) != 0 {
						t.Errorf("%d sessions live on, %v", len(live), err)
					}
				})
			}
		}
	}
}

// TestLogin is the way without a race.
func TestLogin(t *testing.T) {
	people, sessions := newPeople(t, memory.NewUsers()), newSessions(t)
	bob := addBob(t, people)
	u, token, err := people.Login(t.Context(), sessions, bobsEmail, bobsPassword)
	if err != nil || u.ID != bob.ID {
		t.Fatalf("Login = %v, %v", u.ID, err)
	}
	s, err := sessions.Find(t.Context(), token)
	if err != nil || s.UserID != bob.ID || s.Role != "admin" {
		t.Errorf("session %+v, %v; want bob's, with bob's role", s, err)
	}
	if u, token, err := people.Login(t.Context(), sessions, bobsEmail, "wrong"); !errors.Is(err, account.ErrWrongPassword) || token != "" || !u.ID.IsZero() {
		t.Errorf("wrong password: %v, %v", u.ID, err)
	}
	if live, err := sessions.List(t.Context(), bob.ID); err != nil || len(live) != 1 {
		t.Errorf("%d sessions, %v; want 1", len(live), err)
	}
}

// TestLoginCannotLookAgain: who cannot tell whether a login was revoked does not let it stand.
func TestLoginCannotLookAgain(t *testing.T) {
	store := newSpyStore()
	people, sessions := newPeople(t, store), newSessions(t)
	bob := addBob(t, people)
	store.failFind = func(ref account.Ref) error {
		if ref.ID.IsZero() {
			return nil
		}
		return errDown
	}
	_, token, err := people.Login(t.Context(), sessions, bobsEmail, bobsPassword)
	if !errors.Is(err, errDown) || token != "" {
		t.Errorf("Login: %v, want %v and no token", err, errDown)
	}
	if live, err := sessions.List(t.Context(), bob.ID); err != nil || len(live) != 0 {
		t.Errorf("%d sessions live on, %v", len(live), err)
	}
}
