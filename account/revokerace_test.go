package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// TestBasicUnderWay revokes at each step of a check of a pair that is going to be remembered. When the
// revocation has returned and the check, too, the pair is worth no more than it is now.
func TestBasicUnderWay(t *testing.T) {
	for name, revoke := range revocations {
		for _, step := range []string{"before the user is found", "user found", "before it is written down", "when all is done"} {
			t.Run(name+", "+step, func(t *testing.T) {
				store := newSpyStore()
				people := newPeople(t, store)
				people.BasicMemory = time.Minute
				bob := addBob(t, people)
				done := false
				at := func(now string) {
					if now == step && !done {
						done = true
						if err := revoke(t.Context(), people, bob); err != nil {
							t.Error(err)
						}
					}
				}
				store.beforeFind = func(account.Ref) { at("before the user is found") }
				store.afterFind = func(account.Ref) { at("user found") }
				people.Audit = steppedAudit(func() { at("before it is written down") })
				basic := people.Basic("x")
				ask := func() (handstamp.Identity, error) {
					return basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+bobsPassword)))
				}
				_, _ = ask() // may be good or not: it began before the revocation
				at("when all is done")
				if !done {
					t.Fatal("there is no such step")
				}
				for range 2 {
					wantPresent(t, store, bob.ID, ask)
				}
			})
		}
	}
}

type steppedAudit func()

func (step steppedAudit) Record(context.Context, ...handstamp.Event) error { step(); return nil }

// wantPresent asks for bob's first pair of email and password, which is good only if bob still has it, is
// not disabled, and then with the role that bob has now.
func wantPresent(t *testing.T, store account.Store, id handstamp.ID, ask func() (handstamp.Identity, error)) {
	t.Helper()
	who, err := ask()
	u, findErr := store.Find(t.Context(), account.Ref{ID: id})
	gone := errors.Is(findErr, account.ErrNoUser) || u.Disabled || u.Email != bobsEmail
	switch {
	case err != nil && !errors.Is(err, handstamp.ErrBadCredential):
		t.Error(err)
	case err == nil && (gone || who.Role != u.Role):
		t.Errorf("the pair opens %+v; the user is now %+v", who, u)
	}
}

// TestRevocationsAtOnceWithLogins: whichever comes first, no session and no remembered pair outlives
// what has revoked it.
func TestRevocationsAtOnceWithLogins(t *testing.T) {
	const rounds = 15
	for name, revoke := range revocations {
		for round := range rounds {
			store := memory.NewUsers()
			people, sessions := newPeople(t, store), newSessions(t)
			people.Attach(sessions)
			people.BasicMemory = time.Minute
			bob := addBob(t, people)
			basic := people.Basic("x")
			ask := func() (handstamp.Identity, error) {
				return basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+bobsPassword)))
			}
			tokens := make(chan session.Token, 16)
			start := make(chan struct{})
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					<-start
					for range 2 {
						_, token, err := people.Login(t.Context(), sessions, bobsEmail, bobsPassword)
						if err == nil {
							tokens <- token
						} else if !errors.Is(err, handstamp.ErrBadCredential) {
							t.Error(err)
						}
						_, _ = ask()
					}
				})
			}
			all.Go(func() {
				<-start
				if err := revoke(t.Context(), people, bob); err != nil {
					t.Error(err)
				}
			})
			close(start)
			all.Wait()
			close(tokens)

			where := fmt.Sprintf("%s, round %d", name, round)
			for token := range tokens {
				wantOfNow(t, where, store, sessions, bob.ID, token)
			}
			live, err := sessions.List(t.Context(), bob.ID)
			if u, findErr := store.Find(t.Context(), account.Ref{ID: bob.ID}); err != nil || len(live) > 0 && (findErr != nil || u.Role == bob.Role) {
				t.Errorf("%s: %d sessions live on, %v", where, len(live), err)
			}
			wantPresent(t, store, bob.ID, ask)
		}
	}
}

// wantOfNow fails if a token of a login opens a session that the user as they are now could not have
// begun: only a new role leaves room for that.
func wantOfNow(t *testing.T, where string, store account.Store, sessions *session.Manager, id handstamp.ID, token session.Token) {
	t.Helper()
	s, err := sessions.Find(t.Context(), token)
	if errors.Is(err, session.ErrGone) {
		return
	}
	u, findErr := store.Find(t.Context(), account.Ref{ID: id})
	if err != nil || findErr != nil || s.Role != u.Role || u.Disabled {
		t.Errorf("%s: a session of role %q lives on, %v; the user is %+v, %v", where, s.Role, err, u, findErr)
	}
}
