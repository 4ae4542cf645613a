package importer

import (
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// members are what a user in a list may have.
var members = []string{
	"id", "email", "first_name", "last_name", "role", "disabled", "created_at", "updated_at", "password_hash",
}

var memberList = strings.Join(members, ", ")

// canonical returns the member that name stands for, or nothing.
func canonical(name string) string {
	if name == "hash" {
		return "password_hash"
	}
	for _, member := range members {
		if name == member {
			return member
		}
	}
	return ""
}

const bothHashes = "password_hash and hash are the same, and both are there"

// fields are the members that a user in a list has.
type fields map[string]string

// put reports whether the member was not there yet.
func (f fields) put(member, value string) bool {
	_, again := f[member]
	f[member] = value
	return !again
}

// optional returns a member, or nil if it is not there.
func (f fields) optional(member string) *string {
	if value, ok := f[member]; ok {
		return &value
	}
	return nil
}

// user takes a user, or says what is wrong with it.
func (d *reading) user(line int, f fields) {
	before := d.problems.Count
	u := account.User{
		Email:        f["email"],
		FirstName:    f.optional("first_name"),
		LastName:     f.optional("last_name"),
		Role:         f["role"],
		PasswordHash: f["password_hash"],
	}
	if u.Role == "" {
		u.Role = d.list.Role
	}
	for _, member := range members {
		if strings.ContainsRune(f[member], 0) {
			d.problems.add(line, "%s has the character U+0000, which no database keeps", member)
			return
		}
	}
	d.identify(line, f, &u)
	d.date(line, f, &u)
	if u.PasswordHash != "" {
		if d.list.KnownHash == nil {
			d.problems.add(line, "password hashes are not taken")
		} else if err := d.list.KnownHash(u.PasswordHash); err != nil {
			d.problems.add(line, "password_hash: %v", err)
		}
	}
	switch f["disabled"] {
	case "", "false", "f", "0":
	case "true", "t", "1":
		u.Disabled = true
	default:
		d.problems.add(line, "disabled is neither true nor false")
	}
	if d.problems.Count == before {
		d.users = append(d.users, u)
	}
}

// identify reads what must be nobody else's.
func (d *reading) identify(line int, f fields, u *account.User) {
	if u.Email == "" {
		d.problems.add(line, "no email")
	} else if key, err := account.EmailKey(u.Email); err != nil {
		d.problems.add(line, "email: %v", err)
	} else if first, again := d.emails[key]; again {
		d.problems.add(line, "the email of line %d again", first)
	} else {
		d.emails[key] = line
	}

	text, given := f["id"]
	if !given {
		return
	}
	// Some databases write a UUID in capitals.
	id, err := handstamp.ParseID(strings.ToLower(text))
	if err != nil || id.IsZero() {
		d.problems.add(line, "the id is not a UUID; leave ids out that are none, and new ones are made")
		return
	}
	if first, again := d.ids[id]; again {
		d.problems.add(line, "the id of line %d again", first)
		return
	}
	d.ids[id] = line
	u.ID = id
}

// date reads when the user was made and last changed.
func (d *reading) date(line int, f fields, u *account.User) {
	u.CreatedAt = d.now
	for _, member := range []struct {
		name string
		to   *time.Time
	}{{"created_at", &u.CreatedAt}, {"updated_at", &u.UpdatedAt}} {
		text, given := f[member.name]
		if !given {
			continue
		}
		t, ok := parseTime(text)
		if !ok {
			d.problems.add(line, "%s is not a time as 2006-01-02T15:04:05Z", member.name)
		}
		*member.to = t
	}
	if u.UpdatedAt.IsZero() {
		u.UpdatedAt = u.CreatedAt
	}
}

// timeLayouts are RFC 3339, also with a blank in place of the T (section 5.6 allows it), and what
// databases make of that: an offset of hours only, and none at all, which is UTC.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05", "2006-01-02T15:04:05",
}

func parseTime(text string) (t time.Time, ok bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			t = t.UTC().Truncate(time.Microsecond)
			return t, t.Year() >= 1 && t.Year() <= 9999 // as JSON can say again
		}
	}
	return time.Time{}, false
}
