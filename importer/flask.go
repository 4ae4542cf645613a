package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/handstamp/handstamp"
)

// The founding API keeps each class in one file in the folder that it runs in.
const (
	flaskUserFile    = ".db_User.json"
	flaskSessionFile = ".db_UserSession.json"
)

// Flask reads what the founding Flask API left in its folder: .db_User.json and, if it kept
// sessions, .db_UserSession.json. path is that folder, or one such file under any name. now
// stands in for times that the files do not tell, and no session began after it.
//
// A user whose key is a UUID keeps it as ID; any other key gets the ID that [handstamp.IDOf]
// makes from "flask:" and the key. Sessions of users that are not in the files are kept, with
// the ID that such a user has: it may have been imported before.
//
// Its errors wrap [ErrNothingThere], [ErrFormat] or [ErrTooLarge], or tell why a file could not
// be read.
func Flask(path string, now time.Time) (Batch, error) {
	now = now.UTC().Truncate(time.Microsecond)
	info, err := os.Stat(path)
	if err != nil {
		return Batch{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	if info.IsDir() {
		return flaskFolder(path, now)
	}

	parse := parseFlaskFile
	if filepath.Base(path) == flaskSessionFile {
		parse = parseFlaskSessionFile
	}
	var batch Batch
	err = withFile(path, func(f *os.File) (err error) {
		batch, err = parse(f, now)
		return err
	})
	return batch, err
}

func flaskFolder(folder string, now time.Time) (Batch, error) {
	var users flaskUsers
	noUsers := withFile(filepath.Join(folder, flaskUserFile), func(f *os.File) (err error) {
		users, err = parseFlaskUsers(f, now)
		return err
	})
	if noUsers != nil && !errors.Is(noUsers, fs.ErrNotExist) {
		return Batch{}, noUsers
	}

	batch := Batch{Users: users.users, Notes: users.notes}
	noSessions := withFile(filepath.Join(folder, flaskSessionFile), func(f *os.File) error {
		sessions, err := parseFlaskSessions(f, now, users.aliases)
		batch.Sessions = sessions.records
		batch.Notes = append(batch.Notes, sessions.notes...)
		return err
	})
	if noSessions != nil && !errors.Is(noSessions, fs.ErrNotExist) {
		return Batch{}, noSessions
	}
	if noUsers != nil && noSessions != nil {
		return Batch{}, fmt.Errorf("read %s: %w: it has neither %s nor %s", folder, ErrNothingThere, flaskUserFile, flaskSessionFile)
	}
	return batch, nil
}

// withFile calls read with the file at path, and says which file it was that failed.
func withFile(path string, read func(f *os.File) error) error {
	f, err := open(path)
	if err == nil {
		err = read(f)
		_ = f.Close()
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, cause(err))
	}
	return nil
}

// parseFlaskFile reads a file of users or of sessions, whatever is in it.
func parseFlaskFile(r io.ReadSeeker, now time.Time) (Batch, error) {
	sessions, err := holdsFlaskSessions(r)
	if err != nil {
		return Batch{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Batch{}, err
	}
	if sessions {
		return parseFlaskSessionFile(r, now)
	}
	users, err := parseFlaskUsers(r, now)
	return Batch{Users: users.users, Notes: users.notes}, err
}

func parseFlaskSessionFile(r io.ReadSeeker, now time.Time) (Batch, error) {
	sessions, err := parseFlaskSessions(r, now, nil)
	return Batch{Sessions: sessions.records, Notes: sessions.notes}, err
}

// errEnough ends a reading that has seen what it wanted.
var errEnough = errors.New("enough")

// holdsFlaskSessions reports whether the objects in r are sessions. The first that tells
// decides; some implementations wrote a user's members into sessions too, so session_id counts
// first.
func holdsFlaskSessions(r io.Reader) (sessions bool, err error) {
	err = eachMember(r, func(_ string, value json.RawMessage) error {
		object, _ := flaskObject(value)
		if _, sessions = object["session_id"]; sessions {
			return errEnough
		}
		for _, name := range []string{"email", "_password"} {
			if _, ok := object[name]; ok {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return sessions, err
}

// flaskUserID returns the ID of the user under key, and whether that is the key itself.
func flaskUserID(key string) (id handstamp.ID, same bool) { return flaskID("flask:", key) }

func flaskID(prefix, key string) (id handstamp.ID, same bool) {
	if id, err := handstamp.ParseID(key); err == nil && !id.IsZero() {
		return id, true
	}
	return handstamp.IDOf(prefix + key), false
}

// A pyDict keeps its entries as Python's dict does: a key that comes again replaces the value
// and leaves it in its place.
type pyDict[T any] struct {
	entries []T
	at      map[string]int
}

// put reports whether it replaced an entry.
func (d *pyDict[T]) put(key string, entry T) (again bool) {
	i, again := d.at[key]
	if again {
		d.entries[i] = entry
		return true
	}
	if d.at == nil {
		d.at = make(map[string]int)
	}
	d.at[key] = len(d.entries)
	d.entries = append(d.entries, entry)
	return false
}
