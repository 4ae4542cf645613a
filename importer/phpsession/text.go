package phpsession

import "strings"

// Text returns the string or the integer, in decimal, that is found under key; it is false for any
// other value, for an empty string, and where there is none. A dot in key leads into an array or an
// object: user.id is $_SESSION["user"]["id"] or $_SESSION["user"]->id, unless there is a
// $_SESSION["user.id"].
func (s Session) Text(key string) (text string, ok bool) {
	found := find(s.entries, key)
	if found == nil || found.kind != kindString && found.kind != kindInt {
		return "", false
	}
	return found.text, found.text != ""
}

func find(members []member, key string) *value {
	for _, m := range members {
		if m.key == key {
			return m.value
		}
	}
	head, tail, ok := strings.Cut(key, ".")
	if !ok {
		return nil
	}
	for _, m := range members {
		if m.key == head {
			return find(m.value.members, tail)
		}
	}
	return nil
}
