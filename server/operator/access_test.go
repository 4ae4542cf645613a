package operator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

// TestSetRole: the new role holds at once, as sessions of the old one end.
func TestSetRole(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		token := h.signIn(t, user, "curl")
		u, err := o.SetRole(ctx, "EVE@example.com", "admin")
		if err != nil || u.ID != eve.ID || u.Role != "admin" || u.PasswordHash != "" {
			t.Errorf("returned %+v, %v", u, err)
		}
		h.wantLast(t, eve.ID, handstamp.ActionRoleChange)
		if h.isLive(t, token) {
			t.Error("a session of the old role lives on")
		}
		now, err := o.User(ctx, eve.ID.String())
		if diff := cmp.Diff(u, now, public); err != nil || diff != "" {
			t.Errorf("%v, what is returned is not the user as changed (-returned +now):\n%s", err, diff)
		}
	})
}

// TestSetDisabled: who is disabled is out at once, and in again after being enabled.
func TestSetDisabled(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		token := h.signIn(t, user, "curl")
		u, err := o.SetDisabled(ctx, user.Email, true)
		if err != nil || u.ID != eve.ID || !u.Disabled {
			t.Errorf("returned %+v, %v", u, err)
		}
		h.wantLast(t, eve.ID, handstamp.ActionUserDisable)
		if h.isLive(t, token) || h.canSignIn(t, user.Email, user.Password) {
			t.Error("who is disabled is in, or gets in")
		}
		if now, err := o.User(ctx, user.Email); err != nil || !now.Disabled {
			t.Errorf("shown as %+v, %v", now, err)
		}

		u, err = o.SetDisabled(ctx, eve.ID.String(), false)
		if err != nil || u.Disabled {
			t.Errorf("returned %+v, %v", u, err)
		}
		h.wantLast(t, eve.ID, handstamp.ActionUserEnable)
		if h.isLive(t, token) || !h.canSignIn(t, user.Email, user.Password) {
			t.Error("the old session is back, or the user does not get in")
		}
	})
}

// TestAccessErrors keep their meaning, and change nothing.
func TestAccessErrors(t *testing.T) {
	type do = func(ctx context.Context, o operator.Operator) error
	setRole := func(who, role string) do {
		return func(ctx context.Context, o operator.Operator) error { _, err := o.SetRole(ctx, who, role); return err }
	}
	disable := func(who string) do {
		return func(ctx context.Context, o operator.Operator) error {
			_, err := o.SetDisabled(ctx, who, true)
			return err
		}
	}
	kinds := []error{account.ErrNoUser, account.ErrRole, account.ErrLast, account.ErrEmail}
	for name, row := range map[string]struct {
		do   do
		want error
		says string
	}{
		"role of nobody":     {setRole("nobody@x.y", "user"), account.ErrNoUser, "nobody@x.y"},
		"no role":            {setRole(user.Email, "king"), account.ErrRole, ""},
		"empty role":         {setRole(user.Email, ""), account.ErrRole, ""},
		"last admin":         {setRole(ada.Email, "user"), account.ErrLast, ""},
		"disable nobody":     {disable("nobody@x.y"), account.ErrNoUser, "nobody@x.y"},
		"disable last admin": {disable(ada.Email), account.ErrLast, ""},
		"delete the last admin": {func(ctx context.Context, o operator.Operator) error {
			_, err := o.DeleteUser(ctx, ada.Email)
			return err
		}, account.ErrLast, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
				add(t, o, ada)
				add(t, o, user)
				token := h.signIn(t, ada, "curl")
				before, err := o.Users(ctx, "")
				if err != nil {
					t.Fatal(err)
				}
				err = row.do(ctx, o)
				for _, kind := range kinds {
					if errors.Is(err, kind) != (kind == row.want) {
						t.Errorf("%v is %v: %v", err, kind, errors.Is(err, kind))
					}
				}
				if err != nil && !strings.Contains(err.Error(), row.says) {
					t.Errorf("%q does not say %q", err, row.says)
				}
				after, err := o.Users(ctx, "")
				if diff := cmp.Diff(before, after); err != nil || diff != "" {
					t.Errorf("%v, users have changed (-before +after):\n%s", err, diff)
				}
				if !h.isLive(t, token) {
					t.Error("a session has ended")
				}
			})
		})
	}
}

