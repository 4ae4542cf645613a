package password

import (
	"errors"
	"unicode/utf8"
)

// The longest password that is hashed or checked. Whoever sends a longer one wants to keep the
// server busy. As a code point has up to four bytes, MaxCodePoints never allows more than MaxBytes
// does; a caller may hold a whole request to MaxBytes before it reads it.
const (
	MaxBytes      = 4096
	MaxCodePoints = 1024
)

// MaxEncoded is how many bytes a stored hash may have. A longer one is malformed, whatever it says.
const MaxEncoded = 1024

// ErrTooLong means that a password has more than [MaxBytes] or [MaxCodePoints].
var ErrTooLong = errors.New("password too long")

// CheckLength returns nil or [ErrTooLong], as everything here does first that takes a password. A byte
// that is not UTF-8 counts as a code point.
func CheckLength(password string) error {
	// The bytes first: counting code points takes time that grows with them.
	if len(password) > MaxBytes || utf8.RuneCountInString(password) > MaxCodePoints {
		return ErrTooLong
	}
	return nil
}
