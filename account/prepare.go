package account

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"github.com/handstamp/handstamp/password"
)

// ErrPassword means that a text cannot be a password: it is empty, or has characters that
// cannot be relied on to be typed the same way again.
var ErrPassword = errors.New("password not acceptable")

// CheckPassword returns an error that wraps [ErrPassword] if plain cannot be a password.
func CheckPassword(plain string) error {
	if plain == "" {
		return fmt.Errorf("%w: it is empty", ErrPassword)
	}
	if _, err := prepare(plain); err != nil {
		return fmt.Errorf("%w: %w", ErrPassword, err)
	}
	return nil
}

// hash returns what to store for a new password of u.
func (d *Directory) hash(ctx context.Context, plain string, u User) (string, error) {
	if err := CheckPassword(plain); err != nil && (plain == "" || !d.Verbatim) {
		return "", err
	}
	if d.Rules != nil {
		if err := d.Rules().Check(plain, u); err != nil {
			return "", err
		}
	}
	return d.Passwords.Hash(ctx, preparedIfPossible(plain))
}

// preparedIfPossible returns what is hashed of a password that its user has already, acceptable or
// not.
func preparedIfPossible(plain string) string {
	if prepared, err := prepare(plain); err == nil {
		return prepared
	}
	return plain
}

// prepare returns the form in which a password is hashed: the PRECIS profile OpaqueString
// (RFC 8265), so that two keyboards that compose an accent in two ways give one password.
func prepare(plain string) (string, error) {
	if len(plain) > password.MaxBytes { // before the work, not after it
		return plain, nil
	}
	if !utf8.ValidString(plain) { // which the profile would make the same as other such texts
		return "", errors.New("it is not UTF-8")
	}
	return precis.OpaqueString.String(plain)
}
