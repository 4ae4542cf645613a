package importer

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// flaskUsers is what a .db_User.json holds.
type flaskUsers struct {
	users []account.User
	notes []Note

	// aliases are the ids that users gave themselves and that are nobody's key; the zero ID
	// stands where several users gave the same.
	aliases map[string]handstamp.ID
}

// A flaskUser is one entry of the file.
type flaskUser struct {
	key   string
	alias string // its member id, where that differs from the key
	user  account.User
	notes []Note
	skip  bool
}

const seenBefore = "the key is there more than once; the last entry counts, as for the founding server"

func parseFlaskUsers(r io.Reader, now time.Time) (flaskUsers, error) {
	var dict pyDict[*flaskUser]
	err := eachMember(r, func(key string, value json.RawMessage) error {
		entry := readFlaskUser(key, value, now)
		if dict.put(key, entry) {
			entry.note(seenBefore)
		}
		return nil
	})
	if err != nil {
		return flaskUsers{}, err
	}

	all := flaskUsers{aliases: make(map[string]handstamp.ID)}
	taken := make(map[handstamp.ID]bool)
	for _, entry := range dict.entries {
		if !entry.skip && taken[entry.user.ID] {
			entry.drop("another user before it has the same id")
		}
		all.notes = append(all.notes, entry.notes...)
		if entry.skip {
			continue
		}
		taken[entry.user.ID] = true
		all.users = append(all.users, entry.user)
		if _, isKey := dict.at[entry.alias]; entry.alias == "" || isKey {
			continue
		}
		id := entry.user.ID
		if _, ambiguous := all.aliases[entry.alias]; ambiguous {
			id = handstamp.ID{}
		}
		all.aliases[entry.alias] = id
	}
	return all, nil
}

func readFlaskUser(key string, value json.RawMessage, now time.Time) *flaskUser {
	entry := &flaskUser{key: key}
	object, ok := flaskObject(value)
	if !ok {
		entry.drop(notAnObject)
		return entry
	}
	user := &entry.user
	var same bool
	if user.ID, same = flaskUserID(key); !same {
		entry.note(fmt.Sprintf("the key is not a UUID in lower case; the id is now %s", user.ID))
	}
	entry.alias = entry.readAlias(object["id"])
	user.Email = entry.readEmail(object["email"])
	user.FirstName = entry.readName("first_name", object["first_name"])
	user.LastName = entry.readName("last_name", object["last_name"])
	user.PasswordHash = entry.readPassword(object["_password"])
	for _, member := range []struct {
		name string
		to   *time.Time
	}{{"created_at", &user.CreatedAt}, {"updated_at", &user.UpdatedAt}} {
		var reason string
		if *member.to, reason = flaskTime(object[member.name], now); reason != "" {
			entry.note(member.name + reason)
		}
	}
	return entry
}

func (e *flaskUser) note(reason string) {
	e.notes = append(e.notes, Note{Kind: kindUser, Key: e.key, Reason: reason})
}

func (e *flaskUser) drop(reason string) {
	e.skip = true
	e.notes = append(e.notes, Note{Kind: kindUser, Key: e.key, Skipped: true, Reason: reason})
}

func (e *flaskUser) readAlias(value json.RawMessage) string {
	if isNull(value) {
		return ""
	}
	id, ok := flaskString(value)
	if ok && id == e.key {
		return ""
	}
	e.note("the member id is not the key; the key was taken, as the founding API found the user under the key")
	return id
}

func (e *flaskUser) readEmail(value json.RawMessage) string {
	if isNull(value) {
		return ""
	}
	if _, ok := flaskString(value); ok {
		return e.readText("email", value)
	}
	if value[0] == '{' || value[0] == '[' {
		e.note("email is not text; the user has none now")
		return ""
	}
	e.note("email is not text; its JSON form was taken")
	return string(value)
}

func (e *flaskUser) readName(member string, value json.RawMessage) *string {
	if isNull(value) {
		return nil
	}
	if _, ok := flaskString(value); ok {
		return new(e.readText(member, value))
	}
	e.note(member + " is not text; its JSON form was taken")
	return new(compact(value))
}

func (e *flaskUser) readText(member string, value json.RawMessage) string {
	text, whole := flaskText(value)
	if !whole {
		e.note(member + " has characters that no data base keeps; each is U+FFFD now")
	}
	return text
}

// readPassword takes what the founding API made of a password: its unsalted SHA-256 in
// hexadecimal digits.
func (e *flaskUser) readPassword(value json.RawMessage) string {
	if isNull(value) {
		return ""
	}
	text, _ := flaskString(value)
	if _, err := hex.DecodeString(text); err != nil || len(text) != 64 {
		e.note("the password hash is not of the founding form; the user cannot sign in until a password is set")
		return ""
	}
	return strings.ToLower(text)
}
