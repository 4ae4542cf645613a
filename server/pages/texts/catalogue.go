package texts

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.json
var files embed.FS

// A catalogue is texts by their keys.
type catalogue map[string]text

// names returns the names in each text.
func (c catalogue) names() map[string][]string {
	all := make(map[string][]string, len(c))
	for key, t := range c {
		all[key] = t.names()
	}
	return all
}

// read reads the file of l.
func (l *Language) read() error {
	file, err := files.ReadFile(l.tag + ".json")
	if err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	var entries map[string]string
	if err := json.Unmarshal(file, &entries); err != nil {
		return fmt.Errorf("texts: %s: %w", l.tag, err)
	}
	l.texts = make(catalogue, len(entries))
	for key, entry := range entries {
		if l.texts[key], err = parse(entry); err != nil {
			return fmt.Errorf("texts: %s %q: %w", l.tag, key, err)
		}
	}
	return nil
}

// override puts another text in the place of one that is there.
func (l *Language) override(key, replacement string) error {
	names, known := l.names[key]
	if !known {
		return errors.New("there is no such text")
	}
	t, err := parse(replacement)
	if err != nil {
		return err
	}
	for _, name := range t.names() {
		if !slices.Contains(names, name) {
			return fmt.Errorf("nothing can be put in for {%s}: there is %s", name, listed(names))
		}
	}
	l.texts[key] = t
	return nil
}

// listed writes names for people.
func listed(names []string) string {
	if len(names) == 0 {
		return "nothing in this text"
	}
	return "{" + strings.Join(names, "}, {") + "}"
}
