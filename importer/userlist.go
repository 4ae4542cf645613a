package importer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// A Format is one in which a list of users may be written.
type Format string

// The formats of lists. Both are UTF-8, with or without a byte order mark.
const (
	// JSONLines has one JSON object on each line (https://jsonlines.org). Blank lines count for
	// nothing.
	JSONLines Format = "jsonl"
	// CSV is as RFC 4180 has it, with a first line that names the columns, and with commas or
	// semicolons. An empty field is one that is not given.
	CSV Format = "csv"
)

// FormatOf returns the format that the name of a file tells.
func FormatOf(path string) (format Format, ok bool) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".ndjson":
		return JSONLines, true
	case ".csv":
		return CSV, true
	}
	return "", false
}

// A UserList says how to read a list of users that another system has written for us: see
// [UserList.Read].
type UserList struct {
	Format Format

	// Role is that of users for whom the list gives none.
	Role string

	// KnownHash returns an error that says what is wrong, but not the hash, if nobody could
	// ever sign in with this password hash. When nil, no hash is taken.
	KnownHash func(encoded string) error
}

// Read reads users. Each has the members, or columns,
//
//	email          required, and nobody else's in the list, compared as [account.EmailKey] does
//	id             a UUID, kept; one is made where there is none
//	first_name, last_name, role
//	disabled       true or false
//	created_at     RFC 3339; now where it is missing
//	updated_at     RFC 3339; created_at where it is missing
//	password_hash  or just hash; without one nobody can sign in as this user until a password is set
//
// and no others; all but the first may be missing, null or, in CSV, empty. Everything is looked at
// before anything is returned: what is wrong comes as one [*Problems]. A list without users is
// [ErrNothingThere], one that is too large [ErrTooLarge]; other errors are those of r.
//
// The Batch counts users as present whose email somebody has already.
func (l UserList) Read(r io.Reader, now time.Time) (Batch, error) {
	reading := reading{
		list:     l,
		now:      now.UTC().Truncate(time.Microsecond),
		emails:   make(map[string]int),
		ids:      make(map[handstamp.ID]int),
		problems: new(Problems),
	}
	var err error
	switch l.Format {
	case JSONLines:
		err = reading.jsonLines(r)
	case CSV:
		err = reading.csv(r)
	default:
		err = fmt.Errorf("no format %q", l.Format)
	}
	switch {
	case err != nil:
		return Batch{}, err
	case reading.problems.Count > 0:
		return Batch{}, reading.problems
	case len(reading.users) == 0:
		return Batch{}, fmt.Errorf("%w: no users in it", ErrNothingThere)
	}
	return Batch{Users: reading.users, EmailsOnce: true}, nil
}

// ReadFile reads the regular file at path.
func (l UserList) ReadFile(path string, now time.Time) (Batch, error) {
	var batch Batch
	err := withFile(path, func(f *os.File) (err error) {
		batch, err = l.Read(f, now)
		return err
	})
	return batch, err
}

// A reading is a list of users of which a part was read.
type reading struct {
	list     UserList
	now      time.Time
	users    []account.User
	emails   map[string]int // where each was seen first, by line
	ids      map[handstamp.ID]int
	problems *Problems
}

// maxLine is how many bytes one user may take.
const maxLine = 64 << 10

var errLongLine = errors.New("long line")

// A bounded reader ends with [ErrTooLarge] behind left bytes, and with errLongLine when more than
// line of them were read.
type bounded struct {
	r          io.Reader
	left, line int64
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, int64(maxFile))
	}
	if b.line <= 0 {
		return 0, errLongLine
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left, b.line)])
	b.left -= int64(n)
	b.line -= int64(n)
	return n, err
}
