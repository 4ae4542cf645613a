package password

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/handstamp/handstamp/internal/blocklist"
)

// What [Judge] has against a password, beside its length. The messages are for whoever chose it.
var (
	// ErrTooCommon means that it is on the list of the most common passwords.
	ErrTooCommon = errors.New("too common: it is among the first that anybody tries")
	// ErrTooRegular means that it is little more than a repetition, or runs along the alphabet,
	// the digits or the keyboard.
	ErrTooRegular = errors.New("too regular: it is little more than a repetition, or runs like 12345 and qwerty")
	// ErrTooPersonal means that it is little more than words that are known of the user or the
	// service.
	ErrTooPersonal = errors.New("too personal: it is little more than the email, the name or the service")
)

// A TooShortError says how many code points a password has, and must have.
type TooShortError struct{ CodePoints, Min int }

// Error implements error.
func (e *TooShortError) Error() string {
	return fmt.Sprintf("too short: it has %d characters, and at least %d are needed", e.CodePoints, e.Min)
}

// leastRepeated is what a repeated part must have at least, where min is lower still.
const leastRepeated = 8

// Judge says whether plain may become somebody's password, as NIST SP 800-63B-4, section 3.1.1.2,
// asks for: by its length, which is min code points or more, and by whether it is among those that
// are guessed first. What kinds of characters it has makes no difference.
//
// It is compared as a whole, in any letter case: "password" in a sentence is as good as any word.
// Refused are
//
//   - what is on the list of common passwords;
//   - runs of three or more along the alphabet, the digits or a keyboard ("qwerty123456789");
//   - words of about ("ada.lovelace1815"), which are the email, the names and what the
//     service is called, whole and word by word;
//   - all of this mixed, and padded with digits and signs to less than twice its length;
//   - a repetition ("abcabcabcabcabc") whose part would not do by itself.
//
// plain is in the form that will be hashed, and about in the same Unicode normalization form. The
// error is a [*TooShortError], [ErrTooLong], [ErrTooCommon], [ErrTooRegular] or [ErrTooPersonal]. A
// judgement takes a few microseconds; the first one also unpacks the list, which takes some
// milliseconds. It is safe for concurrent use.
func Judge(plain string, min int, about ...string) error {
	if err := CheckLength(plain); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(plain); n < min {
		return &TooShortError{CodePoints: n, Min: min}
	}
	words := wordsOf(about)
	for whole := strings.ToLower(plain); ; {
		if err := judgeWhole(whole, words); err != nil {
			return err
		}
		part := repeated(whole)
		if part == whole {
			return nil
		}
		if utf8.RuneCountInString(part) < max(min, leastRepeated) {
			return ErrTooRegular
		}
		whole = part
	}
}

func judgeWhole(plain string, words []string) error {
	switch {
	case blocklist.Contains(plain):
		return ErrTooCommon
	case isPadded(plain, nil):
		return ErrTooRegular
	case len(words) > 0 && isPadded(plain, words):
		return ErrTooPersonal
	}
	return nil
}