// TestSetupLink: it makes one administrator, and only the newest one does.
func TestSetupLink(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		var secrets [2]session.Token
		for i := range secrets {
			link, err := o.SetupLink(ctx)
			secret, ok := strings.CutPrefix(link, "https://id.example.com/setup/")
			if err != nil || !ok {
				t.Fatalf("%q, %v", link, err)
			}
			secrets[i] = session.Token(secret)
			h.wantLast(t, handstamp.ID{}, handstamp.ActionSetupLink)
		}
		if _, err := h.people.SetUp(t.Context(), secrets[0], ada); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("with the link before: %v", err)
		}
		if u, err := h.people.SetUp(t.Context(), secrets[1], ada); err != nil || u.Role != "admin" {
			t.Errorf("with the newest: %+v, %v", u, err)
		}
		if _, err := h.people.SetUp(t.Context(), secrets[1], user); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("a second time: %v", err)
		}
	})
}

// TestResetLink: it is for one user, and only the newest one is good.
func TestResetLink(t *testing.T) {
	eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
		eve := add(t, o, user)
		token := h.signIn(t, user, "curl")
		var secrets [2]session.Token
		for i, who := range []string{"EVE@example.com", eve.ID.String()} {
			link, err := o.ResetLink(ctx, who)
			secret, ok := strings.CutPrefix(link, "https://id.example.com/reset/")
			if err != nil || !ok {
				t.Fatalf("%q, %v", link, err)
			}
			secrets[i] = session.Token(secret)
			h.wantLast(t, eve.ID, handstamp.ActionResetLink)
		}
		if _, err := h.people.Reset(t.Context(), secrets[0], "tall purple giraffe"); !errors.Is(err, account.ErrNoLink) {
			t.Errorf("with the link before: %v", err)
		}
		if u, err := h.people.Reset(t.Context(), secrets[1], "tall purple giraffe"); err != nil || u.ID != eve.ID {
			t.Errorf("with the newest: %+v, %v", u, err)
		}
		if h.isLive(t, token) || !h.canSignIn(t, user.Email, "tall purple giraffe") {
			t.Error("a session lives on, or the password is not the one that was chosen")
		}
		if link, err := o.ResetLink(ctx, "nobody@x.y"); !errors.Is(err, account.ErrNoUser) || !strings.Contains(err.Error(), "nobody@x.y") || link != "" {
			t.Errorf("for nobody: %q, %v", link, err)
		}
	})
}

// TestNoLinks where there are no administrators, or nobody who serves the pages.
func TestNoLinks(t *testing.T) {
	for name, take := range map[string]func(*office){
		"no page":           func(h *office) { h.local.SetupURL, h.local.ResetURL = nil, nil },
		"no administrators": func(h *office) { h.people.AdminRole = "" },
		"no place":          func(h *office) { h.people.Links = nil },
	} {
		t.Run(name, func(t *testing.T) {
			eachOffice(t, func(ctx context.Context, t *testing.T, h *office, o operator.Operator) {
				add(t, o, user)
				take(h)
				if link, err := o.SetupLink(ctx); !errors.Is(err, operator.ErrNoLinks) || link != "" {
					t.Errorf("setup link %q, %v", link, err)
				}
				link, err := o.ResetLink(ctx, user.Email)
				if isNone := errors.Is(err, operator.ErrNoLinks); isNone != (name != "no administrators") || isNone != (link == "") {
					t.Errorf("reset link %q, %v", link, err)
				}
			})
		})
	}
}
