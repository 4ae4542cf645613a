package account

import (
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/handstamp/handstamp/password"
)

// DefaultMinCodePoints is how long a password must be where it is all that a user proves
// (NIST SP 800-63B-4, section 3.1.1.2). Beside a second factor, 8 are enough.
const DefaultMinCodePoints = 15

// PasswordRules say which passwords somebody may choose. They are for new passwords only: one that
// was set under other rules, or imported, goes on signing in. The zero value is good rules.
type PasswordRules struct {
	// MinCodePoints is how many code points a password has at least, counted in the form in
	// which it is hashed, so that an accent counts as it does to the eye. Zero or less means
	// [DefaultMinCodePoints].
	MinCodePoints int

	// Service is what the service is called: its name, its host. No password may be little more
	// than that.
	Service []string
}

// Least returns how many code points a password has at least.
func (r PasswordRules) Least() int {
	if r.MinCodePoints <= 0 {
		return DefaultMinCodePoints
	}
	return r.MinCodePoints
}

// Check returns an error if plain may not become the password of u, of whom the email and the names
// count. It wraps [ErrPassword] and, unless plain cannot be a password at all, one of those of
// [password.Judge], whose messages are for whoever chose the password; none of them repeats it.
func (r PasswordRules) Check(plain string, u User) error {
	if err := CheckPassword(plain); err != nil {
		return err
	}
	about := append([]string{u.Email}, r.Service...)
	for _, name := range []*string{u.FirstName, u.LastName} {
		if name != nil {
			about = append(about, *name)
		}
	}
	for i, text := range about {
		about[i] = norm.NFC.String(text)
	}
	if err := password.Judge(preparedIfPossible(plain), r.Least(), about...); err != nil {
		return fmt.Errorf("%w: %w", ErrPassword, err)
	}
	return nil
}
