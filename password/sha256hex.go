package password

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// isSHA256Hex reports whether encoded is an imported, unsalted SHA-256: 64 lower-case hexadecimal
// digits.
func isSHA256Hex(encoded string) bool {
	if len(encoded) != hex.EncodedLen(sha256.Size) {
		return false
	}
	for _, c := range []byte(encoded) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// sha256Hex is one hash of that kind. It takes next to nothing to compute.
type sha256Hex string

func (sha256Hex) memoryKiB() uint32      { return 0 }
func (sha256Hex) work() uint64           { return 0 }
func (sha256Hex) isOutdated(Params) bool { return true }

func (s sha256Hex) matches(plain string) bool {
	sum := sha256.Sum256([]byte(plain))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(s)) == 1
}
