package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/handstamp/handstamp"
)

// A Sum is the HMAC-SHA256 of an entry and of the sum before it.
type Sum [sha256.Size]byte

// MarshalText implements [encoding.TextMarshaler].
func (s Sum) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Sum) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(s)) {
		return fmt.Errorf("a sum has %d hexadecimal digits", hex.EncodedLen(len(s)))
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// A Chain makes the sums.
type Chain struct{ key []byte }

// NewChain returns the Chain of a key, which should have 32 random bytes.
func NewChain(key []byte) Chain { return Chain{key} }

// Link returns event as the entry behind a place.
func (c Chain) Link(behind Mark, event handstamp.Event) Entry {
	e := Entry{Number: behind.Number + 1, Event: event}
	e.Sum = c.sum(behind.Sum, e)
	return e
}

func (c Chain) sum(before Sum, e Entry) Sum {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(before[:])
	writeEntry(mac, e)
	return Sum(mac.Sum(nil))
}

// writeEntry writes what a sum covers: all that a store keeps, in one spelling. JSON keeps two
// neighbouring texts apart, whatever they contain.
func writeEntry(w io.Writer, e Entry) {
	address := ""
	if e.Address.IsValid() {
		address = e.Address.String()
	}
	// Nothing of this can fail to be JSON, and a hash takes all that is written to it.
	_ = json.NewEncoder(w).Encode([]any{
		e.Number, e.At.UnixMicro(), e.Action, e.Outcome, e.Reason,
		e.Actor, e.ActorID, e.UserID, e.SessionID, address, e.Device, e.Trace,
	})
}
