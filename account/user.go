package account

import (
	"time"

	"github.com/handstamp/handstamp"
)

// A User is an account. What FirstName and LastName point to is shared and must not be changed.
type User struct {
	ID        handstamp.ID `json:"id"`
	Email     string       `json:"email"`      // as it was given; empty for none
	FirstName *string      `json:"first_name"` // nil for none, which is not the same as empty
	LastName  *string      `json:"last_name"`
	Role      string       `json:"role"`       // what the user may do; empty for none
	CreatedAt time.Time    `json:"created_at"` // times are UTC in whole microseconds
	UpdatedAt time.Time    `json:"updated_at"`

	Disabled bool `json:"disabled,omitzero"` // cannot sign in, and has no sessions

	// PasswordHash is what package password made, or a form that it verifies; empty for those
	// who cannot sign in with a password. It never leaves the server.
	PasswordHash string `json:"-"`

	// Epoch counts what has revoked the user's sessions so far.
	Epoch int64 `json:"-"`

	// Place is where the user stands in lists; the store gives it.
	Place int64 `json:"-"`

	// EmailKey is what makes the email unique and finds the user by it: see [EmailKey]. Empty
	// for those who cannot be found by it.
	EmailKey string `json:"-"`
}

// DisplayName returns what to call the user: the names as far as there are any, else the email.
func (u User) DisplayName() string {
	name := ""
	for _, part := range []*string{u.FirstName, u.LastName} {
		switch {
		case part == nil || *part == "":
		case name == "":
			name = *part
		default:
			name += " " + *part
		}
	}
	if name == "" {
		return u.Email
	}
	return name
}
