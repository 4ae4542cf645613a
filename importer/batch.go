// Package importer reads what other systems left behind and turns it into users and sessions
// that a store can take in one transaction. It writes nothing itself.
//
// There is one function for each source, and each is all or nothing: with an error comes an
// empty [Batch]. What the founding API left in a way that does not fit is changed or skipped, and a
// [Note] says so; a file that cannot be understood as a whole is an error, as half of it may be
// missing. A [UserList], which was written for us, has to be right in every line.
//
// Importing the same files twice gives the same Batch, so that whoever applies one can pass over
// what is there already.
package importer

import (
	"errors"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// What is wrong with a source as a whole. Every other error means that it could not be read.
var (
	// ErrNothingThere means that a folder has none of the files that were looked for, or a list
	// nobody in it.
	ErrNothingThere = errors.New("nothing to import")
	// ErrFormat means that a file is not what it should be; the message says where and why.
	ErrFormat = errors.New("wrong format")
	// ErrTooLarge means that a file is larger than an import reads.
	ErrTooLarge = errors.New("file too large")
)

// A Batch is what an import found.
type Batch struct {
	// Users are in the order of the file and have distinct IDs. The zero ID, which any number of
	// them may have, stands for one that is still to be made. EmailKey is empty: whoever stores
	// them sets it, and decides about emails that appear twice.
	Users []account.User

	// EmailsOnce makes a user present whose email another one has, instead of one who is taken
	// without being found by it. Users without an ID are known again by their email then.
	EmailsOnce bool

	// DryRun asks whoever stores the Batch to find out what would become of it, and to leave
	// everything as it is.
	DryRun bool

	// Sessions are in the order of the file and have distinct hashes and IDs. Their users may
	// be neither in Users nor in the store; those are to be passed over.
	Sessions []session.Record

	// Claims are sessions of which the source only says whose they are.
	Claims []Claim

	// Notes say what was skipped or changed: first of users, then of sessions, in the order
	// of the files.
	Notes []Note
}

// A Claim is a session whose user is found when it is imported: the session of somebody who is not
// there, or is disabled, is skipped.
type Claim struct {
	// Record is the session, but for UserID and Role, which are those of the user.
	Record session.Record

	// Who is the ID or the email of the user.
	Who string

	// Key is what the session is known again by in a later import, whatever its token then.
	Key session.Hash
}

// A Note says what was skipped or changed, and why. It holds no secret: neither a password hash
// nor a session token.
type Note struct {
	Kind string `json:"kind"` // "user" or "session"

	// Key is what the file calls it, printable or not. A session that goes by its own token
	// there is called by its ID.
	Key string `json:"key"`

	// Count is how many it is about, where they are not told one by one; Key is empty then.
	Count int `json:"count,omitzero"`

	Skipped bool   `json:"skipped"` // it is not in the Batch
	Reason  string `json:"reason"`
}

// The kinds of Note.
const (
	kindUser    = "user"
	kindSession = "session"
)
