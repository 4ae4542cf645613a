package timed

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// An Algorithm is a way to sign, as the header of a token names it (RFC 7518, section 3.2). There is no
// "none".
type Algorithm string

// The algorithms: HMAC with the SHA-2 of that size.
const (
	HS256 Algorithm = "HS256" // what itsdangerous 0.24 takes unless told otherwise
	HS384 Algorithm = "HS384"
	HS512 Algorithm = "HS512" // what itsdangerous takes since 1.0
)

// Options say in which way a [Signer] signs. The zero value is that of itsdangerous since 1.0.
type Options struct {
	// Algorithm is the only one that is taken. Empty means HS512.
	Algorithm Algorithm

	// Salt keeps tokens for different things apart, which are signed under one secret. The key
	// is made of both as itsdangerous makes it ("django-concat"). Empty for none, where the key is
	// the secret itself.
	Salt string

	// Older are secrets that still verify and no longer sign.
	Older []string

	// ASCII writes payloads as itsdangerous 0.24 does, without any character that is not ASCII. Tokens
	// of both kinds are taken.
	ASCII bool

	// AllowShortSecrets takes secrets of less than 32 bytes, which whoever has one token may find by
	// trying. It is there for tokens that are out already.
	AllowShortSecrets bool
}

// minSecret is how many bytes a secret must have. RFC 7518 asks for as many as the hash has; nobody
// finds 32 random ones either.
const minSecret = 32

// maxToken is how many bytes a token may have: what a proxy takes in a header.
const maxToken = 8 << 10

// A Signer makes tokens and verifies them. It is safe for concurrent use, and never changes.
type Signer struct {
	algorithm Algorithm
	isASCII   bool

	// For each secret, that which signs first, what makes its MAC. Functions, because package fmt shows
	// what is in a struct and not what is in a function.
	macs []func() hash.Hash
}

// New returns a Signer. Its errors wrap [ErrShortSecret], or say which algorithm is unknown.
func New(secret string, o Options) (*Signer, error) {
	s := &Signer{algorithm: o.Algorithm, isASCII: o.ASCII}
	if s.algorithm == "" {
		s.algorithm = HS512
	}
	newHash, ok := map[Algorithm]func() hash.Hash{HS256: sha256.New, HS384: sha512.New384, HS512: sha512.New}[s.algorithm]
	if !ok {
		return nil, fmt.Errorf("timed tokens: unknown algorithm %q", s.algorithm)
	}
	for _, secret := range append([]string{secret}, o.Older...) {
		if len(secret) < minSecret && (!o.AllowShortSecrets || secret == "") {
			return nil, fmt.Errorf("timed tokens: %w", ErrShortSecret)
		}
		key := deriveKey(secret, o.Salt)
		s.macs = append(s.macs, func() hash.Hash { return hmac.New(newHash, key) })
	}
	return s, nil
}

// deriveKey makes the key of a secret and a salt. SHA-1 is what those tokens are made with; a
// collision of two secrets would gain nobody anything.
func deriveKey(secret, salt string) []byte {
	if salt == "" {
		return []byte(secret)
	}
	sum := sha1.Sum([]byte(salt + "signer" + secret))
	return sum[:]
}

// sum signs what stands in front of the signature, under the secret with that index.
func (s *Signer) sum(secret int, signed string) []byte {
	mac := s.macs[secret]()
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}
