package account_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// TestBasicMemory: a pair that was right is not hashed again, for as long as allowed and as long as
// nothing has revoked it.
func TestBasicMemory(t *testing.T) {
	revoke := map[string]account.Edit{
		"password": {Password: ptr("another password")},
		"email":    {Email: ptr("robert@hbtn.io")},
		"role":     {Role: ptr("admin")},
		"disabled": {Disabled: ptr(true)},
	}
	for name, edit := range revoke {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { basicMemory(t, edit) })
		})
	}
	t.Run("delete", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			people, ask := rememberingPeople(t)
			bob := addUser(t, people, bobsEmail, "user")
			ask(t, bobsPassword, true, false)
			if err := people.Delete(t.Context(), bob.ID); err != nil {
				t.Fatal(err)
			}
			ask(t, bobsPassword, false, false)
		})
	})
}

func basicMemory(t *testing.T, edit account.Edit) {
	people, ask := rememberingPeople(t)
	bob := addUser(t, people, bobsEmail, "user")
	first := ask(t, bobsPassword, true, false)
	time.Sleep(time.Minute)
	if again := ask(t, bobsPassword, true, true); again != first {
		t.Errorf("%+v is another identity than %+v: the password was not proved again", again, first)
	}
	ask(t, "wrong", false, false)
	ask(t, bobsPassword+" ", false, false)
	time.Sleep(time.Microsecond)
	ask(t, bobsPassword, true, false) // the minute is over
	ask(t, bobsPassword, true, true)
	if _, err := people.Edit(t.Context(), bob.ID, account.Edit{FirstName: &account.Name{Text: ptr("Bob")}}); err != nil {
		t.Fatal(err)
	}
	ask(t, bobsPassword, true, true)

	if _, err := people.Edit(t.Context(), bob.ID, edit); err != nil {
		t.Fatal(err)
	}
	// A new role is another identity, and has to be proved; everything else makes the pair wrong.
	ask(t, bobsPassword, edit.Role != nil, false)
	if edit.Role != nil {
		if who := ask(t, bobsPassword, true, true); who.Role != "admin" {
			t.Errorf("role %q", who.Role)
		}
	}
}

// rememberingPeople returns a Directory and a function that asks it for a pair, and knows by the
// events whether the password was hashed.
func rememberingPeople(t *testing.T) (*account.Directory, func(t *testing.T, plain string, ok, remembered bool) handstamp.Identity) {
	people, _, _ := newOffice(t)
	people.BasicMemory = time.Minute
	checked := 0
	people.Notify = func(_ context.Context, e handstamp.Event) {
		if e.Action == handstamp.ActionLogin {
			checked++
		}
	}
	basic := people.Basic("x")
	return people, func(t *testing.T, plain string, ok, remembered bool) handstamp.Identity {
		t.Helper()
		before := checked
		who, err := basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+plain)).WithContext(t.Context()))
		if (err == nil) != ok || err != nil && !errors.Is(err, handstamp.ErrBadCredential) {
			t.Errorf("answer %v, want it to be good: %v", err, ok)
		}
		if (checked == before) != remembered {
			t.Errorf("the password was checked: %v, want %v", checked > before, !remembered)
		}
		return who
	}
}

// TestGuessesDoNotShutOutAProgram: who has sent the right pair before goes on, whatever others guess in
// the meantime, and although the pair is hashed again.
func TestGuessesDoNotShutOutAProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people, ask := rememberingPeople(t)
		limiter, err := throttle.New(memory.NewThrottle(), make([]byte, 32), throttle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer limiter.Close()
		people.Limits = limiter
		addUser(t, people, bobsEmail, "user")
		ask(t, bobsPassword, true, false)
		basic := people.Basic("x")
		refused := 0
		for range 50 {
			_, err := basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":wrong")).WithContext(t.Context()))
			if errors.Is(err, throttle.ErrRefused) {
				refused++
			}
		}
		if refused < 40 {
			t.Fatalf("%d of 50 guesses were refused", refused)
		}
		time.Sleep(time.Minute + time.Second) // the pair is not remembered any more, and known
		ask(t, bobsPassword, true, false)
		time.Sleep(25 * time.Hour) // and now it is not even known
		for range 50 {
			_, _ = basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":wrong")).WithContext(t.Context()))
		}
		if _, err := basic.Authenticate(withHeaders("Basic " + b64(bobsEmail+":"+bobsPassword)).WithContext(t.Context())); !errors.Is(err, throttle.ErrRefused) {
			t.Errorf("a stranger with the right pair, while others guess: %v", err)
		}
	})
}
