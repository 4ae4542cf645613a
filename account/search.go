package account

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ErrSearch means that a text is too long to be searched for.
var ErrSearch = errors.New("search text too long")

// MaxSearch is how many bytes a text that is searched for has at most. A store compares it with
// every user it has.
const MaxSearch = 256

// SearchKey returns the form in which texts are searched for: letters without their case, accents
// and width (Unicode NFKD without marks, and full case folding), without what is invisible, and
// with one space for whatever separates words. Whoever looks for somebody seldom knows how the
// name is written, and may have no key for its letters; so a search rather finds one user too many.
// It is no form to compare identities in: that is [EmailKey].
//
// If a text contains another one, its key contains that one's key. There are no control characters
// in a key, and nothing that is not UTF-8.
func SearchKey(text string) string {
	text = norm.NFKD.String(strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
	text = cases.Fold().String(strings.Map(visible, text))
	// What folding leaves apart: the Turkish i without a dot, and the two cases of Cherokee.
	text = strings.ToLower(strings.ToUpper(text))
	return strings.Join(strings.FieldsFunc(text, isBetweenWords), " ")
}

// visible drops what stands on another character, and what is not seen at all.
func visible(r rune) rune {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return -1
	}
	return r
}

func isBetweenWords(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// SearchText returns what a search for the user looks in: the key of the email, and in another line,
// which is in no key, that of both names.
func (u User) SearchText() string {
	var names []string
	for _, name := range []*string{u.FirstName, u.LastName} {
		if name != nil {
			names = append(names, *name)
		}
	}
	return SearchKey(u.Email) + "\n" + SearchKey(strings.Join(names, " "))
}
