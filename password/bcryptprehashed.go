package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// parseDjangoBcrypt reads "$2b$12$…" after the word that Django puts in front.
func parseDjangoBcrypt(rest string) (scheme, error) { return parseWholeBcrypt(rest, cKey) }

// parseDjangoBcryptSHA256 reads a bcrypt of the hexadecimal digits of a SHA-256.
func parseDjangoBcryptSHA256(rest string) (scheme, error) {
	return parseWholeBcrypt(rest, func(plain string) []byte {
		sum := sha256.Sum256([]byte(plain))
		return hex.AppendEncode(nil, sum[:])
	})
}

// parseWordPressBcrypt reads what WordPress writes since 6.8: "$wp$2y$10$…", a bcrypt of the base64
// of an HMAC-SHA-384. WordPress leaves white space at both ends away, in a new password and
// in what is typed.
func parseWordPressBcrypt(rest string) (scheme, error) {
	return parseWholeBcrypt(rest, func(plain string) []byte {
		trimmed := trimPHP(plain)
		if trimmed == "" {
			return nil
		}
		mac := hmac.New(sha512.New384, []byte("wp-sha384"))
		mac.Write([]byte(trimmed))
		return base64.StdEncoding.AppendEncode(nil, mac.Sum(nil))
	})
}

// parsePasslibBcryptSHA256 reads "v=2,t=2b,r=12$" salt "$" tag: a bcrypt of the base64 of an
// HMAC-SHA-256 with the salt, as it is written, for a key.
func parsePasslibBcryptSHA256(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return nil, ErrFormat
	}
	cost, isVersion2 := strings.CutPrefix(fields[0], "v=2,t=2b,r=")
	if !isVersion2 || strings.HasPrefix(cost, "0") {
		return nil, ErrFormat
	}
	salt, tag := fields[1], fields[2]
	return newBcryptHash(cost, salt, tag, func(plain string) []byte {
		mac := hmac.New(sha256.New, []byte(salt))
		mac.Write([]byte(plain))
		return base64.StdEncoding.AppendEncode(nil, mac.Sum(nil))
	})
}

// parseWholeBcrypt reads a bcrypt hash from its first "$" on.
func parseWholeBcrypt(encoded string, key func(string) []byte) (scheme, error) {
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if rest, has := strings.CutPrefix(encoded, prefix); has {
			return parseBcryptOf(rest, key)
		}
	}
	return nil, ErrFormat
}

// trimPHP does what trim does in PHP.
func trimPHP(s string) string { return strings.Trim(s, " \n\r\t\v\x00") }
