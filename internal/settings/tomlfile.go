package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile is how many bytes the file of settings may have.
const maxFile = 1 << 20

// keySuffix marks the key, or flag, that names the file of a secret.
const keySuffix = "-file"

// fileLayer reads the TOML file.
func (t *Table[S]) fileLayer(from Sources) (layer, []error) {
	if from.File == "" {
		return nil, nil
	}
	text, isExposed, err := readSmall(from.File, maxFile)
	if err != nil {
		return nil, []error{fmt.Errorf("settings file %s: %w", from.File, err)}
	}
	var keys map[string]toml.Primitive
	meta, err := toml.Decode(text, &keys)
	if err != nil {
		return nil, []error{t.syntaxError(from.File, text, err)}
	}
	var wrong []error
	values := make([]tomlValue, 0, len(keys))
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		values = append(values, locate(&meta, key, keys[key]))
	}
	slices.SortStableFunc(values, func(a, b tomlValue) int { return a.line - b.line })
	found := make(layer)
	for _, v := range values {
		origin := from.File
		if v.line > 0 { // the line of a dotted key is not told
			origin += " line " + strconv.Itoa(v.line)
		}
		if err := t.addKey(found, v, origin, isExposed); err != nil {
			wrong = append(wrong, err)
		}
	}
	return found, wrong
}

// A tomlValue is what stands in a file under one of its keys.
type tomlValue struct {
	key   string
	value any
	line  int
}

var errLocated = errors.New("located")

// UnmarshalTOML implements [toml.Unmarshaler]. It always fails.
func (v *tomlValue) UnmarshalTOML(value any) error {
	v.value = value
	return errLocated
}

// locate returns a value with its line. Package toml tells lines in errors only, so it is made to
// report one.
func locate(meta *toml.MetaData, key string, p toml.Primitive) tomlValue {
	v := tomlValue{key: key}
	if err, ok := errors.AsType[toml.ParseError](meta.PrimitiveDecode(p, &v)); ok {
		v.line = err.Position.Line
	}
	return v
}

func (t *Table[S]) addKey(found layer, v tomlValue, origin string, isExposed bool) error {
	r, ok := t.find(func(r row) bool { return r.name == v.key })
	secret, names := t.find(func(r row) bool { return r.isSecret && r.name+keySuffix == v.key })
	if !ok && !names {
		return fmt.Errorf("%s, %s: %w%s", origin, quote(v.key), errUnknown, t.suggestKey(v))
	}
	given := sourced{raw: raw{origin: origin + ", " + v.key}}
	var err error
	if given.raw.words, given.raw.isList, err = tomlWords(v.value); err != nil {
		return fmt.Errorf("%s: %w", given.origin, err)
	}
	if ok {
		given.isExposed = isExposed
		return found.add(r.name, given)
	}
	if given.isList {
		return fmt.Errorf("%s takes one value and not a list", given.origin)
	}
	given.path, given.words = given.words[0], nil
	return found.add(secret.name, given)
}

func (t *Table[S]) suggestKey(v tomlValue) string {
	var known []string
	for _, r := range t.rows {
		known = append(known, r.name)
		if r.isSecret {
			known = append(known, r.name+keySuffix)
		}
	}
	name := v.key
	if table, ok := v.value.(map[string]any); ok {
		for _, key := range slices.Sorted(maps.Keys(table)) { // [session] and idle under it
			name += "-" + key
			break
		}
		return suggest(name, known) + " (there are no tables; all keys stand at the top)"
	}
	return suggest(name, known)
}

// tomlWords returns a value in the spelling that all sources share.
func tomlWords(value any) (words []string, isList bool, err error) {
	switch v := value.(type) {
	case string:
		return []string{v}, false, nil
	case int64:
		return []string{strconv.FormatInt(v, 10)}, false, nil
	case bool:
		return []string{strconv.FormatBool(v)}, false, nil
	case []any:
		for _, element := range v {
			one, isList, err := tomlWords(element)
			if err != nil || isList {
				return nil, false, errors.New("a list holds single values only")
			}
			words = append(words, one...)
		}
		return words, true, nil
	default:
		return nil, false, errors.New("is neither text, a whole number, true, false nor a list of them")
	}
}

// syntaxError says what is wrong with the text. The parser's message repeats what it stumbled over,
// so it is left out where that could be a secret.
func (t *Table[S]) syntaxError(file, text string, err error) error {
	parse, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		return fmt.Errorf("%s: %w", file, err)
	}
	line := ""
	if lines := strings.Split(text, "\n"); 0 < parse.Position.Line && parse.Position.Line <= len(lines) {
		line = lines[parse.Position.Line-1]
	}
	for _, r := range t.rows {
		if r.isSecret && (strings.Contains(line, r.name) || strings.HasPrefix(parse.LastKey, r.name)) {
			return fmt.Errorf("%s line %d, %s: is not TOML; text stands in quotes", file, parse.Position.Line, r.name)
		}
	}
	return fmt.Errorf("%s line %d: %s", file, parse.Position.Line, parse.Message)
}
