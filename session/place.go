package session

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/handstamp/handstamp"
)

// A Place is where a session stands among those of everybody, of which the newest comes first. It
// stays good when the session has ended. The zero Place is before all of them. As a text it is for
// clients to hand back, and not to reckon with.
type Place struct {
	BeganAt time.Time
	ID      handstamp.ID // decides between sessions that began at the same time: the greatest first
}

// PlaceOf returns where s stands.
func PlaceOf(s Session) Place { return Place{BeganAt: s.BeganAt, ID: s.ID} }

// IsZero reports whether p is the zero Place.
func (p Place) IsZero() bool { return p == Place{} }

// placeSize is how many bytes a Place has: of its time in Unix microseconds, and of the ID.
const placeSize = 8 + len(handstamp.ID{})

// errPlace means that a text is not that of a Place.
var errPlace = errors.New("not a place in the list of sessions")

// MarshalText implements [encoding.TextMarshaler]. The text of the zero Place is empty.
func (p Place) MarshalText() ([]byte, error) {
	if p.IsZero() {
		return nil, nil
	}
	bytes := binary.BigEndian.AppendUint64(make([]byte, 0, placeSize), uint64(p.BeganAt.UnixMicro()))
	return base64.RawURLEncoding.AppendEncode(nil, append(bytes, p.ID[:]...)), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *Place) UnmarshalText(text []byte) error {
	*p = Place{}
	if len(text) == 0 {
		return nil
	}
	bytes, err := base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	if err != nil || len(bytes) != placeSize {
		return errPlace
	}
	p.BeganAt = time.UnixMicro(int64(binary.BigEndian.Uint64(bytes))).UTC()
	p.ID = handstamp.ID(bytes[8:])
	return nil
}
