package keyring

import (
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// MaxToken is how many bytes a token has at most. Longer ones are refused before anybody looks at
// them.
const MaxToken = 4096

// Sign returns a token with these claims, JSON, signed with the key that signs now: in JWS compact
// form (RFC 7515, section 7.1), with the header {"alg":…,"kid":…,"typ":"at+jwt"}.
func (k *Keyring) Sign(claims []byte) (string, error) {
	return serialize(k.now.Load().signing.signer, claims)
}

// SignEvent returns a security event token (RFC 8417) with these claims, JSON, signed with the key that signs now. Its header has the
// typ secevent+jwt, so that nobody takes it for a token that lets somebody in; [Keyring.Verify] does not.
func (k *Keyring) SignEvent(claims []byte) (string, error) {
	return serialize(k.now.Load().signing.events, claims)
}

func serialize(signer jose.Signer, claims []byte) (string, error) {
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	if len(token) > MaxToken {
		return "", fmt.Errorf("sign token: %d bytes of claims make one of more than %d bytes", len(claims), MaxToken)
	}
	return token, nil
}
