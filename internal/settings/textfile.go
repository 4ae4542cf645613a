package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"
)

// A TextFile is what is in a TOML file of texts, in one table for each language:
//
//	[fr]
//	"login.title" = "Bienvenue"
//	login.button = "Entrer"
//
// A key that is written with dots, in quotes or not, or as a table in a table, is the same key. It is
// read when the settings are, as a [File] is.
type TextFile struct {
	Path  string                       // empty for no file
	Texts map[string]map[string]string // by language, and by key
}

// UnmarshalText implements [encoding.TextUnmarshaler]: it reads the file at the path that text is. The
// empty text is no file.
func (f *TextFile) UnmarshalText(text []byte) error {
	var file File
	if err := file.UnmarshalText(text); err != nil {
		return err
	}
	*f = TextFile{Path: file.Path}
	if f.Path == "" {
		return nil
	}
	var tables map[string]any
	if _, err := toml.Decode(string(file.Content), &tables); err != nil {
		if parse, ok := errors.AsType[toml.ParseError](err); ok {
			return fmt.Errorf("%s line %d: %s", f.Path, parse.Position.Line, parse.Message)
		}
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	f.Texts = make(map[string]map[string]string, len(tables))
	for _, language := range slices.Sorted(maps.Keys(tables)) {
		table, ok := tables[language].(map[string]any)
		if !ok {
			return fmt.Errorf("%s, %s: there must be a table for each language, such as [en]", f.Path, quote(language))
		}
		f.Texts[language] = make(map[string]string)
		if err := flatten(f.Texts[language], "", table); err != nil {
			return fmt.Errorf("%s, table %s, %w", f.Path, quote(language), err)
		}
	}
	return nil
}

// flatten puts the texts of a table and of those in it into texts, under keys that begin with prefix.
func flatten(texts map[string]string, prefix string, table map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := prefix + name
		switch value := table[name].(type) {
		case map[string]any:
			if err := flatten(texts, key+".", value); err != nil {
				return err
			}
		case string:
			if _, ok := texts[key]; ok {
				return fmt.Errorf("%s: is there twice", quote(key))
			}
			texts[key] = value
		default:
			return fmt.Errorf("%s: is not text; text stands in quotes", quote(key))
		}
	}
	return nil
}

// String returns the path.
func (f TextFile) String() string { return f.Path }

// Placeholder says in the help what to write.
func (TextFile) Placeholder() string { return "FILE" }
