package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// An Edit says what to change of a user. What is nil stays as it is.
type Edit struct {
	FirstName, LastName *Name
	Email               *string
	Role                *string
	Disabled            *bool
	Password            *string

	// Keep is a session that a new password or email does not end: that of the user who asks.
	Keep session.Token

	// Epoch refuses, with [ErrChanged], an Edit of a user whose sessions were revoked since the
	// one who asks has looked.
	Epoch *int64
}

// A Name is one that a user has, or has not.
type Name struct {
	Text *string // nil for none
}

// ErrChanged means that a user was changed by somebody else meanwhile.
var ErrChanged = errors.New("user changed meanwhile")

// Edit changes a user, in one step, and returns the user as changed. A new password, email or role
// and disabling a user end the user's sessions in the same step. Its errors wrap [ErrNoUser],
// [ErrLast], [ErrChanged], and those of [Directory.Create].
func (d *Directory) Edit(ctx context.Context, id handstamp.ID, edit Edit) (User, error) {
	u, err := d.edit(ctx, id, edit)
	if err != nil {
		return User{}, fmt.Errorf("change user: %w", err)
	}
	return u, nil
}

func (d *Directory) edit(ctx context.Context, id handstamp.ID, edit Edit) (User, error) {
	var key, hash string
	var err error
	if edit.Email != nil {
		if key, err = d.emailKey(*edit.Email); err != nil {
			return User{}, err
		}
	}
	for _, name := range []*Name{edit.FirstName, edit.LastName} {
		if name != nil {
			if err := d.checkNames(name.Text); err != nil {
				return User{}, err
			}
		}
	}
	if edit.Role != nil {
		if err := d.checkRole(*edit.Role); err != nil {
			return User{}, err
		}
	}
	if edit.Password != nil {
		about, err := d.User(ctx, id)
		if err != nil {
			return User{}, err
		}
		edit.apply(&about, "", "") // what is known of the user once the password is
		if hash, err = d.hash(ctx, *edit.Password, about); err != nil {
			return User{}, err
		}
	}
	return d.update(ctx, id, edit.Keep, func(u *User) (changes, error) {
		if edit.Epoch != nil && u.Epoch != *edit.Epoch {
			return changes{}, ErrChanged
		}
		return edit.apply(u, key, hash), nil
	})
}

// changes says what an Edit has done to a user.
type changes struct {
	actions []handstamp.Action
	reason  string // says more of the last one
	ends    ends
	link    LinkHash // a link that the change uses up; zero for none
}

// ends says which of the user's sessions a change ends.
type ends int

const (
	endsNone   ends = iota
	endsOthers      // all but that of the user who asks
	endsAll
)

func (c *changes) add(action handstamp.Action, which ends) {
	c.actions = append(c.actions, action)
	c.ends = max(c.ends, which)
}

func (edit Edit) apply(u *User, key, hash string) changes {
	var c changes
	if edit.FirstName != nil || edit.LastName != nil {
		c.add(handstamp.ActionUserUpdate, endsNone)
		if edit.FirstName != nil {
			u.FirstName = edit.FirstName.Text
		}
		if edit.LastName != nil {
			u.LastName = edit.LastName.Text
		}
	}
	if edit.Email != nil && *edit.Email != u.Email {
		c.add(handstamp.ActionEmailChange, endsOthers)
		u.Email, u.EmailKey = *edit.Email, key
	}
	if edit.Password != nil {
		c.add(handstamp.ActionPasswordChange, endsOthers)
		u.PasswordHash = hash
	}
	if edit.Disabled != nil && *edit.Disabled != u.Disabled {
		u.Disabled = *edit.Disabled
		if u.Disabled {
			c.add(handstamp.ActionUserDisable, endsAll)
		} else {
			c.add(handstamp.ActionUserEnable, endsNone)
		}
	}
	if edit.Role != nil && *edit.Role != u.Role {
		c.add(handstamp.ActionRoleChange, endsAll)
		c.reason = u.Role + " to " + *edit.Role
		u.Role = *edit.Role
	}
	return c
}

// Rename sets the names that are not nil and returns the user as changed, or [ErrNoUser].
func (d *Directory) Rename(ctx context.Context, id handstamp.ID, first, last *string) (User, error) {
	var edit Edit
	if first != nil {
		edit.FirstName = &Name{first}
	}
	if last != nil {
		edit.LastName = &Name{last}
	}
	return d.Edit(ctx, id, edit)
}

// SetPassword replaces the user's password, ends the user's sessions and returns the user as
// changed. Its errors wrap [ErrNoUser], [ErrPassword] or what package password says.
func (d *Directory) SetPassword(ctx context.Context, id handstamp.ID, plain string) (User, error) {
	return d.Edit(ctx, id, Edit{Password: &plain})
}

// Delete removes the user and ends the user's sessions. Its errors wrap [ErrNoUser] and [ErrLast].
func (d *Directory) Delete(ctx context.Context, id handstamp.ID) error {
	event := handstamp.NewEvent(ctx, handstamp.ActionUserDelete)
	event.UserID = id
	err := finish(ctx, func(ctx context.Context) error {
		err := d.store.Delete(ctx, id, Write{LastRole: d.AdminRole, Events: []handstamp.Event{event}})
		d.cache.Drop(id)
		if err != nil {
			return err
		}
		return d.endSessions(ctx, id, "")
	})
	if err != nil {
		return fmt.Errorf("delete user: %w", err)
	}
	d.Notify.Hear(ctx, event)
	return nil
}
