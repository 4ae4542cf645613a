package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/handstamp/handstamp"
)

// Details are what a user is made from.
type Details struct {
	Email               string
	FirstName, LastName *string
	Role                string
	Password            string

	// NoPassword makes a user who cannot sign in before a reset link has given them a password:
	// see [Directory.NewResetLink]. Password does not count then.
	NoPassword bool
}

// ErrRole means that users cannot have this role.
var ErrRole = errors.New("no such role")

// Create adds a user. Its errors wrap [ErrEmail], [ErrEmailTaken], [ErrName], [ErrRole], [ErrPassword] or what
// package password says.
func (d *Directory) Create(ctx context.Context, details Details) (User, error) {
	return d.create(ctx, details, Write{})
}

func (d *Directory) create(ctx context.Context, details Details, w Write) (User, error) {
	if details.Role == "" && len(d.Roles) > 0 {
		details.Role = d.Roles[0]
	}
	key, err := d.emailKey(details.Email)
	if err == nil {
		err = d.checkNames(details.FirstName, details.LastName)
	}
	if err == nil {
		err = d.checkRole(details.Role)
	}
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	now := now()
	u := User{
		ID:        handstamp.NewID(),
		Email:     details.Email,
		FirstName: details.FirstName,
		LastName:  details.LastName,
		Role:      details.Role,
		CreatedAt: now,
		UpdatedAt: now,
		EmailKey:  key,
	}
	if !details.NoPassword {
		if u.PasswordHash, err = d.hash(ctx, details.Password, u); err != nil {
			return User{}, fmt.Errorf("create user: %w", err)
		}
	}
	event := handstamp.NewEvent(ctx, handstamp.ActionUserCreate)
	event.UserID, event.Reason = u.ID, u.Role
	w.Events = []handstamp.Event{event}
	if err := d.store.Insert(ctx, u, w); err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	d.Notify.Hear(ctx, event)
	d.removeSetupLinks(ctx, u.Role)
	return u, nil
}

// emailKey returns what finds a user by this email.
func (d *Directory) emailKey(email string) (string, error) {
	key, err := EmailKey(email)
	if err != nil && d.Verbatim {
		return VerbatimKey(email), nil
	}
	return key, err
}

func (d *Directory) checkRole(role string) error {
	if d.Roles != nil && !slices.Contains(d.Roles, role) {
		return fmt.Errorf("%w: %q", ErrRole, role)
	}
	return nil
}
