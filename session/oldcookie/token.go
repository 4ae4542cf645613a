package oldcookie

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/handstamp/handstamp/session"
)

// ErrWeak means that an id is none that a server has made by chance, or that it can be guessed.
var ErrWeak = errors.New("session id can be guessed")

// Limits of an id.
const (
	minID     = 22  // characters; PHP makes none that are shorter
	maxID     = 256 // characters; PHP takes none that are longer
	minBits   = 100 // in all of them
	minSpread = 8   // different characters; fewer come by chance in one of 100,000 ids at most
)

// TokenOf returns what a session is kept under for as long as it goes by an id of another system:
// letters, digits, hyphens and commas, as PHP makes them. It has a semicolon, which no cookie's value
// can have: so the id is good in the old cookie only, and a token of ours in ours only. The error
// wraps [ErrWeak].
func TokenOf(id string) (session.Token, error) {
	if len(id) < minID || len(id) > maxID {
		return "", fmt.Errorf("%w: it has %d characters, want %d to %d", ErrWeak, len(id), minID, maxID)
	}
	each := 4          // bits in a character, as far as can be seen from those that there are
	var seen [2]uint64 // of ASCII
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
		case c >= 'g' && c <= 'v':
			each = max(each, 5)
		case c >= 'w' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == ',':
			each = 6
		default:
			return "", fmt.Errorf("%w: it has a character that is not in ids", ErrWeak)
		}
		seen[id[i]/64] |= 1 << (id[i] % 64)
	}
	if all := each * len(id); all < minBits {
		return "", fmt.Errorf("%w: it has %d bits, want %d or more (session.sid_length, session.sid_bits_per_character)", ErrWeak, all, minBits)
	}
	if bits.OnesCount64(seen[0])+bits.OnesCount64(seen[1]) < minSpread {
		return "", fmt.Errorf("%w: it has the same few characters over and over", ErrWeak)
	}
	return session.Token("old id;" + id), nil
}
