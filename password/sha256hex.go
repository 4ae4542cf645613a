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

// matchesSHA256Hex reports whether encoded is the SHA-256 of password in that form, in constant
// time.
func matchesSHA256Hex(encoded, password string) bool {
	sum := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(encoded)) == 1
}
