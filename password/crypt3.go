package password

import (
	"hash"
	"strings"
)

// What the hashes of crypt(3) and of phpass have in common.

// maxCryptKey is the longest password that MD5-crypt and SHA-crypt are computed for, in bytes:
// their time grows with it, round by round. It is what the crypt(3) of Debian takes. Nothing longer
// matches.
const maxCryptKey = 511

// cKey returns what C sees of a password, which ends at the first NUL. All tools that make these
// hashes and that of bcrypt cut passwords there, or refuse them. Where nothing is left nothing may
// match: a NUL must not open what has an empty password.
func cKey(plain string) []byte {
	seen, _, _ := strings.Cut(plain, "\x00")
	return []byte(seen)
}

// cryptKey returns what MD5-crypt and SHA-crypt are computed for, and whether that is all.
func cryptKey(plain string) (key []byte, isWhole bool) {
	key = cKey(plain)
	return key[:min(len(key), maxCryptKey)], len(key) <= maxCryptKey
}

// cryptAlphabet is that of crypt(3). It writes groups of three bytes from the lowest bit up, which
// encoding/base64 does not.
const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func cryptBase64(b []byte) string {
	var text []byte
	var bits, count uint
	for _, c := range b {
		bits |= uint(c) << count
		for count += 8; count >= 6; count -= 6 {
			text = append(text, cryptAlphabet[bits&63])
			bits >>= 6
		}
		// After three bytes nothing is left over.
	}
	if count > 0 {
		text = append(text, cryptAlphabet[bits])
	}
	return string(text)
}

// isCryptBase64 reports whether text can be what cryptBase64 makes of size bytes.
func isCryptBase64(text string, size int) bool {
	if len(text) != (size*8+5)/6 {
		return false
	}
	for _, c := range []byte(text) {
		if cryptValue(c) < 0 {
			return false
		}
	}
	// What is left over of the last character is zero.
	used := size * 8 % 6
	return used == 0 || cryptValue(text[len(text)-1]) < 1<<used
}

// cryptValue returns what c stands for, or -1.
func cryptValue(c byte) int {
	switch {
	case c == '.' || c == '/' || '0' <= c && c <= '9':
		return int(c - '.')
	case 'A' <= c && c <= 'Z':
		return int(c-'A') + 12
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 38
	}
	return -1
}

// reorder returns the bytes of sum in another order.
func reorder(sum, order []byte) []byte {
	out := make([]byte, len(order))
	for i, from := range order {
		out[i] = sum[from]
	}
	return out
}

// stretch returns sum, repeated until it has size bytes.
func stretch(sum []byte, size int) []byte {
	out := make([]byte, size)
	for n := 0; n < size; {
		n += copy(out[n:], sum)
	}
	return out
}

// mix is the long part of MD5-crypt and SHA-crypt: a is hashed with the password and the salt,
// round by round.
func mix(h hash.Hash, rounds int, a, key, salt []byte) []byte {
	for i := range rounds {
		h.Reset()
		first, last := a, key
		if i%2 == 1 {
			first, last = key, a
		}
		h.Write(first)
		if i%3 != 0 {
			h.Write(salt)
		}
		if i%7 != 0 {
			h.Write(key)
		}
		h.Write(last)
		a = h.Sum(a[:0])
	}
	return a
}

// mixWork is the work of mix. The sizes are those of a block of the hash, of a digest with the
// padding behind it, of the password and of the salt, in bytes.
func mixWork(rounds uint32, blockTime uint64, block, digest, key, salt int) uint64 {
	const cycle = 42 // rounds after which everything repeats
	var blocks int
	for i := range cycle {
		size := digest + key
		if i%3 != 0 {
			size += salt
		}
		if i%7 != 0 {
			size += key
		}
		blocks += (size + block - 1) / block
	}
	return uint64(rounds) * (cycle*roundTime + blockTime*uint64(blocks)) / cycle / kibTime
}
