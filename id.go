package handstamp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// An ID names a user or a session. It is a UUID (RFC 9562) kept as its 16 bytes, so that a
// million of them in a cache cost the garbage collector nothing. The zero ID names nobody.
type ID [16]byte

// ErrID is returned by [ParseID] for text that is not a UUID in canonical form.
var ErrID = errors.New("not a UUID in lower-case canonical form")

// NewID returns a random ID, a UUID version 4. It is safe for concurrent use.
func NewID() ID {
	var id ID
	_, _ = rand.Read(id[:]) // crypto/rand.Read never returns an error: it ends the program instead
	id.stamp(4)
	return id
}

// IDOf returns the ID that always belongs to name, a UUID version 8. It gives those who keep
// their people elsewhere (a directory, another database) the user IDs that sessions need.
func IDOf(name string) ID {
	sum := sha256.Sum256([]byte(name))
	id := ID(sum[:16])
	id.stamp(8)
	return id
}

// stamp writes the version and variant bits (RFC 9562, section 4).
func (id *ID) stamp(version byte) {
	id[6] = id[6]&0x0f | version<<4
	id[8] = id[8]&0x3f | 0x80
}

// ParseID reads the canonical text form: 36 characters, lower case. Upper case is refused, as
// two spellings of one ID would be two keys to whoever compares text.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, ErrID
	}
	at := 0
	for i := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			at++ // the hyphen
		}
		high, low := lowerHex(s[at]), lowerHex(s[at+1])
		if high > 0xf || low > 0xf {
			return ID{}, ErrID
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, nil
}

// lowerHex returns the value of one lower-case hexadecimal digit, or 0xff.
func lowerHex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	default:
		return 0xff
	}
}

// IsZero reports whether id names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the canonical text form.
func (id ID) String() string {
	text, _ := id.AppendText(make([]byte, 0, 36))
	return string(text)
}

// AppendText appends the canonical text form to b. The error is always nil.
func (id ID) AppendText(b []byte) ([]byte, error) {
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b, nil
}

// MarshalText implements [encoding.TextMarshaler]. The error is always nil.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(make([]byte, 0, 36)) }

// UnmarshalText implements [encoding.TextUnmarshaler]; its errors are those of [ParseID].
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
