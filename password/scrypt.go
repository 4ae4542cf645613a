package password

import (
	"crypto/subtle"
	"math/bits"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// The most that a scrypt may ask for besides its memory.
const (
	maxScryptBlock = 32
	maxScryptLanes = 16
)

// scryptParams say what one scrypt costs (RFC 7914, section 2).
type scryptParams struct {
	n     uint32 // a power of two
	block uint32 // in 128 bytes
	lanes uint32 // one after the other
}

// check returns nil, [ErrFormat] or [ErrCost].
func (p scryptParams) check() error {
	switch {
	case p.n < 2 || bits.OnesCount32(p.n) != 1 || p.block < 1 || p.lanes < 1:
		return ErrFormat
	case p.block > maxScryptBlock || p.lanes > maxScryptLanes:
		return ErrCost
	// The product has up to 37 bits.
	case uint64(p.n)*uint64(p.block)/8 > maxMemoryKiB || p.work("") > maxWork:
		return ErrCost
	}
	return nil
}

func (p scryptParams) memoryKiB() uint32 { return p.n*p.block/8 + p.lanes*p.block/8 + 1 }

func (p scryptParams) work(string) uint64 {
	return scryptKiBTime * (uint64(p.n) * uint64(p.block) * uint64(p.lanes) / 8) / kibTime
}

// key computes size bytes. It is nil where scrypt is not defined for p.
func (p scryptParams) key(plain string, salt []byte, size int) []byte {
	key, err := scrypt.Key([]byte(plain), salt, int(p.n), int(p.block), int(p.lanes), size)
	if err != nil {
		return nil
	}
	return key
}

// scryptHash is a scrypt of a password as it is.
type scryptHash struct {
	foreign
	scryptParams
	salt, tag []byte
}

func newScryptHash(p scryptParams, salt, tag []byte) (scheme, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return scryptHash{scryptParams: p, salt: salt, tag: tag}, nil
}

func (s scryptHash) matches(plain string) bool {
	return subtle.ConstantTimeCompare(s.key(plain, s.salt, len(s.tag)), s.tag) == 1
}

// parsePasslibScrypt reads "ln=16,r=8,p=1$" salt "$" tag, in base64 without padding.
func parsePasslibScrypt(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return nil, ErrFormat
	}
	numbers, isNumbers := parseNumbers(fields[0], ",", "ln=", "r=", "p=")
	salt, isSalt := parseBytes(fields[1], 0, maxForeignSalt)
	tag, isTag := parseBytes(fields[2], 32, 32)
	if !isNumbers || !isSalt || !isTag {
		return nil, ErrFormat
	}
	n, err := powerOfTwo(numbers[0])
	if err != nil {
		return nil, err
	}
	return newScryptHash(scryptParams{n, numbers[1], numbers[2]}, salt, tag)
}

// parseWerkzeugScrypt reads "32768:8:1$" salt "$" tag: the salt is text, the tag 64 bytes in
// hexadecimal digits.
func parseWerkzeugScrypt(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return nil, ErrFormat
	}
	numbers, isNumbers := parseNumbers(fields[0], ":", "", "", "")
	tag, isTag := parseHex(fields[2], 64)
	if !isNumbers || !isTag {
		return nil, ErrFormat
	}
	return newScryptHash(scryptParams{numbers[0], numbers[1], numbers[2]}, []byte(fields[1]), tag)
}

// parseDjangoScrypt reads "16384$" salt "$8$1$" tag: the salt is text, the tag 64 bytes in base64.
func parseDjangoScrypt(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 5 {
		return nil, ErrFormat
	}
	n, isN := parseNumber(fields[0], "")
	block, isBlock := parseNumber(fields[2], "")
	lanes, isLanes := parseNumber(fields[3], "")
	tag, isTag := parsePadded(fields[4], 64, 64)
	if !isN || !isBlock || !isLanes || !isTag {
		return nil, ErrFormat
	}
	return newScryptHash(scryptParams{n, block, lanes}, []byte(fields[1]), tag)
}

// powerOfTwo returns 2 to the power of log. Its errors are [ErrFormat] and [ErrCost].
func powerOfTwo(log uint32) (uint32, error) {
	switch {
	case log < 1 || log > 63:
		return 0, ErrFormat
	case log > 31:
		return 0, ErrCost
	}
	return 1 << log, nil
}
