package password

import (
	"crypto/md5"
	"crypto/subtle"
)

// phpass is a portable hash of phpass (https://www.openwall.com/phpass/): "$P$" of WordPress up to
// 6.7 and others, "$H$" of phpBB.
type phpass struct {
	foreign
	rounds uint32
	salt   string
	tag    string
	// isTrimmed says that white space at both ends may be left away, as WordPress did.
	isTrimmed bool
}

// The logarithm of the rounds: what phpass allows, and what takes about a second with a password
// of MaxBytes. WordPress wrote 13.
const (
	minPhpassLog, mostPhpassLog = 7, 30
	maxPhpassLog                = 16
)

const phpassSalt = 8 // bytes

func parsePhpass(rest string) (scheme, error) {
	if len(rest) < 1+phpassSalt || !isCryptBase64(rest[1+phpassSalt:], md5.Size) {
		return nil, ErrFormat
	}
	log := cryptValue(rest[0])
	switch {
	case log < minPhpassLog || log > mostPhpassLog:
		return nil, ErrFormat
	case log > maxPhpassLog:
		return nil, ErrCost
	}
	return phpass{rounds: 1 << log, salt: rest[1 : 1+phpassSalt], tag: rest[1+phpassSalt:]}, nil
}

func parseWordPressPhpass(rest string) (scheme, error) {
	s, err := parsePhpass(rest)
	if p, is := s.(phpass); is {
		p.isTrimmed = true
		return p, nil
	}
	return nil, err
}

func (p phpass) memoryKiB() uint32 { return uint32(MaxBytes/1024 + 1) }

func (p phpass) work(plain string) uint64 {
	blocks := uint64(md5.Size+len(plain)+8)/md5.BlockSize + 1
	work := uint64(p.rounds) * (roundTime + md5BlockTime*blocks) / kibTime
	if p.isTrimmed {
		return 2 * work
	}
	return work
}

func (p phpass) matches(plain string) bool {
	isEqual := p.tagOf(plain)
	if !p.isTrimmed {
		return isEqual == 1
	}
	// Not only "$P$" of WordPress begins so: white space may have counted. It is computed twice
	// whether there is any or not, so that what is typed does not change the time.
	trimmed := trimPHP(plain)
	isTrimmedEqual := p.tagOf(trimmed)
	return isEqual == 1 || isTrimmedEqual == 1 && trimmed != ""
}

// tagOf returns 1 if the tag is that of plain, and otherwise 0.
func (p phpass) tagOf(plain string) int {
	sum := md5.Sum([]byte(p.salt + plain))
	text := append(sum[:], plain...)
	for range p.rounds {
		sum = md5.Sum(text)
		copy(text, sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(cryptBase64(sum[:])), []byte(p.tag))
}
