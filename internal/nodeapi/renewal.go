package nodeapi

import (
	"encoding/hex"
	"errors"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// A Hash is a [session.Hash] as text: 64 hexadecimal digits in lower case. The zero Hash is left out.
type Hash session.Hash

var errHash = errors.New("not 64 hexadecimal digits in lower case")

// IsZero reports whether h names no session.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText implements [encoding.TextMarshaler].
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return errHash
	}
	for _, c := range text {
		if c >= 'A' && c <= 'F' { // two spellings would be two keys to whoever compares text
			return errHash
		}
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return errHash
	}
	return nil
}

// A Renewal is how the node of a service asks for its lease.
type Renewal struct {
	Node    string           `json:"node"` // random, and another one in each process
	Name    string           `json:"name,omitempty"`
	LeaseMS int64            `json:"lease_ms"`
	Applied map[string]int64 `json:"applied,omitempty"` // by feed: every change up to there is applied
}

// News is what a service learns by a Renewal.
type News struct {
	Feed        string   `json:"feed"`        // of the server that answers: its changes are counted by itself
	Incarnation string   `json:"incarnation"` // of the store behind it
	Head        int64    `json:"head"`        // the position of the last change
	Gap         bool     `json:"gap"`         // the changes behind what is applied are not known, or not any more
	Changes     []Change `json:"changes"`     // else they are these
	GoodMS      int64    `json:"good_ms"`     // how long the service may answer from memory, from the time it asked
	Strict      bool     `json:"strict"`      // revokes wait until the service says what it has applied
}

// A Release is how a node says that it trusts nothing any more.
type Release struct {
	Node string `json:"node"`
}

// A Change is a [session.Change]; one without any member says that anything may have changed.
type Change struct {
	Hash   Hash         `json:"hash,omitzero"`
	Lives  bool         `json:"lives,omitempty"` // the session with this hash did not end
	UserID handstamp.ID `json:"user_id,omitzero"`
}

// ChangesOf returns changes as they are sent.
func ChangesOf(changes []session.Change) []Change {
	sent := make([]Change, 0, len(changes))
	for _, c := range changes {
		sent = append(sent, Change{Hash(c.Hash), c.Lives, c.UserID})
	}
	return sent
}

// ReadChanges is the way back.
func ReadChanges(sent []Change) []session.Change {
	changes := make([]session.Change, 0, len(sent))
	for _, c := range sent {
		changes = append(changes, session.Change{Hash: session.Hash(c.Hash), Lives: c.Lives, UserID: c.UserID})
	}
	return changes
}

// A Heartbeat says that the stream is alive, and nothing about for how long anything may be trusted.
type Heartbeat struct {
	Feed string `json:"feed"`
	Head int64  `json:"head"`
}
