package server

import (
	"net/http"
	"strings"

	"github.com/handstamp/handstamp/session"
)

// Where the pages of links are: below that the secret follows.
const (
	setupPage = "setup"
	resetPage = "reset"
)

// SetupURL returns the link that has the secret of a setup link in it, as
// [account.Directory.NewSetupLink] makes them. It leads to the public URL of c.Web, which must be there, whatever
// host a request has named.
func (c Config) SetupURL(secret session.Token) string { return c.linkTo(setupPage, secret) }

// ResetURL is [Config.SetupURL] for reset links: see [account.Directory.NewResetLink].
func (c Config) ResetURL(secret session.Token) string { return c.linkTo(resetPage, secret) }

func (c Config) linkTo(page string, secret session.Token) string {
	return c.Web.PublicURL.JoinPath(c.Prefix, page, string(secret)).String()
}

// loggedPath returns the path of r, or its route where the path may hold a secret or is not ours.
func loggedPath(r *http.Request) string {
	// Envoy's requests to forward-auth have the path of somebody else's request in theirs.
	if strings.Contains(r.Pattern, "{secret}") || strings.HasSuffix(r.Pattern, verifyPath) {
		return r.Pattern
	}
	// A link that was spelled in another way is no route, and holds a secret all the same.
	path := r.URL.Path
	first, word := -1, ""
	for _, page := range []string{setupPage, resetPage} {
		if at := indexFold(path, page); at >= 0 && (first < 0 || at < first) {
			first, word = at, page
		}
	}
	if first < 0 {
		return cut(path)
	}
	switch strings.TrimSuffix(path[first+len(word):], "/") {
	case "", "-link": // what makes links ends like this, and nothing follows
		return cut(path)
	}
	return cut(path[:first]) + word + "/{secret}"
}

// indexFold returns where word, which is ASCII, first stands in s in whatever letter case, or -1. It goes by
// bytes: a copy of s in lower case may be of another length, as bytes that are no UTF-8 become longer.
func indexFold(s, word string) int {
	for at := range len(s) - len(word) + 1 {
		if strings.EqualFold(s[at:at+len(word)], word) {
			return at
		}
	}
	return -1
}
