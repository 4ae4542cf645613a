package texts

import (
	"errors"
	"slices"
	"strings"
)

// A text is literal parts and names, which are the parts at odd places.
type text []string

// parse reads a text. A brace is always that of a name.
func parse(s string) (text, error) {
	if strings.TrimSpace(s) == "" {
		return nil, errors.New("the text is empty")
	}
	var t text
	for {
		literal, rest, more := strings.Cut(s, "{")
		if strings.Contains(literal, "}") {
			return nil, errors.New("there is a } without {")
		}
		t = append(t, literal)
		if !more {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return nil, errors.New("a { begins no name: want one in small letters, and }")
		}
		t = append(t, name)
		s = after
	}
}

// names returns the names in t, sorted, each once.
func (t text) names() []string {
	var names []string
	for i := 1; i < len(t); i += 2 {
		names = append(names, t[i])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// with returns t with values for its names.
func (t text) with(values map[string]string) string {
	var b strings.Builder
	for i, part := range t {
		if i%2 == 1 {
			part = values[part]
		}
		b.WriteString(part)
	}
	return b.String()
}
