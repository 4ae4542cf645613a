package password

import (
	"crypto/sha256"
	"crypto/subtle"
)

// sha256Hex is an imported, unsalted SHA-256.
type sha256Hex struct {
	foreign
	sum []byte
}

// parseSHA256Hex reads 64 lower-case hexadecimal digits.
func parseSHA256Hex(encoded string) (scheme, error) {
	sum, isHex := parseHex(encoded, sha256.Size)
	if !isHex {
		return nil, ErrFormat
	}
	return sha256Hex{sum: sum}, nil
}

func (sha256Hex) memoryKiB() uint32  { return 0 }
func (sha256Hex) work(string) uint64 { return 0 }

func (s sha256Hex) matches(plain string) bool {
	sum := sha256.Sum256([]byte(plain))
	return subtle.ConstantTimeCompare(sum[:], s.sum) == 1
}
