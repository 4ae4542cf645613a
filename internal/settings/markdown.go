package settings

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// WriteMarkdown writes the settings as they stand in the documentation: a heading for each group,
// and a few lines for each setting.
func (t *Table[S]) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	group := ""
	for _, r := range t.rows {
		if r.group != group {
			group = r.group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		r.writeMarkdown(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r row) writeMarkdown(b *strings.Builder) {
	code := func(s string) string { return "`" + s + "`" }
	flag, variable, key := "--"+r.flagName(), code(r.variable()), code(r.name)
	switch {
	case r.isSecret:
		flag += "=FILE"
		variable += ", " + code(r.variable()+fileSuffix) + " or the credential " + code(r.credential())
		key += " or " + code(r.name+keySuffix)
	case r.kind.Kind() == reflect.Bool:
		flag = "--[no-]" + r.name
	case r.isList:
		flag += "=" + r.describe() + ",…"
	default:
		flag += "=" + r.describe()
	}
	fallback := "none"
	if r.fallback != "" {
		fallback = code(r.fallback)
	}
	change := "a restart"
	if r.reloadable {
		change = "SIGHUP"
	}
	fmt.Fprintf(b, "\n### `%s`\n\n%s\n\n", r.name, r.help)
	fmt.Fprintf(b, "- flag %s, environment %s, file %s\n", code(flag), variable, key)
	fmt.Fprintf(b, "- default %s%s; a change takes effect with %s\n", fallback, r.boundsText(), change)
}

func (r row) boundsText() string {
	switch {
	case r.min != "" && r.max != "":
		return ", from " + r.min + " to " + r.max
	case r.min != "":
		return ", at least " + r.min
	case r.max != "":
		return ", at most " + r.max
	}
	return ""
}
