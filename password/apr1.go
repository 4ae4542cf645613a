package password

import (
	"crypto/md5"
	"crypto/subtle"
	"strings"
)

// apr1 is what htpasswd -m writes: the MD5-crypt of FreeBSD with a name of Apache's own
// (https://httpd.apache.org/docs/2.4/misc/password_encryptions.html).
type apr1 struct {
	foreign
	salt, tag string
}

const (
	apr1Magic   = "$apr1$"
	apr1Rounds  = 1000
	maxAPR1Salt = 8 // bytes
)

// apr1Order is the order in which the bytes of the digest are written.
var apr1Order = []byte{12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11}

// parseAPR1 reads salt "$" tag.
func parseAPR1(rest string) (scheme, error) {
	salt, tag, _ := strings.Cut(rest, "$")
	if len(salt) > maxAPR1Salt || !isCryptBase64(tag, md5.Size) {
		return nil, ErrFormat
	}
	return apr1{salt: salt, tag: tag}, nil
}

func (a apr1) memoryKiB() uint32 { return 1 }

func (a apr1) work(plain string) uint64 {
	key, _ := cryptKey(plain)
	const padding = 9
	return mixWork(apr1Rounds, md5BlockTime, md5.BlockSize, md5.Size+padding, len(key), len(a.salt))
}

func (a apr1) matches(plain string) bool {
	key, isWhole := cryptKey(plain)
	tag := cryptBase64(reorder(a.digest(key), apr1Order))
	isEqual := subtle.ConstantTimeCompare([]byte(tag), []byte(a.tag)) == 1
	return isEqual && isWhole && len(key) > 0
}

func (a apr1) digest(key []byte) []byte {
	salt := []byte(a.salt)
	h := md5.New()
	h.Write(key)
	h.Write(salt)
	h.Write(key)
	b := h.Sum(nil)

	h.Reset()
	h.Write(key)
	h.Write([]byte(apr1Magic))
	h.Write(salt)
	h.Write(stretch(b, len(key)))
	for n := len(key); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write([]byte{0})
		} else {
			h.Write(key[:1])
		}
	}
	return mix(h, apr1Rounds, h.Sum(nil), key, salt)
}
