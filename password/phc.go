package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// What is wrong with a stored hash.
var (
	// ErrFormat means that a stored hash is of no kind known here, or malformed.
	ErrFormat = errors.New("unknown password hash")
	// ErrCost means that a stored hash is well-formed and asks for more memory or time than
	// is allowed: 256 MiB, and about a second. For argon2 that is 16 passes, 16 lanes, and 1 GiB
	// for memory times passes; for bcrypt a cost of 14; for SHA-crypt a million rounds, which
	// take up to two seconds with the longest password; for phpass a cost of 16; for PBKDF2 some
	// four million iterations, or one and a half with SHA-512.
	ErrCost = errors.New("password hash too costly")
)

// The lengths of what is read, in bytes.
const (
	minSalt, maxSalt = 8, 64
	minTag, maxTag   = 16, 64
)

// String returns the PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
func (a argon2id) String() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", a.MemoryKiB, a.Passes, a.Lanes,
		base64.RawStdEncoding.EncodeToString(a.salt), base64.RawStdEncoding.EncodeToString(a.tag))
}

// parseArgon2id reads a PHC string. Its errors are [ErrFormat] and [ErrCost]. There is one
// spelling of a hash only: what it accepts, String gives back byte for byte.
func parseArgon2id(encoded string) (argon2id, error) {
	body, isPHC := strings.CutPrefix(encoded, "$argon2id$v=19$")
	fields := strings.Split(body, "$")
	if !isPHC || len(fields) != 3 {
		return argon2id{}, ErrFormat
	}
	salt, isSalt := parseBytes(fields[1], minSalt, maxSalt)
	tag, isTag := parseBytes(fields[2], minTag, maxTag)
	if !isSalt || !isTag {
		return argon2id{}, ErrFormat
	}
	params, err := parseParams(fields[0])
	return argon2id{Params: params, salt: salt, tag: tag}, err
}

// parseParams reads "m=19456,t=2,p=1".
func parseParams(s string) (Params, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return Params{}, ErrFormat
	}
	memory, isMemory := parseNumber(fields[0], "m=")
	passes, isPasses := parseNumber(fields[1], "t=")
	lanes, isLanes := parseNumber(fields[2], "p=")
	if !isMemory || !isPasses || !isLanes {
		return Params{}, ErrFormat
	}
	if lanes > maxLanes { // before it is cut down to a byte
		return Params{}, ErrCost
	}
	p := Params{MemoryKiB: memory, Passes: passes, Lanes: uint8(lanes)}
	switch {
	case !p.isArgon2():
		return Params{}, ErrFormat
	case !p.isAffordable():
		return Params{}, ErrCost
	}
	return p, nil
}
