package keyring

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrToken means that a token is none that a key of ours has signed and that is still accepted. It
// does not say why: those who forge would learn from it.
var ErrToken = errors.New("not a good token")

// Verify returns the claims of a token, as they were signed, and the ID of the key. It judges form and
// signature only. Its error is [ErrToken] for whatever is not good; any other one means that the keys
// could not be read to say: answer 503.
func (k *Keyring) Verify(token string) (claims []byte, kid string, err error) {
	parts, ok := split(token)
	if !ok {
		return nil, "", ErrToken
	}
	key := k.now.Load().byHeader[parts.header]
	if key == nil && couldBeOurs(parts.header) {
		if err := k.refresh(); err != nil {
			return nil, "", err
		}
		key = k.now.Load().byHeader[parts.header]
	}
	if !accepts(key, time.Now()) {
		return nil, "", ErrToken
	}
	claims, ok = check(token, key.Algorithm, key.public)
	if !ok {
		return nil, "", ErrToken
	}
	return claims, key.ID, nil
}

// check returns what was signed, if key has signed it.
func check(token string, a Algorithm, key any) (claims []byte, ok bool) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a)})
	if err != nil {
		return nil, false
	}
	claims, err = signed.Verify(key)
	return claims, err == nil
}

// parts are those of a token in compact form.
type parts struct{ header, claims, signature string }

// split takes a token apart that is not too long and has one spelling only.
func split(token string) (p parts, ok bool) {
	if len(token) > MaxToken {
		return p, false
	}
	var rest string
	var found [2]bool
	p.header, rest, found[0] = strings.Cut(token, ".")
	p.claims, p.signature, found[1] = strings.Cut(rest, ".")
	ok = found[0] && found[1] && isCanonical(p.header) && isCanonical(p.claims) && isCanonical(p.signature)
	return p, ok
}

// strict takes no bits at the end that nobody reads.
var strict = base64.RawURLEncoding.Strict()

// isCanonical reports whether text is base64url as RFC 7515, section 2, has it. Decoders also take line
// ends.
func isCanonical(text string) bool {
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return false
	}
	_, err := strict.DecodeString(text)
	return err == nil
}
