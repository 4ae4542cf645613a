package importer

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

const notAnObject = "not an object"

// flaskObject returns the members of a JSON object; where a name comes twice, the last. A map
// and not a struct, whose fields would match in any letter case.
func flaskObject(value json.RawMessage) (members map[string]json.RawMessage, ok bool) {
	if len(value) == 0 || value[0] != '{' || json.Unmarshal(value, &members) != nil {
		return nil, false
	}
	return members, true
}

// isNull reports whether a member is null or not there.
func isNull(value json.RawMessage) bool { return len(value) == 0 || value[0] == 'n' }

// flaskString returns a member that is a string.
func flaskString(value json.RawMessage) (s string, ok bool) {
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", false
	}
	return s, true
}

// flaskText returns a member that is a string as a data base can keep it. It is not whole where
// it held half a surrogate pair, which Python keeps and UTF-8 cannot, or U+0000, which PostgreSQL
// refuses; each becomes U+FFFD.
func flaskText(value json.RawMessage) (text string, whole bool) {
	const replacement = string(utf8.RuneError)
	text, _ = flaskString(value)
	zeroes := strings.Count(text, "\x00")
	meant := bytes.Count(value, []byte(replacement)) + bytes.Count(bytes.ToLower(value), []byte(`\ufffd`))
	whole = zeroes == 0 && strings.Count(text, replacement) <= meant
	return strings.ReplaceAll(text, "\x00", replacement), whole
}

// compact returns the JSON form of a member without blanks.
func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return string(value)
	}
	return b.String()
}

// flaskTime reads a time as the founding API writes it ("2017-10-16T04:23:04") or shows it (with
// a blank), or with a fraction; all are UTC. It returns now where there is none, and where it
// cannot be read also the reason, to be put behind the member's name.
func flaskTime(value json.RawMessage, now time.Time) (t time.Time, reason string) {
	if isNull(value) {
		return now, ""
	}
	const seconds = len(time.DateTime)
	if s, ok := flaskString(value); ok && len(s) >= seconds && isFraction(s[seconds:]) {
		s = strings.Replace(s, "T", " ", 1)
		// Parse reads a fraction behind the seconds by itself, and more blanks than there may be.
		t, err := time.Parse(time.DateTime, s)
		if err == nil && t.Year() > 0 && t.Format(time.DateTime) == s[:seconds] {
			return t.Truncate(time.Microsecond), ""
		}
	}
	return now, " is not a time of the founding form; now was taken"
}

// isFraction reports whether s is empty, or a point and digits.
func isFraction(s string) bool {
	digits, ok := strings.CutPrefix(s, ".")
	return s == "" || ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
