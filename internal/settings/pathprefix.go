package settings

import (
	"fmt"
	"regexp"
)

// A PathPrefix is how paths begin: a slash and what follows it, without one at the end (/auth).
type PathPrefix string

// prefixes are paths that everybody reads alike, and none of which is a pattern.
var prefixes = regexp.MustCompile(`^(?:/[A-Za-z0-9_-][A-Za-z0-9_~.-]*)*$`)

// UnmarshalText implements [encoding.TextUnmarshaler]. The empty text is the root.
func (p *PathPrefix) UnmarshalText(text []byte) error {
	if !prefixes.Match(text) {
		return fmt.Errorf("%s is not the beginning of paths, such as /auth: a slash, and letters, digits and -_~. behind it", quote(string(text)))
	}
	*p = PathPrefix(text)
	return nil
}

// Placeholder says in the help what to write.
func (PathPrefix) Placeholder() string { return "/PATH" }
