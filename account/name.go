package account

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrName means that a first or last name is too long.
var ErrName = errors.New("name too long")

// maxName is how many code points a name has at most. What a user may write is kept in memory and comes by the
// thousand in lists.
const maxName = 256

// checkNames returns an error that wraps [ErrName] if one of names, which may be nil, is too long.
func (d *Directory) checkNames(names ...*string) error {
	for _, name := range names {
		if name != nil && !d.Verbatim && utf8.RuneCountInString(*name) > maxName {
			return fmt.Errorf("%w: it has more than %d characters", ErrName, maxName)
		}
	}
	return nil
}
