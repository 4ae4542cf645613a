// Package bearertoken reads the bearer token of a request, and asks for one (RFC 6750). What the token says is for its
// readers, the server that issued it and the services that it is for: they must not take different ones out of the same
// request.
package bearertoken

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/handstamp/handstamp"
)

// ErrInvalid means that a token is not good. It wraps [handstamp.ErrBadCredential].
var ErrInvalid = fmt.Errorf("bearer token %w", handstamp.ErrBadCredential)

// MaxToken is how many bytes a token may have.
const MaxToken = 4096

const scheme = "Bearer"

// Read returns the bearer token that r carries in its Authorization header (RFC 6750, section 2.1), unseen whether it
// is good. It is [handstamp.ErrNoCredential] for a request without one, and [ErrInvalid] for one that two readers might
// read in two ways. It does not allocate, unless it fails.
func Read(r *http.Request) (string, error) {
	lines := r.Header["Authorization"]
	for _, line := range lines {
		if len(line) < len(scheme) || !strings.EqualFold(line[:len(scheme)], scheme) {
			continue
		}
		if rest := line[len(scheme):]; rest == "" || rest[0] == ' ' {
			token := strings.Trim(rest, " ")
			if len(lines) > 1 || !IsToken(token) {
				return "", fmt.Errorf("%w: malformed", ErrInvalid)
			}
			return token, nil
		}
	}
	return "", handstamp.ErrNoCredential
}

// IsToken reports whether text has the length and the characters that a JWS in compact form may have: those of
// base64url, and dots.
func IsToken(text string) bool {
	if text == "" || len(text) > MaxToken {
		return false
	}
	for i := range len(text) {
		if !inTokens[text[i]] {
			return false
		}
	}
	return true
}

// inTokens says of each byte whether a token may have it. Each request with one asks for hundreds of bytes.
var inTokens = func() (in [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") {
		in[c] = true
	}
	return in
}()

// Challenge returns the WWW-Authenticate value that asks for a token where err was the answer to a request (RFC 6750,
// section 3). It does not tell what was wrong with a token.
func Challenge(err error) string {
	if errors.Is(err, ErrInvalid) {
		return `Bearer realm="Handstamp", error="invalid_token", error_description="The access token is invalid, expired or revoked"`
	}
	return `Bearer realm="Handstamp"`
}
