package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// Users checks that the stores which open makes keep the contract of [account.Store]. Each test
// gets an empty one.
func Users(t *testing.T, open func(*testing.T) account.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, account.Store)
	}{
		{"InsertAndFind", insertAndFind},
		{"KeysAreUnique", keysAreUnique},
		{"UpdateIsOneStep", updateIsOneStep},
		{"UpdateKeepsKeysUnique", updateKeepsKeysUnique},
		{"DeleteRemoves", deleteRemoves},
		{"ListIsInOrderOfInsertion", listInOrder},
		{"ListGoesBothWays", listBothWays},
		{"ListSearches", listSearches},
		{"ListPagesWhatItFinds", listPagesFound},
		{"ListFindsWhatIsThere", listFindsWhatIsThere},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func newUser(key string) account.User {
	first := "First " + key
	return account.User{
		ID: handstamp.NewID(), Email: key, EmailKey: key, FirstName: &first, Role: "user",
		PasswordHash: "hash of " + key, CreatedAt: moment, UpdatedAt: moment.Add(time.Second),
	}
}

func wantUser(t *testing.T, s account.Store, ref account.Ref, want account.User) {
	t.Helper()
	got, err := s.Find(t.Context(), ref)
	must(t, err)
	if diff := cmp.Diff(want, got, ignorePlace); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
}

var ignorePlace = cmpopts.IgnoreFields(account.User{}, "Place")

func insertAndFind(t *testing.T, s account.Store) {
	empty := ""
	full, bare := newUser("ann@example.com"), account.User{ID: handstamp.NewID(), CreatedAt: moment, UpdatedAt: moment}
	full.LastName = &empty // which is not none
	for _, u := range []account.User{full, bare} {
		must(t, s.Insert(t.Context(), u, account.Write{}))
		wantUser(t, s, account.Ref{ID: u.ID}, u)
	}
	wantUser(t, s, account.Ref{EmailKey: full.EmailKey}, full)
	for name, ref := range map[string]account.Ref{
		"an unknown ID": {ID: handstamp.NewID()}, "an unknown email": {EmailKey: "nobody@example.com"}, "nothing": {},
	} {
		_, err := s.Find(t.Context(), ref)
		wantErr(t, "Find by "+name, err, account.ErrNoUser)
	}
}

func keysAreUnique(t *testing.T, s account.Store) {
	ann := newUser("ann@example.com")
	must(t, s.Insert(t.Context(), ann, account.Write{}))
	twin := newUser("ann@example.com")
	wantErr(t, "Insert with the email of another", s.Insert(t.Context(), twin, account.Write{}), account.ErrEmailTaken)
	again := newUser("other@example.com")
	again.ID = ann.ID
	wantErr(t, "Insert with the ID of another", s.Insert(t.Context(), again, account.Write{}), account.ErrExists)
	wantErr(t, "Insert of the same", s.Insert(t.Context(), ann, account.Write{}), account.ErrExists)
	wantUser(t, s, account.Ref{ID: ann.ID}, ann)
	for range 2 { // nobody's key
		twin.ID, twin.EmailKey = handstamp.NewID(), ""
		must(t, s.Insert(t.Context(), twin, account.Write{}))
	}
	if n, err := s.Count(t.Context()); n != 3 || err != nil {
		t.Errorf("Count: %d, %v; want 3", n, err)
	}
}

func updateIsOneStep(t *testing.T, s account.Store) {
	u := newUser("ann@example.com")
	must(t, s.Insert(t.Context(), u, account.Write{}))
	refused := errors.New("refused")
	_, err := s.Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) {
		u.Role = "admin"
		return account.Write{}, refused
	})
	wantErr(t, "Update that refuses", err, refused)
	wantUser(t, s, account.Ref{ID: u.ID}, u)

	const writers, each = 8, 10
	errs := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for range each {
				_, updateErr := s.Update(t.Context(), u.ID, func(u *account.User) (account.Write, error) {
					u.Epoch++
					return account.Write{Revoke: u.Epoch%2 == 0}, nil
				})
				err = errors.Join(err, updateErr)
			}
			errs <- err
		}()
	}
	for range writers {
		must(t, <-errs)
	}
	u.Epoch = writers * each
	wantUser(t, s, account.Ref{ID: u.ID}, u)

	_, err = s.Update(t.Context(), handstamp.NewID(), func(*account.User) (account.Write, error) {
		t.Error("change was called for nobody")
		return account.Write{}, nil
	})
	wantErr(t, "Update of nobody", err, account.ErrNoUser)
}

func updateKeepsKeysUnique(t *testing.T, s account.Store) {
	ann, bob := newUser("ann@example.com"), newUser("bob@example.com")
	must(t, s.Insert(t.Context(), ann, account.Write{}))
	must(t, s.Insert(t.Context(), bob, account.Write{}))
	setKey := func(id handstamp.ID, key string) error {
		_, err := s.Update(t.Context(), id, func(u *account.User) (account.Write, error) {
			u.Email, u.EmailKey = key, key
			return account.Write{}, nil
		})
		return err
	}
	wantErr(t, "Update to the email of another", setKey(bob.ID, ann.EmailKey), account.ErrEmailTaken)
	wantUser(t, s, account.Ref{ID: bob.ID}, bob)
	must(t, setKey(bob.ID, "robert@example.com"))
	must(t, setKey(ann.ID, "bob@example.com")) // which is free now
	got, err := s.Find(t.Context(), account.Ref{EmailKey: "bob@example.com"})
	must(t, err)
	if got.ID != ann.ID {
		t.Error("the email that was given up still finds its former owner")
	}
	must(t, setKey(ann.ID, ""))
	must(t, setKey(bob.ID, ""))
}

func deleteRemoves(t *testing.T, s account.Store) {
	u := newUser("ann@example.com")
	must(t, s.Insert(t.Context(), u, account.Write{}))
	must(t, s.Delete(t.Context(), u.ID, account.Write{}))
	_, err := s.Find(t.Context(), account.Ref{ID: u.ID})
	wantErr(t, "Find by ID after Delete", err, account.ErrNoUser)
	_, err = s.Find(t.Context(), account.Ref{EmailKey: u.EmailKey})
	wantErr(t, "Find by email after Delete", err, account.ErrNoUser)
	wantErr(t, "second Delete", s.Delete(t.Context(), u.ID, account.Write{}), account.ErrNoUser)
	must(t, s.Insert(t.Context(), newUser("ann@example.com"), account.Write{}))
}
