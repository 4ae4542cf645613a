package password

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"strings"
)

// The rounds and the salt of SHA-crypt. glibc brings the rounds and the salt of what it hashes
// within these limits and writes them down so; a stored hash that is not within them is nobody's.
const (
	defaultSHACryptRounds = 5000
	minSHACryptRounds     = 1000
	mostSHACryptRounds    = 999_999_999
	maxSHACryptSalt       = 16 // bytes
)

// maxSHACryptRounds is what takes about a second with passwords of usual length. passlib's default
// is 656000.
const maxSHACryptRounds = 1_000_000

// A shaCryptKind is one of the two kinds of SHA-crypt.
type shaCryptKind struct {
	new   func() hash.Hash
	block int    // bytes
	time  uint64 // of a block, in nanoseconds, see kibTime
	order []byte // in which the bytes of a digest are written
}

var (
	sha256Crypt = shaCryptKind{sha256.New, sha256.BlockSize, sha256BlockTime, []byte{
		20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5,
		25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29, 19, 9, 30, 31,
	}}
	sha512Crypt = shaCryptKind{sha512.New, sha512.BlockSize, sha512BlockTime, []byte{
		42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26,
		5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51, 30, 9, 10, 52,
		31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15,
		16, 58, 37, 38, 17, 59, 60, 39, 18, 19, 61, 40, 41, 20, 62, 63,
	}}
)

// shaCrypt is one hash (https://www.akkadia.org/drepper/SHA-crypt.txt).
type shaCrypt struct {
	foreign
	shaCryptKind
	rounds    uint32
	salt, tag string
}

// parseSHACrypt returns what reads salt "$" tag, with "rounds=5000$" in front or not.
func parseSHACrypt(kind shaCryptKind) func(rest string) (scheme, error) {
	return func(rest string) (scheme, error) {
		fields := strings.Split(rest, "$")
		rounds := uint32(defaultSHACryptRounds)
		if len(fields) == 3 {
			var isNumber bool
			if rounds, isNumber = parseNumber(fields[0], "rounds="); !isNumber {
				return nil, ErrFormat
			}
			fields = fields[1:]
		}
		if len(fields) != 2 || len(fields[0]) > maxSHACryptSalt || strings.HasPrefix(fields[0], "rounds=") || !isCryptBase64(fields[1], len(kind.order)) ||
			rounds < minSHACryptRounds || rounds > mostSHACryptRounds {
			return nil, ErrFormat
		}
		if rounds > maxSHACryptRounds {
			return nil, ErrCost
		}
		return shaCrypt{shaCryptKind: kind, rounds: rounds, salt: fields[0], tag: fields[1]}, nil
	}
}

func (s shaCrypt) memoryKiB() uint32 { return 1 }

func (s shaCrypt) work(plain string) uint64 {
	key, _ := cryptKey(plain)
	size := len(s.order)
	padding := s.block/8 + 1
	return mixWork(s.rounds, s.time, s.block, size+padding, len(key), len(s.salt))
}

func (s shaCrypt) matches(plain string) bool {
	key, isWhole := cryptKey(plain)
	tag := cryptBase64(reorder(s.digest(key), s.order))
	isEqual := subtle.ConstantTimeCompare([]byte(tag), []byte(s.tag)) == 1
	return isEqual && isWhole && len(key) > 0
}

// digest is the algorithm, in the steps of its specification.
func (s shaCrypt) digest(key []byte) []byte {
	salt := []byte(s.salt)
	h := s.new()
	sum := func(parts ...[]byte) []byte {
		h.Reset()
		for _, part := range parts {
			h.Write(part)
		}
		return h.Sum(nil)
	}
	b := sum(key, salt, key) // steps 4 to 8

	h.Reset() // steps 1 to 3, and 9 to 12
	h.Write(key)
	h.Write(salt)
	h.Write(stretch(b, len(key)))
	for n := len(key); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write(b)
		} else {
			h.Write(key)
		}
	}
	a := h.Sum(nil)

	p := stretch(sum(bytes.Repeat(key, len(key))), len(key))         // steps 13 to 16
	q := stretch(sum(bytes.Repeat(salt, 16+int(a[0]))), len(s.salt)) // steps 17 to 20

	return mix(h, int(s.rounds), a, p, q) // steps 21 and 22
}
