package pages

import (
	"math"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// RoleName returns what to call a role. Apps have roles of their own, which are called what they are.
func (v view) RoleName(role string) (string, error) {
	switch role {
	case "admin":
		return v.Text("role.admin")
	case "user":
		return v.Text("role.user")
	case "":
		return v.Text("role.none")
	default:
		return role, nil
	}
}

// actionText begins the keys of the texts that say what was done.
const actionText = "action."

// ActionName returns what to call what was done. What the catalogue does not know yet is called what it is.
func (v view) ActionName(action handstamp.Action) string {
	text, err := v.Text(actionText + string(action))
	if err != nil {
		return string(action)
	}
	return text
}

// called returns what to call a user in a list: some have neither name nor email.
func called(u account.User) string {
	if name := u.DisplayName(); name != "" {
		return name
	}
	return u.ID.String()
}

// initials returns one or two letters that stand for a user.
func initials(u account.User) string {
	letters := ""
	for _, part := range []*string{u.FirstName, u.LastName} {
		if part != nil {
			letters += firstLetter(*part)
		}
	}
	if letters == "" {
		letters = firstLetter(called(u))
	}
	return letters
}

func firstLetter(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(r))
}

// moment returns a time as it is read where no script runs: the same in every language.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func mebibyte(bytes uint64) int { return whole((bytes + 1<<19) >> 20) }

// whole returns a counter as numbers are given to texts.
func whole(n uint64) int { return int(min(n, math.MaxInt)) }
