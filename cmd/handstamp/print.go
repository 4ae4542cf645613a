package main

import (
	"encoding/json"
	"strings"
	"unicode"
)

// printJSON prints a value for other programs.
func printJSON(t terminal, value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printable returns text from strangers as a terminal may show it: without control characters,
// which could rewrite what stands above, and without those that turn the direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
