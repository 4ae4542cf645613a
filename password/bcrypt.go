package password

import (
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// The lengths in a bcrypt hash, in characters, and what they stand for, in bytes.
const (
	bcryptSaltChars, bcryptSalt = 22, 16
	bcryptTagChars, bcryptTag   = 31, 23
)

// maxBcryptCost is the highest cost that takes about a second.
const maxBcryptCost = 14

// bcryptMaxKey is how many bytes bcrypt looks at.
const bcryptMaxKey = 72

// bcryptBase64 is the alphabet of bcrypt. What is written with it has bits left over in the salt
// of some libraries.
var bcryptBase64 = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").
	WithPadding(base64.NoPadding)

// bcryptHash is a bcrypt of a password, or of something made of it.
type bcryptHash struct {
	foreign
	crypt string // as golang.org/x/crypto reads it
	cost  int    // the logarithm of the rounds
	// key returns what bcrypt is given, or nothing for what is not to match.
	key func(plain string) []byte
}

// newBcryptHash takes the parts of a hash as they are written.
func newBcryptHash(cost, salt, tag string, key func(string) []byte) (scheme, error) {
	n, err := strconv.Atoi(cost)
	if err != nil || n < bcrypt.MinCost || n > bcrypt.MaxCost || strconv.Itoa(n) != strings.TrimPrefix(cost, "0") {
		return nil, ErrFormat
	}
	_, isSalt := parseBase64(bcryptBase64, salt, bcryptSalt, bcryptSalt)
	_, isTag := parseBase64(bcryptBase64.Strict(), tag, bcryptTag, bcryptTag)
	if !isSalt || !isTag {
		return nil, ErrFormat
	}
	if n > maxBcryptCost {
		return nil, ErrCost
	}
	if len(cost) == 1 {
		cost = "0" + cost
	}
	return bcryptHash{crypt: "$2b$" + cost + "$" + salt + tag, cost: n, key: key}, nil
}

// parseBcryptOf reads what follows "$2b$", or "$2a$" and "$2y$", which mean the same today. What
// made "$2x$" had a fault, and is not read.
func parseBcryptOf(rest string, key func(string) []byte) (scheme, error) {
	cost, text, _ := strings.Cut(rest, "$")
	if len(cost) != 2 || len(text) != bcryptSaltChars+bcryptTagChars {
		return nil, ErrFormat
	}
	return newBcryptHash(cost, text[:bcryptSaltChars], text[bcryptSaltChars:], key)
}

func parseBcrypt(rest string) (scheme, error) { return parseBcryptOf(rest, cKey) }

func (b bcryptHash) memoryKiB() uint32  { return 5 } // four tables of 1 KiB, and what is around them
func (b bcryptHash) work(string) uint64 { return bcryptRoundTime << b.cost / kibTime }

func (b bcryptHash) matches(plain string) bool {
	key := b.key(plain)
	// What is longer was cut off when the hash was made, so that it has never counted.
	cut := key[:min(len(key), bcryptMaxKey)]
	isEqual := bcrypt.CompareHashAndPassword([]byte(b.crypt), cut) == nil
	return isEqual && len(key) > 0
}
