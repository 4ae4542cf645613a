package settings

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Sources are where settings are read from.
type Sources struct {
	// Flags are what was given on the command line, by the name of the flag: see [Given].
	Flags map[string][]string

	// Environment is what [os.Environ] returns.
	Environment []string

	// OtherVariables are those which begin with [Prefix] and are read by somebody else.
	OtherVariables []string

	// File is the path of the TOML file; empty for none.
	File string
}

// errUnknown means that a name is that of nothing that can be set.
var errUnknown = errors.New("no such setting")

// Loaded are settings, and where they come from.
type Loaded[S any] struct {
	Values S

	// Warnings are sentences for the operator: what works, and should not stay as it is.
	Warnings []string

	origins map[string]string
}

// Origin says for people where a setting comes from, in a form that an error can begin with:
// "environment variable HANDSTAMP_LISTEN", "handstamp.toml line 7, listen", "listen (default)".
func (l Loaded[S]) Origin(name string) string {
	if origin, ok := l.origins[name]; ok {
		return origin
	}
	return name + " (default)"
}

// IsSet reports whether somebody has set the setting, be it to its default.
func (l Loaded[S]) IsSet(name string) bool {
	_, ok := l.origins[name]
	return ok
}

// Errors are all that is wrong with the settings.
type Errors []error

// Error returns a line for each.
func (e Errors) Error() string {
	if len(e) == 1 {
		return e[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d settings cannot be used:", len(e))
	for _, err := range e {
		b.WriteString("\n  " + err.Error())
	}
	return b.String()
}

// Unwrap serves [errors.Is] and [errors.As].
func (e Errors) Unwrap() []error { return e }

// Load reads the settings. When anything is wrong, the error is [Errors], and holds all of it; what
// Load returns beside it has the values that could be read.
func (t *Table[S]) Load(from Sources) (Loaded[S], error) {
	l := Loaded[S]{origins: make(map[string]string)}
	var wrong Errors
	layers := []func(Sources) (layer, []error){t.flagLayer, t.environmentLayer, t.fileLayer} // the first that has a setting counts
	given := make(layer)
	for _, read := range layers {
		found, errs := read(from)
		wrong = append(wrong, errs...)
		for name, value := range found {
			if _, ok := given[name]; !ok {
				given[name] = value
			}
		}
	}
	values := reflect.ValueOf(&l.Values).Elem()
	for _, r := range t.rows {
		field := values.Field(r.index)
		fallback := raw{words: r.split(r.fallback), isList: r.isList}
		value, ok := given[r.name]
		if !ok {
			_ = r.set(field, fallback) // NewTable has tried it
			continue
		}
		l.origins[r.name] = value.origin
		value, warning, err := r.reveal(value)
		if warning != "" {
			l.Warnings = append(l.Warnings, warning)
		}
		if err == nil {
			err = r.set(field, value.raw)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", value.origin, err))
			_ = r.set(field, fallback)
		}
	}
	if len(wrong) > 0 {
		return l, wrong
	}
	return l, nil
}

// A layer is what one kind of source has, by the name of the setting.
type layer map[string]sourced

// sourced is a raw value, or the path of the file that it is in.
type sourced struct {
	raw
	path         string
	isCredential bool // handed out by the system, which has its own idea of modes
	isExposed    bool // the place where it was written can be read by others
}

// add puts a value in, unless the layer has one: of two that ought to count alike, neither is
// obviously the one that was meant.
func (l layer) add(name string, value sourced) error {
	if other, ok := l[name]; ok {
		return fmt.Errorf("%s and %s are both set; remove one", other.origin, value.origin)
	}
	l[name] = value
	return nil
}

func (t *Table[S]) flagLayer(from Sources) (layer, []error) {
	found := make(layer)
	for _, r := range t.rows {
		if words, ok := from.Flags[r.flagName()]; ok {
			value := sourced{raw: raw{words: words, origin: "flag --" + r.flagName()}}
			if r.isSecret {
				value.path = words[0]
			} else if r.isList {
				value.words = []string{strings.Join(words, ",")}
			}
			found[r.name] = value
		}
	}
	return found, nil
}

// find returns the row for a name.
func (t *Table[S]) find(is func(row) bool) (row, bool) {
	i := slices.IndexFunc(t.rows, is)
	if i < 0 {
		return row{}, false
	}
	return t.rows[i], true
}
