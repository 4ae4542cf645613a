package keyring

import (
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ploneHeader is {"alg":"HS256","typ":"JWT"}, the first part of every token of Plone's.
const ploneHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// errNoSecret means that Plone's format was asked for where nobody has set it up.
var errNoSecret = errors.New("there is no secret for Plone's format")

// SignPlone returns a token in Plone's format: HS256, without a kid, under the secret followed by
// path, so that tokens of one place are worth nothing in another. There must be a secret: see
// [Config].Plone and [Keyring.Import].
func (k *Keyring) SignPlone(claims []byte, path string) (string, error) {
	key := k.now.Load().secret
	if key == nil {
		return "", errNoSecret
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.HS256, Key: key.ploneKey(path)},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return serialize(signer, claims)
}

// VerifyPlone returns the claims of a token in Plone's format that one of the secrets has signed for
// path. Errors are those of Verify.
func (k *Keyring) VerifyPlone(token, path string) (claims []byte, err error) {
	parts, ok := split(token)
	if !ok || parts.header != ploneHeader {
		return nil, ErrToken
	}
	if claims, ok := k.now.Load().verifyPlone(token, path); ok {
		return claims, nil
	}
	if err := k.refresh(); err != nil { // as such a token does not say which key it is of
		return nil, err
	}
	if claims, ok := k.now.Load().verifyPlone(token, path); ok {
		return claims, nil
	}
	return nil, ErrToken
}

func (r *ring) verifyPlone(token, path string) (claims []byte, ok bool) {
	now := time.Now()
	for _, o := range r.keys {
		if o.Algorithm != HS256 || !accepts(o, now) {
			continue
		}
		if claims, ok := check(token, HS256, o.ploneKey(path)); ok {
			return claims, true
		}
	}
	return nil, false
}

// ploneKey returns the key for a path. It is filled up with zeros, which HMAC does by itself (RFC 2104,
// section 2) but go-jose wants to see: it refuses keys of fewer than 32 bytes.
func (m *material) ploneKey(path string) []byte {
	key := slices.Concat(m.secret, []byte(path))
	return append(key, make([]byte, max(0, 32-len(key)))...)
}
