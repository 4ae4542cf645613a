package password

import (
	"crypto/sha1"
	"crypto/subtle"
)

// sha1Base64 is an unsalted SHA-1 as htpasswd -s and LDAP (RFC 2307) write it: {SHA} and base64.
type sha1Base64 struct {
	foreign
	sum []byte
}

func parseSHA1(rest string) (scheme, error) {
	sum, isBase64 := parsePadded(rest, sha1.Size, sha1.Size)
	if !isBase64 {
		return nil, ErrFormat
	}
	return sha1Base64{sum: sum}, nil
}

func (sha1Base64) memoryKiB() uint32  { return 0 }
func (sha1Base64) work(string) uint64 { return 0 }

func (s sha1Base64) matches(plain string) bool {
	sum := sha1.Sum([]byte(plain))
	return subtle.ConstantTimeCompare(sum[:], s.sum) == 1
}
