package texts

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Language is what the pages say in one language. Its methods are for templates: an error is a
// mistake in the program, never in what an operator has set.
type Language struct {
	tag, name string
	isOne     func(n int) bool // whether n takes the text for one
	separator string           // of thousands
	grouped   int              // the least number that has one

	texts catalogue
	names map[string][]string // what goes into each text of the original
}

// languages are those that there are, English first. Numbers are written as the Common Locale Data
// Repository says (https://cldr.unicode.org).
var languages = []Language{
	{tag: "en", name: "English", isOne: isOne, separator: ",", grouped: 1000},
	{tag: "fr", name: "Français", isOne: isNoneOrOne, separator: "\u202f", grouped: 1000},
	{tag: "de", name: "Deutsch", isOne: isOne, separator: ".", grouped: 1000},
	{tag: "es", name: "Español", isOne: isOne, separator: ".", grouped: 10_000},
}

func isOne(n int) bool       { return n == 1 }
func isNoneOrOne(n int) bool { return n == 0 || n == 1 }

// Tag returns how the language is called in HTML and HTTP (BCP 47), such as "fr".
func (l *Language) Tag() string { return l.tag }

// Name returns how the language calls itself, such as "Français".
func (l *Language) Name() string { return l.name }

// Text returns the text for key. args are the names in it and their values, in turn: a value is a
// string, or an int, which is written as [Language.Number] does. Each name of the original has to be
// there, and no other.
func (l *Language) Text(key string, args ...any) (string, error) {
	names, known := l.names[key]
	if !known {
		return "", fmt.Errorf("texts: there is no text %q", key)
	}
	values := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		switch value := args[i+1].(type) {
		case string:
			values[name] = value
		case int:
			values[name] = l.Number(value)
		default:
			return "", fmt.Errorf("texts: %q: {%s} is a %T, neither string nor int", key, name, value)
		}
	}
	if got := slices.Sorted(maps.Keys(values)); len(args) != 2*len(names) || !slices.Equal(got, names) {
		return "", fmt.Errorf("texts: %q takes values for %q, and got some for %q", key, names, got)
	}
	return l.texts[key].with(values), nil
}

// Count returns the text for n: that of key with ".one" or ".other" behind it. n goes in as
// {count}; for args see Text.
func (l *Language) Count(key string, n int, args ...any) (string, error) {
	form := ".other"
	if l.isOne(n) {
		form = ".one"
	}
	return l.Text(key+form, slices.Concat([]any{"count", n}, args)...)
}

// Number returns n in digits, with what the language puts between thousands.
func (l *Language) Number(n int) string {
	digits := strconv.Itoa(n)
	if -l.grouped < n && n < l.grouped {
		return digits
	}
	sign, digits := strings.TrimRight(digits, "0123456789"), strings.TrimLeft(digits, "-")
	first := (len(digits)-1)%3 + 1
	var b strings.Builder
	b.WriteString(sign + digits[:first])
	for i := first; i < len(digits); i += 3 {
		b.WriteString(l.separator + digits[i:i+3])
	}
	return b.String()
}

// units are what durations are counted in.
var units = []struct {
	key    string
	length time.Duration
}{
	{"duration.days", 24 * time.Hour},
	{"duration.hours", time.Hour},
	{"duration.minutes", time.Minute},
	{"duration.seconds", time.Second},
}

// Duration returns d in words, in the largest unit of which d is one or at least two, such as "90
// minutes". It is rounded up: who waits so long has waited long enough.
func (l *Language) Duration(d time.Duration) (string, error) {
	unit := units[len(units)-1]
	for _, u := range units {
		if d == u.length || d >= 2*u.length {
			unit = u
			break
		}
	}
	return l.Count(unit.key, int((d+unit.length-1)/unit.length))
}
