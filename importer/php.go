package importer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/importer/phpsession"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/session/oldcookie"
)

// PHPSessions says how to read the sessions that PHP keeps in files: see [PHPSessions.Read].
type PHPSessions struct {
	// UserKey is the entry of $_SESSION that has the ID or the email of whoever is signed in, as
	// [phpsession.Session.Text] finds it.
	UserKey string

	// Handler is session.serialize_handler.
	Handler phpsession.Handler

	// Lifetime is session.gc_maxlifetime: a session ends so long after its last use.
	Lifetime time.Duration

	// KeepIDs leaves the sessions under their old ids until their browsers come, see package
	// [oldcookie]. Otherwise they get tokens at once.
	KeepIDs bool

	// Owner is the number of the user whose files count, where a folder has those of several; -1 is
	// for a folder that should have those of one user only. Those of root, 0, always count.
	Owner int
}

// A NewToken is what a session goes by that was known by an old id.
type NewToken struct {
	SessionID handstamp.ID // the public name
	Old       string       // both are secrets
	New       session.Token
}

// Read reads the files sess_… in a folder, which is session.save_path, and in its sub-directories of
// one character each, into which PHP can be told to spread them. The Batch has what it finds as
// Claims; the list has their new tokens, unless they keep their ids.
//
// A file tells when its session was last used, and not when it began or when a password was proved:
// the session begins with its last use, and its proof is never fresh. Sessions of nobody, those that
// are over, and those with an id that can be guessed are skipped, and so is a session as a whole if
// any of its data cannot be brought over: half of it could say that somebody may do what the other half forbids. A file that
// is being used by PHP is looked at again at the end and then skipped. Notes call a file by its beginning only, as its name
// is its secret.
//
// Its errors wrap [ErrNothingThere], [ErrTooLarge] or [ErrOwners], or tell why the folder could not
// be read.
func (p PHPSessions) Read(folder string, now time.Time) (Batch, []NewToken, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("read %s: %w", folder, cause(err))
	}
	defer root.Close()
	files, err := listPHP(root)
	if err == nil {
		files, err = ofOwner(files, p.Owner)
	}
	if err != nil {
		return Batch{}, nil, fmt.Errorf("read %s: %w", folder, err)
	}
	r := phpReading{PHPSessions: p, root: root, now: now.UTC().Truncate(time.Microsecond)}
	var busy []phpFile
	for _, file := range files {
		if err := r.read(file); errors.Is(err, errInUse) {
			busy = append(busy, file)
		} else {
			r.account(file, err)
		}
	}
	for _, file := range busy {
		r.account(file, r.read(file))
	}
	return Batch{Claims: r.claims, Notes: r.notes()}, r.tokens, nil
}

// phpReading is a reading under way.
type phpReading struct {
	PHPSessions
	root   *os.Root
	now    time.Time
	claims []Claim
	tokens []NewToken
	skips  skips
}

// Why a file is skipped of which there may be thousands.
var (
	errNobody  = errors.New("nobody is signed in")
	errExpired = errors.New("over")
	errInUse   = errors.New("PHP is using it; import again to take it over")
)

// read takes the session in a file, or returns why not.
func (r *phpReading) read(file phpFile) error {
	text, used, err := r.load(file)
	if err != nil {
		return err
	}
	if used.After(r.now) { // a clock was set back
		used = r.now
	}
	if r.now.Sub(used) > r.Lifetime {
		return errExpired
	}
	found, err := phpsession.Parse(text, r.Handler)
	if err != nil {
		return err
	}
	who, ok := found.Text(r.UserKey)
	if !ok || !utf8.ValidString(who) {
		return errNobody
	}
	id := strings.TrimPrefix(path.Base(file.name), phpPrefix)
	old, err := oldcookie.TokenOf(id)
	if err != nil {
		return err
	}
	data, err := found.Values()
	if err != nil {
		return err
	}
	for key := range data {
		if key == "" || strings.ContainsFunc(key, unicode.IsControl) {
			return fmt.Errorf("%w: a name in it that is no text", ErrFormat)
		}
	}
	s := session.Session{ID: handstamp.IDOf("php-session:" + id), BeganAt: used, SeenAt: used}
	token := old
	if !r.KeepIDs {
		token = session.RandomToken()
	}
	record, err := session.NewRecord(s, token, data)
	if err != nil {
		return err
	}
	if !r.KeepIDs {
		r.tokens = append(r.tokens, NewToken{s.ID, id, token})
	}
	r.claims = append(r.claims, Claim{Record: record, Who: who, Key: old.Hash()})
	return nil
}

// load reads a file and when it was last changed, unless PHP is using it.
func (r *phpReading) load(file phpFile) (text []byte, used time.Time, err error) {
	f, err := openIn(r.root, file.name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	if !lockShared(f) {
		return nil, time.Time{}, errInUse
	}
	info, err := f.Stat() // now that nobody writes
	if err != nil {
		return nil, time.Time{}, cause(err)
	}
	if ownerOf(info) != file.owner {
		return nil, time.Time{}, fmt.Errorf("%w: it has changed hands", ErrFormat)
	}
	text, err = io.ReadAll(io.LimitReader(f, phpsession.MaxText+1))
	return text, info.ModTime().UTC().Truncate(time.Microsecond), cause(err)
}
