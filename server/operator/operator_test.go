package operator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

// public leaves out of a comparison what is the store's own business.
var public = cmpopts.IgnoreFields(account.User{}, "PasswordHash", "Epoch", "Place", "EmailKey")

func TestUsers(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ctx := t.Context()
		if users, err := o.Users(ctx, ""); err != nil || len(users) != 0 {
			t.Errorf("nobody: %v, %v", users, err)
		}

		added := add(t, o, ada)
		want := account.User{
			ID: added.ID, Email: ada.Email, FirstName: ada.FirstName, LastName: ada.LastName, Role: ada.Role,
			CreatedAt: added.CreatedAt, UpdatedAt: added.CreatedAt,
		}
		if diff := cmp.Diff(want, added, public); diff != "" || added.ID.IsZero() || added.CreatedAt.IsZero() {
			t.Errorf("added (-want +got):\n%s", diff)
		}
		other := add(t, o, account.Details{Email: "zoe@example.com", Password: "p"})
		if other.FirstName != nil || other.LastName != nil {
			t.Errorf("names out of nothing: %+v", other)
		}

		for _, who := range []string{ada.Email, "ADA@Example.com", added.ID.String()} {
			u, err := o.User(ctx, who)
			if diff := cmp.Diff(added, u, public); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", who, err, diff)
			}
		}
		users, err := o.Users(ctx, "")
		if diff := cmp.Diff([]account.User{added, other}, users, public); diff != "" || err != nil {
			t.Errorf("list: %v (-want +got):\n%s", err, diff)
		}
		for search, want := range map[string][]account.User{"ÁDA": {added}, "@example.com": {added, other}, "nobody": nil} {
			found, err := o.Users(ctx, search)
			if diff := cmp.Diff(want, found, public); diff != "" || err != nil {
				t.Errorf("search for %q: %v (-want +got):\n%s", search, err, diff)
			}
		}
		if _, err := o.Users(ctx, strings.Repeat("a", account.MaxSearch+1)); !errors.Is(err, account.ErrSearch) {
			t.Errorf("a long search: %v, want ErrSearch", err)
		}
		if !h.canSignIn(t, ada.Email, ada.Password) {
			t.Error("the user cannot sign in")
		}

		deleted, err := o.DeleteUser(ctx, added.ID.String())
		if diff := cmp.Diff(added, deleted, public); diff != "" || err != nil {
			t.Errorf("deleted: %v (-want +got):\n%s", err, diff)
		}
		if _, err := o.DeleteUser(ctx, other.Email); err != nil {
			t.Error(err)
		}
		if users, err := o.Users(ctx, ""); err != nil || len(users) != 0 {
			t.Errorf("after the last: %v, %v", users, err)
		}
	})
}

func TestSetPassword(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ctx := t.Context()
		added := add(t, o, ada)
		sessions := session.New(h.store.Sessions())
		defer sessions.Close()
		h.people.Attach(sessions)
		_, token, err := h.people.Login(ctx, sessions, ada.Email, ada.Password)
		if err != nil {
			t.Fatal(err)
		}

		u, err := o.SetPassword(ctx, ada.Email, "battery staple")
		if err != nil {
			t.Fatal(err)
		}
		if h.canSignIn(t, ada.Email, ada.Password) || !h.canSignIn(t, ada.Email, "battery staple") {
			t.Error("the password is not the new one")
		}
		if _, err := sessions.Find(ctx, token); !errors.Is(err, session.ErrGone) {
			t.Errorf("the session lives on: %v", err)
		}
		now, err := o.User(ctx, added.ID.String())
		if err != nil || !now.UpdatedAt.After(added.UpdatedAt) {
			t.Errorf("%v: updated at %v, added at %v", err, now.UpdatedAt, added.UpdatedAt)
		}
		if diff := cmp.Diff(now, u, public); diff != "" {
			t.Errorf("what is returned is not the user as changed (-now +returned):\n%s", diff)
		}
	})
}

