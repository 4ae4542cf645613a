package importer

import (
	"encoding/json"
	"io"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
)

// flaskSessions is what a .db_UserSession.json holds.
type flaskSessions struct {
	records []session.Record
	notes   []Note
}

// A flaskSession is one entry of the file.
type flaskSession struct {
	key     string
	record  session.Record
	reasons []reason
	skip    bool
}

// A reason is a Note before it is known what the key may be shown as.
type reason struct {
	skipped bool
	text    string
}

// parseFlaskSessions reads sessions; aliases are what [parseFlaskUsers] found, if it did.
func parseFlaskSessions(r io.Reader, now time.Time, aliases map[string]handstamp.ID) (flaskSessions, error) {
	var dict pyDict[*flaskSession]
	secrets := make(map[session.Hash]bool) // of every session_id in the file, good or not
	err := eachMember(r, func(key string, value json.RawMessage) error {
		entry := &flaskSession{key: key}
		object, ok := flaskObject(value)
		if ok {
			if token, ok := flaskString(object["session_id"]); ok {
				secrets[hashOf(token)] = true
			}
			entry.read(object, now, aliases)
		} else {
			entry.drop(notAnObject)
		}
		if dict.put(key, entry) {
			entry.note(seenBefore)
		}
		return nil
	})
	if err != nil {
		return flaskSessions{}, err
	}

	var all flaskSessions
	hashes := make(map[session.Hash]bool)
	ids := make(map[handstamp.ID]bool)
	for _, entry := range dict.entries {
		shown := entry.key
		id, _ := flaskID("flask-session:", entry.key)
		if secrets[hashOf(entry.key)] {
			// Lists and logs show a session's ID, and whoever sees it must not have the cookie.
			id = handstamp.IDOf("flask-session:" + entry.key)
			shown = id.String()
		}
		entry.record.ID = id
		switch {
		case entry.skip:
		case hashes[entry.record.Hash]:
			entry.drop("another session before it has the same session_id; that one counts, as for the founding server")
		case ids[id]:
			entry.drop("another session before it has the same id")
		default:
			hashes[entry.record.Hash], ids[id] = true, true
			all.records = append(all.records, entry.record)
		}
		for _, reason := range entry.reasons {
			all.notes = append(all.notes, Note{Kind: kindSession, Key: shown, Skipped: reason.skipped, Reason: reason.text})
		}
	}
	return all, nil
}

func (e *flaskSession) read(object map[string]json.RawMessage, now time.Time, aliases map[string]handstamp.ID) {
	token, ok := flaskString(object["session_id"])
	if id, err := handstamp.ParseID(token); !ok || err != nil || id.IsZero() {
		e.drop("session_id is not a UUID in lower case; ids that could be guessed are not taken over")
		return
	}
	user, _ := flaskString(object["user_id"])
	if user == "" {
		e.drop("user_id does not name a user")
		return
	}
	id, isAlias := aliases[user]
	switch {
	case !isAlias:
		id, _ = flaskUserID(user)
	case id.IsZero():
		e.drop("user_id is the member id of more than one user")
		return
	}

	began, reason := flaskTime(object["created_at"], now)
	if reason != "" {
		e.note("created_at" + reason)
	}
	if began.After(now) {
		e.note("created_at is in the future; the session began now")
		began = now
	}
	r := &e.record
	r.Hash, r.Revision = hashOf(token), 1
	r.UserID = id
	r.BeganAt, r.ProvedAt, r.SeenAt = began, began, began
}

func (e *flaskSession) note(text string) {
	e.reasons = append(e.reasons, reason{text: text})
}

func (e *flaskSession) drop(text string) {
	e.skip = true
	e.reasons = append(e.reasons, reason{skipped: true, text: text})
}

// hashOf returns what a store knows a session by whose token is token.
func hashOf(token string) session.Hash { return session.Token(token).Hash() }
