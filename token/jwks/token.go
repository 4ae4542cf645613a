package jwks

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/handstamp/handstamp/internal/bearertoken"
	"github.com/handstamp/handstamp/internal/jsonobject"
)

// ErrInvalid means that a token is not good: malformed, signed by nobody known, expired, or for somebody else. It wraps
// [handstamp.ErrBadCredential].
var ErrInvalid = bearertoken.ErrInvalid

// tokenType is the typ of the tokens (RFC 9068, section 2.1), exactly as the server writes it.
const tokenType = "at+jwt"

// keyOf returns the kid in the header of a token in compact form (RFC 7515, section 7.1) that has one spelling only. The
// header must say nothing but what the server writes.
func keyOf(token string) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", fmt.Errorf("%w: malformed", ErrInvalid)
	}
	var text []byte
	for i, part := range parts {
		decoded, err := decode(part)
		if err != nil {
			return "", err
		}
		if i == 0 {
			text = decoded
		}
	}
	members, err := jsonobject.ParseStrict(text)
	if err != nil {
		return "", fmt.Errorf("%w: its header is not one", ErrInvalid)
	}
	algorithm, kid, kind := textOf(members, "alg"), textOf(members, "kid"), textOf(members, "typ")
	switch {
	case kind != tokenType || kid == "" || len(members) != 3:
		return "", fmt.Errorf("%w: a header that none of its tokens has", ErrInvalid)
	case !isAlgorithm(jose.SignatureAlgorithm(algorithm)):
		return "", fmt.Errorf("%w: another algorithm", ErrInvalid)
	}
	return kid, nil
}

// decode reads base64url as RFC 7515, section 2, has it: a decoder alone would also take line ends, and bits at the end
// that nobody reads.
func decode(part string) ([]byte, error) {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil || part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, fmt.Errorf("%w: malformed", ErrInvalid)
	}
	return decoded, nil
}

// textOf returns a member that is text, or "".
func textOf(o jsonobject.Object, name string) string {
	text, err := o.Text(name)
	if err != nil || text == nil {
		return ""
	}
	return *text
}

// verify returns what was signed, if a key of the server has signed it.
func (v *Verifier) verify(ctx context.Context, token string) ([]byte, error) {
	kid, err := keyOf(token)
	if err != nil {
		return nil, err
	}
	k, err := v.key(ctx, kid)
	if err != nil {
		return nil, err
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{k.algorithm})
	if err != nil {
		return nil, fmt.Errorf("%w: not the algorithm of its key", ErrInvalid)
	}
	signed, err := parsed.Verify(k.public)
	if err != nil {
		return nil, fmt.Errorf("%w: its signature is not good", ErrInvalid)
	}
	return signed, nil
}