// TestErrors: what went wrong means the same on both sides of the socket.
func TestErrors(t *testing.T) {
	kinds := []error{
		account.ErrNoUser, account.ErrEmailTaken, account.ErrEmail, account.ErrPassword,
		password.ErrTooLong, password.ErrBusy,
	}
	details := func(email, plain string) account.Details { return account.Details{Email: email, Password: plain} }
	long := strings.Repeat("p", password.MaxBytes+1)
	const nobodyID = "5535d4d7-3d77-4d06-8281-495dc3acfe76"
	for _, row := range []struct {
		name string
		want error
		says string
		do   func(ctx context.Context, o operator.Operator) error
	}{
		{
			"show nobody", account.ErrNoUser, "nobody@x.y",
			func(ctx context.Context, o operator.Operator) error { _, err := o.User(ctx, "nobody@x.y"); return err },
		},
		{
			"show no ID", account.ErrNoUser, nobodyID,
			func(ctx context.Context, o operator.Operator) error { _, err := o.User(ctx, nobodyID); return err },
		},
		{
			"show nothing", account.ErrNoUser, "",
			func(ctx context.Context, o operator.Operator) error { _, err := o.User(ctx, ""); return err },
		},
		{
			"delete nobody", account.ErrNoUser, "x\ny",
			func(ctx context.Context, o operator.Operator) error { _, err := o.DeleteUser(ctx, "x\ny"); return err },
		},
		{
			"password of nobody", account.ErrNoUser, "nobody",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.SetPassword(ctx, "nobody", "p")
				return err
			},
		},
		{
			"email taken", account.ErrEmailTaken, "in use",
			func(ctx context.Context, o operator.Operator) error { _, err := o.AddUser(ctx, ada); return err },
		},
		{
			"no email", account.ErrEmail, "@",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.AddUser(ctx, details("ada", "p"))
				return err
			},
		},
		{
			"empty email", account.ErrEmail, "",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.AddUser(ctx, details("", "p"))
				return err
			},
		},
		{
			"empty password", account.ErrPassword, "empty",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.AddUser(ctx, details("b@x.y", ""))
				return err
			},
		},
		{
			"empty new password", account.ErrPassword, "empty",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.SetPassword(ctx, ada.Email, "")
				return err
			},
		},
		{
			"long password", password.ErrTooLong, "too long",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.AddUser(ctx, details("b@x.y", long))
				return err
			},
		},
		{
			"long new password", password.ErrTooLong, "too long",
			func(ctx context.Context, o operator.Operator) error {
				_, err := o.SetPassword(ctx, ada.Email, long)
				return err
			},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var texts []string
			eachWay(t, func(t *testing.T, _ *house, o operator.Operator) {
				add(t, o, ada)
				err := row.do(t.Context(), o)
				if err == nil {
					t.Fatal("no error")
				}
				for _, kind := range kinds {
					if errors.Is(err, kind) != (kind == row.want) {
						t.Errorf("%v is %v: %v", err, kind, errors.Is(err, kind))
					}
				}
				if !strings.Contains(err.Error(), row.says) {
					t.Errorf("%q does not say %q", err, row.says)
				}
				texts = append(texts, err.Error())
				if users, err := o.Users(t.Context(), ""); err != nil || len(users) != 1 {
					t.Errorf("afterwards: %v, %v", users, err)
				}
			})
			if len(texts) == 2 && strings.TrimSpace(texts[0]) != texts[1] {
				t.Errorf("told differently:\n%q\n%q", texts[0], texts[1])
			}
		})
	}
}

// busy is an operator whose server is busy.
type busy struct{ operator.Operator }

func (busy) AddUser(context.Context, account.Details) (account.User, error) {
	return account.User{}, fmt.Errorf("create user: %w", password.ErrBusy)
}

// TestBusy: a server that is busy with logins is not broken, and an operator may try again.
func TestBusy(t *testing.T) {
	client := operator.NewClient(open(t, operator.Handler(busy{})).path)
	if _, err := client.AddUser(t.Context(), ada); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

// TestUnknownError: an error that has no name on the wire still says what it is.
func TestUnknownError(t *testing.T) {
	h := newHouse(t)
	h.local.Transact = func(context.Context, func(context.Context, importer.Target) error) error {
		return errors.New("disk on fire")
	}
	client := operator.NewClient(open(t, operator.Handler(h.local)).path)
	if _, err := client.Import(t.Context(), newBatch()); err == nil || err.Error() != "disk on fire" || errors.Unwrap(err) != nil {
		t.Errorf("got %v", err)
	}
}

// TestHashesStayInside: neither what is returned nor what goes over the socket holds a hash.
func TestHashesStayInside(t *testing.T) {
	h := newHouse(t)
	wire := open(t, operator.Handler(h.local))
	for _, o := range []operator.Operator{h.local, operator.NewClient(wire.path)} {
		ctx := t.Context()
		if _, err := o.Import(ctx, newBatch()); err != nil {
			t.Fatal(err)
		}
		added := add(t, o, ada)
		shown, err1 := o.User(ctx, ada.Email)
		changed, err2 := o.SetPassword(ctx, ada.Email, "p")
		users, err3 := o.Users(ctx, "")
		deleted, err4 := o.DeleteUser(ctx, ada.Email)
		if err := errors.Join(err1, err2, err3, err4); err != nil || len(users) != 3 {
			t.Fatalf("%d users, %v", len(users), err)
		}
		for _, u := range append(users, added, shown, changed, deleted) {
			if u.PasswordHash != "" {
				t.Errorf("%T: %s has the hash %s", o, u.Email, u.PasswordHash)
			}
		}
	}
	said := wire.answers()
	if !strings.Contains(said, ada.Email) {
		t.Fatal("nothing was heard on the wire")
	}
	for _, secret := range []string{"argon2", fakePwd, ada.Password, "PasswordHash"} {
		if strings.Contains(said, secret) {
			t.Errorf("%q goes over the wire:\n%s", secret, said)
		}
	}
}
