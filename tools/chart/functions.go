package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// functions are those of Helm's that our charts call, by the names and with the order of arguments that they have there.
func functions(root *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, scope any) (string, error) {
			var text strings.Builder
			err := root.ExecuteTemplate(&text, name, scope)
			return text.String(), err
		},
		"toYaml": func(value any) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"nindent": func(by int, text string) string {
			indent := "\n" + strings.Repeat(" ", by)
			return indent + strings.ReplaceAll(text, "\n", indent)
		},
		"quote":      func(value any) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"add":        func(a, b int) int { return a + b },
		"list":       func(values ...any) []any { return values },
		"trimPrefix": func(prefix, text string) string { return strings.TrimPrefix(text, prefix) },
		"trimSuffix": func(suffix, text string) string { return strings.TrimSuffix(text, suffix) },
		"trunc":      func(most int, text string) string { return text[:min(most, len(text))] },
		"sha256sum": func(text string) string {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		},
		"default": func(standard, value string) string {
			if value == "" {
				return standard
			}
			return value
		},
		"ternary": func(yes, no string, which bool) string {
			if which {
				return yes
			}
			return no
		},
		"join": func(separator string, values []any) string {
			texts := make([]string, len(values))
			for i, value := range values {
				texts[i] = fmt.Sprint(value)
			}
			return strings.Join(texts, separator)
		},
	}
}
