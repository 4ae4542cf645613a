package main

import (
	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server/pages/look"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// look returns how the pages are presented.
func (s serveSettings) look() look.Look {
	return look.Look{Name: s.AppName, Logo: s.Logo.Content, Accent: s.Accent, AccentDark: s.AccentDark}
}

// checkPages is about what browsers see.
func (c *checker) checkPages() {
	s := c.l.Values
	parts := []struct {
		setting string
		alone   look.Look
	}{
		{"app-name", look.Look{Name: s.AppName}},
		{"logo", look.Look{Logo: s.Logo.Content}},
		{"accent", look.Look{Accent: s.Accent}},
		{"accent-dark", look.Look{AccentDark: s.AccentDark}},
	}
	for _, part := range parts {
		if err := part.alone.Check(); err != nil {
			c.refuse(part.setting, "%w", err)
		}
	}
	if _, err := texts.Load(s.Texts.Texts); err != nil {
		for _, one := range each(err) {
			c.refuse("texts", "%s: %w", s.Texts.Path, one)
		}
	}
}

// each returns the errors that were joined to one.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// originTexts returns origins as package server has them.
func originTexts(origins []settings.Origin) []string {
	texts := make([]string, 0, len(origins))
	for _, origin := range origins {
		texts = append(texts, string(origin))
	}
	return texts
}
