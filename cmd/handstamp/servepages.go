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

// catalogues returns the words of the pages. Those that cannot be used were found by checkPages.
func (s serveSettings) catalogues() (*texts.Catalogues, error) { return texts.Load(s.Texts.Texts) }

// checkPages is about what browsers see.
func (c *checker) checkPages() {
	s := c.l.Values
	if _, err := s.catalogues(); err != nil {
		c.refuse("texts", "%w", err)
	}
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
}

// originTexts returns origins as package server has them.
func originTexts(origins []settings.Origin) []string {
	all := make([]string, 0, len(origins))
	for _, origin := range origins {
		all = append(all, string(origin))
	}
	return all
}
