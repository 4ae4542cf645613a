// Package importer reads what other systems left behind and turns it into users and sessions
// that a store can take in one transaction. It writes nothing itself.
//
// There is one function for each source, and each is all or nothing: with an error comes an
// empty [Batch]. What a source says in a way that does not fit is changed or skipped, and a
// [Note] says so; a file that cannot be understood as a whole is an error, as half of it may be
// missing.
//
// Importing the same files twice gives the same IDs, so that whoever applies a Batch can pass
// over what is there already.
package importer

import (
	"errors"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// What is wrong with a source as a whole. Every other error means that it could not be read.
var (
	// ErrNothingThere means that a folder has none of the files that were looked for.
	ErrNothingThere = errors.New("nothing to import")
	// ErrFormat means that a file is not what it should be; the message says where and why.
	ErrFormat = errors.New("wrong format")
	// ErrTooLarge means that a file is larger than an import reads.
	ErrTooLarge = errors.New("file too large")
)

// A Batch is what an import found.
type Batch struct {
	// Users are in the order of the file and have distinct IDs that are not zero. EmailKey is
	// empty: whoever stores them sets it, and decides about emails that appear twice.
	Users []account.User

	// Sessions are in the order of the file and have distinct hashes and IDs. Their users may
	// be neither in Users nor in the store; those are to be passed over.
	Sessions []session.Record

	// Notes say what was skipped or changed: first of users, then of sessions, in the order
	// of the files.
	Notes []Note
}

// A Note says what was skipped or changed, and why. It holds no secret: neither a password hash
// nor a session token.
type Note struct {
	Kind string `json:"kind"` // "user" or "session"

	// Key is what the file calls it, printable or not. A session that goes by its own token
	// there is called by its ID.
	Key string `json:"key"`

	Skipped bool   `json:"skipped"` // it is not in the Batch
	Reason  string `json:"reason"`
}

// The kinds of Note.
const (
	kindUser    = "user"
	kindSession = "session"
)
