package oldcookie_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/session/oldcookie"
)

func TestTokenOf(t *testing.T) {
	const (
		hex = "0123456789abcdef0123456789abcdef"
		v   = "3fl06lbf8aamkq8p0cug1k4uj7"
		all = "aB-,9zQ06lbf8aamkq8p0c"
	)
	seen := make(map[string]bool)
	for name, row := range map[string]struct {
		id   string
		good bool
	}{
		"PHP's own default":     {hex, true},
		"Debian's":              {v, true},
		"6 bits, 22 characters": {all, true},
		"5 bits, 22 characters": {v[:22], true},
		"the longest":           {strings.Repeat(hex, 8), true},
		"longer":                {strings.Repeat(hex, 8) + "a", false},
		"21 characters":         {all[:21], false},
		"4 bits, 25 characters": {hex[:25], true},
		"4 bits, 24 characters": {hex[:24], false},
		"of one character":      {strings.Repeat("a", 64), false},
		"of seven characters":   {strings.Repeat("zyxwvut", 8), false},
		"of eight":              {strings.Repeat("zyxwvuts", 8), true},
		"empty":                 {"", false},
		"with a dot":            {"." + hex, false},
		"with a NUL":            {"\x00" + hex, false},
		"with an umlaut":        {"ä" + hex, false},
		"our own":               {"Zm9v_Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9", false},
	} {
		token, err := oldcookie.TokenOf(row.id)
		if (err == nil) != row.good || err != nil && (!errors.Is(err, oldcookie.ErrWeak) || token != "") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && row.id != "" && strings.Contains(err.Error(), row.id) {
			t.Errorf("%s: the message has the id in it", name)
		}
		if row.good && (seen[string(token)] || !strings.Contains(string(token), ";")) {
			t.Errorf("%s: not a token of its own, or one that a cookie can carry", name)
		}
		seen[string(token)] = true
	}
}
