package jwks

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A keySet is what the server has published at one time. It does not change.
type keySet struct {
	keys  map[string]key // by kid
	until time.Time      // when it is to be fetched again
}

// A key verifies with one algorithm.
type key struct {
	algorithm jose.SignatureAlgorithm
	public    any
}

// How many bits an RSA key may have: fewer are weak (RFC 7518, section 3.3), and more are work for whoever asks.
const minRSA, maxRSA = 2048, 8192

func isAlgorithm(a jose.SignatureAlgorithm) bool {
	return a == jose.EdDSA || a == jose.ES256 || a == jose.RS256
}

// fits reports whether a key is one for its algorithm.
func (k key) fits() bool {
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		return k.algorithm == jose.EdDSA && len(public) == ed25519.PublicKeySize
	case *ecdsa.PublicKey:
		return k.algorithm == jose.ES256 && public.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return k.algorithm == jose.RS256 && minRSA <= public.N.BitLen() && public.N.BitLen() <= maxRSA
	}
	return false
}

// parseKeys reads a JWK set (RFC 7517, section 5). Keys that verify nothing here are passed over, as that section asks
// for. Two keys of one kid are an error, as it would matter which is taken.
func parseKeys(text []byte) (map[string]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, errors.New("the answer is not a JWK set")
	}
	keys := make(map[string]key, len(set.Keys))
	for _, raw := range set.Keys {
		var published jose.JSONWebKey
		if err := published.UnmarshalJSON(raw); err != nil {
			continue
		}
		k := key{jose.SignatureAlgorithm(published.Algorithm), published.Key}
		if published.KeyID == "" || published.Use != "" && published.Use != "sig" || !k.fits() {
			continue
		}
		if _, twice := keys[published.KeyID]; twice {
			return nil, fmt.Errorf("the JWK set has the key %.40q twice", published.KeyID)
		}
		keys[published.KeyID] = k
	}
	return keys, nil
}
