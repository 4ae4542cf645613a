// Package texts has the words of the pages: one catalogue for each language, in the files en.json,
// fr.json, de.json and es.json. Each is one flat object from keys to plain texts; whoever puts a text
// into HTML escapes it. A value goes where its name stands in braces:
//
//	"problem.password_too_short": "This password is too short. Please use at least {min} characters."
//
// English is the original: the others have its keys, in its order, with its names. What depends on a
// number is two texts, of which the keys end in ".one" and ".other"; both say the number, as {count},
// because French uses the first for none, too.
//
// An operator may say something else, in each language: see [Load].
package texts

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Catalogues are the texts in all languages. They never change, and are safe for concurrent use.
type Catalogues struct {
	languages []*Language
	matcher   language.Matcher
}

// Default returns the catalogues as they come.
func Default() *Catalogues { return byDefault() }

var byDefault = sync.OnceValue(func() *Catalogues {
	c, err := Load(nil)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return c
})

// Load returns the catalogues with other texts for some keys: overrides go from a language, such as
// "fr", to keys, to texts. The error names all that cannot be used: a language or key that is not
// known, a text that is empty, and braces around what the original has not. A text may leave out a
// name that the original has.
func Load(overrides map[string]map[string]string) (*Catalogues, error) {
	c := &Catalogues{}
	var tags []language.Tag
	for _, l := range languages {
		if err := l.read(); err != nil {
			return nil, err
		}
		if len(c.languages) == 0 {
			l.names = l.texts.names()
		} else {
			l.names = c.languages[0].names
		}
		c.languages = append(c.languages, &l)
		tags = append(tags, language.MustParse(l.tag))
	}
	c.matcher = language.NewMatcher(tags)

	var errs []error
	for _, tag := range slices.Sorted(maps.Keys(overrides)) {
		l, known := c.Find(tag)
		if !known {
			errs = append(errs, fmt.Errorf("texts: there is no language %q", tag))
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(overrides[tag])) {
			if err := l.override(key, overrides[tag][key]); err != nil {
				errs = append(errs, fmt.Errorf("texts: %s %q: %w", tag, key, err))
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

// Languages returns all languages, English first, always in the same order.
func (c *Catalogues) Languages() []*Language { return slices.Clone(c.languages) }

// Find returns the language that is called tag, such as "fr".
func (c *Catalogues) Find(tag string) (*Language, bool) {
	i := slices.IndexFunc(c.languages, func(l *Language) bool { return l.tag == tag })
	if i < 0 {
		return nil, false
	}
	return c.languages[i], true
}

// Keys returns the keys of all texts, sorted. They are the same in each language.
func (c *Catalogues) Keys() []string {
	return slices.Sorted(maps.Keys(c.languages[0].texts))
}

// maxAccept is how many bytes of an Accept-Language header count. Browsers send less than 100.
const maxAccept = 512

// Choose returns the language for a reader: the one that was chosen before, if cookie is the tag of one, or
// else what suits the Accept-Language header best (RFC 9110, section 12.5.4), or else English. Who
// cannot have Alsatian or Galician gets what their readers read, too: German, Spanish.
func (c *Catalogues) Choose(cookie, acceptLanguage string) *Language {
	if l, known := c.Find(cookie); known {
		return l
	}
	if len(acceptLanguage) > maxAccept {
		acceptLanguage = acceptLanguage[:maxAccept]
		acceptLanguage = acceptLanguage[:max(0, strings.LastIndexByte(acceptLanguage, ','))]
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return c.languages[0]
	}
	_, i, _ := c.matcher.Match(tags...)
	return c.languages[i]
}
