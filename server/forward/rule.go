package forward

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/returnurl"
)

// A rule says who may ask for some paths of a host.
type rule struct {
	text string

	host string // "*" for every one
	port string // "" for every one

	stem string // with which its paths begin, decoded, without a final slash
	how  extent

	isPublic bool
	isFresh  bool
	roles    []string // one of which is needed; nil for any
}

// extent is how far a rule goes beyond its stem.
type extent int

const (
	alone   extent = iota // the path itself; a final slash makes no difference
	andDown               // the path and all that is below it
	andOn                 // all that begins with it
)

// What is wrong with a rule.
var (
	errWords      = errors.New("want a host and a path, and who may pass: app.example.com/admin/* role=admin")
	errNoPath     = errors.New("want a path behind the host: app.example.com/*")
	errRuleHost   = errors.New("want a host as browsers write it, with a port or without, or * for every host")
	errStar       = errors.New("a star stands at the end of a path only")
	errPath       = errors.New("no reader would read this path as it stands")
	errAccess     = errors.New("want public, signed-in, fresh, or role= and names (in one line with other rules role=admin|editor)")
	errRoleName   = errors.New("a role's name is missing, or is there twice")
	errPublicOnly = errors.New("what is public asks for nothing else")
	errTwice      = errors.New("it asks for the same thing twice")
)

// parseRule reads "HOST/PATH ACCESS…".
func parseRule(text string) (rule, error) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return rule{}, errWords
	}
	host, path, ok := strings.Cut(words[0], "/")
	if !ok {
		return rule{}, errNoPath
	}
	r := rule{text: strings.Join(words, " ")}
	if err := r.parseHost(host); err != nil {
		return rule{}, err
	}
	if err := r.parsePath("/" + path); err != nil {
		return rule{}, err
	}
	return r, r.parseAccess(words[1:])
}

func (r *rule) parseHost(host string) error {
	if host == "*" {
		r.host = host
		return nil
	}
	const scheme = "https://"
	origin, rest, err := returnurl.SplitOrigin(scheme + withoutDot(host))
	if err != nil || rest != "" {
		return errRuleHost
	}
	r.host, _ = splitPort(origin[len(scheme):])
	_, r.port = splitPort(host) // which an origin leaves out where it is the usual one
	return nil
}

// parsePath reads a path as it stands in a URL. A final slash means what it means in a ServeMux, and so do the
// braces that take that meaning away.
func (r *rule) parsePath(path string) error {
	switch {
	case strings.HasSuffix(path, "/{$}"):
		path, r.how = strings.TrimSuffix(path, "/{$}"), alone
	case strings.HasSuffix(path, "/*"):
		path, r.how = strings.TrimSuffix(path, "/*"), andDown
	case strings.HasSuffix(path, "*"):
		path, r.how = strings.TrimSuffix(path, "*"), andOn
	case strings.HasSuffix(path, "/"):
		path, r.how = strings.TrimSuffix(path, "/"), andDown
	}
	whole := path
	if r.how == andOn {
		whole += "x" // what a path goes on with: "/.w*" and "/a.*" are good
	}
	decoded, err := url.PathUnescape(path)
	switch {
	case strings.Contains(path, "*"):
		return errStar
	case err != nil, r.how != andOn && strings.HasSuffix(path, "/"):
		return errPath
	}
	if path != "" && !handstamp.IsCanonicalPath(whole) {
		better := (&url.URL{Path: decoded}).EscapedPath()
		if better != path && handstamp.IsCanonicalPath(better) {
			return fmt.Errorf("%w; write %s", errPath, better)
		}
		return errPath
	}
	r.stem = decoded
	return nil
}

func (r *rule) parseAccess(words []string) error {
	for i, word := range words {
		names, isRole := strings.CutPrefix(word, "role=")
		switch {
		case slices.Contains(words[:i], word) || isRole && r.roles != nil:
			return errTwice
		case isRole:
			r.roles = strings.FieldsFunc(names, isBetweenRoles)
			slices.Sort(r.roles)
			if len(slices.Compact(slices.Clone(r.roles))) != strings.Count(strings.ReplaceAll(names, "|", ","), ",")+1 {
				return errRoleName
			}
		case word == "public":
			r.isPublic = true
		case word == "fresh":
			r.isFresh = true
		case word != "signed-in":
			return fmt.Errorf("%q: %w", word, errAccess)
		}
	}
	if r.isPublic && len(words) > 1 {
		return errPublicOnly
	}
	return nil
}

func isBetweenRoles(c rune) bool { return c == ',' || c == '|' }

// isFor reports whether r is about a port of its host.
func (r *rule) isFor(port string) bool { return r.port == "" || r.port == port }

// reaches reports whether a path goes on, behind the stem, as far as r does.
func (r *rule) reaches(rest string) bool {
	switch r.how {
	case alone:
		return rest == "" || rest == "/"
	case andDown:
		return rest == "" || rest[0] == '/'
	default:
		return true
	}
}

// holds reports whether a decoded path is one of r, and holdsFolded whether it would be one if letter case made no
// difference.
func (r *rule) holds(path string) bool {
	rest, ok := strings.CutPrefix(path, r.stem)
	return ok && r.reaches(rest)
}

func (r *rule) holdsFolded(path string) bool {
	rest, ok := foldPrefix(path, r.stem)
	return ok && r.reaches(rest)
}

// covers reports whether every request that other is about is one of r.
func (r *rule) covers(other *rule) bool {
	if r.host != "*" && r.host != other.host || r.port != "" && r.port != other.port {
		return false
	}
	rest, ok := strings.CutPrefix(other.stem, r.stem)
	switch {
	case !ok:
		return false
	case r.how == andDown:
		return strings.HasPrefix(rest, "/") || rest == "" && other.how != andOn
	case r.how == alone:
		return rest == "" && other.how == alone
	default:
		return true
	}
}
