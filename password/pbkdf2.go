package password

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strings"
)

// A digest is a hash function under PBKDF2 (RFC 8018, section 5.2).
type digest struct {
	new       func() hash.Hash
	size      int    // bytes
	iteration uint64 // time in nanoseconds, see kibTime
}

var (
	sha1Digest   = digest{sha1.New, sha1.Size, pbkdf2SHA1Time}
	sha256Digest = digest{sha256.New, sha256.Size, pbkdf2SHA256Time}
	sha512Digest = digest{sha512.New, sha512.Size, pbkdf2SHA512Time}
)

// pbkdf2Hash is a PBKDF2 with a tag as long as the digest.
type pbkdf2Hash struct {
	foreign
	digest
	iterations uint32
	salt, tag  []byte
}

func newPBKDF2Hash(d digest, iterations uint32, salt, tag []byte) (scheme, error) {
	p := pbkdf2Hash{digest: d, iterations: iterations, salt: salt, tag: tag}
	switch {
	case iterations < 1:
		return nil, ErrFormat
	case p.work("") > maxWork:
		return nil, ErrCost
	}
	return p, nil
}

func (p pbkdf2Hash) memoryKiB() uint32  { return 1 }
func (p pbkdf2Hash) work(string) uint64 { return uint64(p.iterations) * p.iteration / kibTime }

func (p pbkdf2Hash) matches(plain string) bool {
	// It fails only where FIPS 140 forbids what was imported.
	tag, err := pbkdf2.Key(p.new, plain, p.salt, int(p.iterations), p.size)
	return err == nil && subtle.ConstantTimeCompare(tag, p.tag) == 1
}

// parseDjangoPBKDF2 returns what reads "260000$" salt "$" tag: the salt is text, the tag base64.
func parseDjangoPBKDF2(d digest) func(rest string) (scheme, error) {
	return func(rest string) (scheme, error) {
		fields := strings.Split(rest, "$")
		if len(fields) != 3 {
			return nil, ErrFormat
		}
		iterations, isNumber := parseNumber(fields[0], "")
		tag, isTag := parsePadded(fields[2], d.size, d.size)
		if !isNumber || !isTag {
			return nil, ErrFormat
		}
		return newPBKDF2Hash(d, iterations, []byte(fields[1]), tag)
	}
}

// parseWerkzeugPBKDF2 reads "sha256:260000$" salt "$" tag: the salt is text, the tag hexadecimal
// digits.
func parseWerkzeugPBKDF2(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return nil, ErrFormat
	}
	name, count, _ := strings.Cut(fields[0], ":")
	d, isKnown := map[string]digest{"sha1": sha1Digest, "sha256": sha256Digest, "sha512": sha512Digest}[name]
	iterations, isNumber := parseNumber(count, "")
	tag, isTag := parseHex(fields[2], d.size)
	if !isKnown || !isNumber || !isTag {
		return nil, ErrFormat
	}
	return newPBKDF2Hash(d, iterations, []byte(fields[1]), tag)
}

// parsePasslibPBKDF2 returns what reads "29000$" salt "$" tag, both in base64 with "." for "+" and
// without padding.
func parsePasslibPBKDF2(d digest) func(rest string) (scheme, error) {
	return func(rest string) (scheme, error) {
		fields := strings.Split(rest, "$")
		if len(fields) != 3 {
			return nil, ErrFormat
		}
		iterations, isNumber := parseNumber(fields[0], "")
		salt, isSalt := parseBase64(adaptedBase64, fields[1], 0, maxForeignSalt)
		tag, isTag := parseBase64(adaptedBase64, fields[2], d.size, d.size)
		if !isNumber || !isSalt || !isTag {
			return nil, ErrFormat
		}
		return newPBKDF2Hash(d, iterations, salt, tag)
	}
}

// adaptedBase64 is the alphabet of passlib.
var adaptedBase64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").
	WithPadding(base64.NoPadding).Strict()
