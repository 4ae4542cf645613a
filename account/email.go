package account

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/secure/precis"
)

// ErrEmail means that a text cannot be the email of an account.
var ErrEmail = errors.New("not an email address")

// maxEmail is the length in bytes of the longest address that mail can be sent to (RFC 5321,
// section 4.5.3.1.3, less the angle brackets).
const maxEmail = 254

// EmailKey returns the form in which emails are compared: the PRECIS profile UsernameCaseMapped
// (RFC 8265), so that letter case, width and the way in which an accent is composed make no
// difference, and look-alikes that the profile forbids are no email at all. Its errors wrap
// [ErrEmail].
func EmailKey(email string) (string, error) {
	if len(email) > maxEmail {
		return "", fmt.Errorf("%w: longer than %d bytes", ErrEmail, maxEmail)
	}
	key, err := precis.UsernameCaseMapped.String(email)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrEmail, err)
	}
	at := strings.LastIndexByte(key, '@')
	if at < 1 || at == len(key)-1 {
		return "", fmt.Errorf("%w: it has no part before or after the @", ErrEmail)
	}
	return key, nil
}

// VerbatimKey returns the EmailKey where there is one, and else the text itself, for those who
// take any text for an email.
func VerbatimKey(email string) string {
	if key, err := EmailKey(email); err == nil {
		return key
	}
	return email
}
