package keyring

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// An Algorithm is what a key signs with, by its name in JWS (RFC 7518, section 3.1; RFC 8037).
type Algorithm string

// The algorithms.
const (
	EdDSA Algorithm = "EdDSA" // Ed25519
	ES256 Algorithm = "ES256" // ECDSA on P-256
	RS256 Algorithm = "RS256" // RSA of 3072 bits, PKCS #1 v1.5
	HS256 Algorithm = "HS256" // HMAC; only for Plone's format, and never published
)

// rsaBits gives RSA the strength of the others, 128 bits (NIST SP 800-57, part 1, table 2).
const rsaBits = 3072

// isPublic reports whether others can verify without being able to sign.
func (a Algorithm) isPublic() bool { return a == EdDSA || a == ES256 || a == RS256 }

// generate returns a new key as it is sealed: PKCS #8, or the bytes of a secret.
func generate(a Algorithm) ([]byte, error) {
	var private any
	var err error
	switch a {
	case EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case HS256:
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never returns an error
		return secret, nil
	default:
		return nil, fmt.Errorf("%q is no algorithm that there is", a)
	}
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(private)
}

// parsePrivate reads what generate has made for one of the public algorithms.
func parsePrivate(a Algorithm, plain []byte) (private, public any, err error) {
	private, err = x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, nil, errors.New("not a key in PKCS #8") // whose own error might show some of it
	}
	switch key := private.(type) {
	case ed25519.PrivateKey:
		if a == EdDSA {
			return key, key.Public(), nil
		}
	case *ecdsa.PrivateKey:
		if a == ES256 && key.Curve == elliptic.P256() {
			return key, &key.PublicKey, nil
		}
	case *rsa.PrivateKey:
		if a == RS256 && key.N.BitLen() >= rsaBits {
			return key, &key.PublicKey, nil
		}
	}
	return nil, nil, fmt.Errorf("not a key for %s", a)
}
