package clientaddr

import "strings"

// lastComma returns where the last element of a Forwarded line begins, less one: the index of the
// last comma outside of quotes, or -1. It reads from the right and stops there, so that a quote
// that a client left open cannot swallow what a proxy appended.
//
// Inside of quotes a backslash may escape a quote (RFC 9110, section 5.6.4), which cannot be read
// from the right without doubt. No address needs one, so an element with a backslash is refused.
func lastComma(line string) (int, bool) {
	quoted := false
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case '\\':
			return 0, false
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return i, true
			}
		}
	}
	return -1, !quoted
}

// forParameter returns the value of the parameter "for" of one element (RFC 7239, section 4), which
// has to be there exactly once.
func forParameter(element string) (string, bool) {
	var node string
	found := false
	for more := true; more; {
		var pair string
		pair, element, more = cutPair(element)
		pair = trim(pair)
		if pair == "" {
			continue
		}
		name, value, isPair := strings.Cut(pair, "=")
		value, ok := unquote(value)
		if !isPair || !ok || strings.ContainsAny(name, "\" \t") {
			return "", false
		}
		if strings.EqualFold(name, "for") {
			if found {
				return "", false
			}
			node, found = value, true
		}
	}
	return node, found
}

// cutPair cuts the first parameter off: what stands before the first semicolon outside of quotes.
func cutPair(element string) (pair, rest string, more bool) {
	quoted := false
	for i := range len(element) {
		switch element[i] {
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				return element[:i], element[i+1:], true
			}
		}
	}
	return element, "", false
}

// unquote returns a value without its quotes. It is false when they do not enclose the value.
func unquote(value string) (string, bool) {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
		return value, !strings.Contains(value, `"`)
	}
	return value, value != "" && !strings.ContainsAny(value, "\" \t")
}
