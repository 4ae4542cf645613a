package serve_test

import (
	"strings"
	"sync"
	"testing"
)

// What no log may show: all passwords, and all tokens and links, of the suite. Passwords are nothing for
// pages either.
var passwords, tokensAndLinks secrets

// secrets are looked for in much text and are many, so that looking for one after the other would take most
// of the suite's time. They are found by how they begin.
type secrets struct {
	mu       sync.RWMutex
	byHead   map[string]map[string]bool // the first headLength bytes, and all secrets that begin so
	tooShort map[string]bool            // those that have fewer
}

const headLength = 8

func (s *secrets) keep(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byHead == nil {
		s.byHead, s.tooShort = make(map[string]map[string]bool), make(map[string]bool)
	}
	if len(secret) < headLength {
		s.tooShort[secret] = true
		return
	}
	head := secret[:headLength]
	if s.byHead[head] == nil {
		s.byHead[head] = make(map[string]bool)
	}
	s.byHead[head][secret] = true
}

// find returns a secret that text shows, or "".
func (s *secrets) find(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for secret := range s.tooShort {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	for i := range len(text) - headLength + 1 {
		for secret := range s.byHead[text[i:i+headLength]] {
			if strings.HasPrefix(text[i:], secret) {
				return secret
			}
		}
	}
	return ""
}

func keepSecret(s string) string {
	tokensAndLinks.keep(s)
	return s
}

// findSecret returns a secret that text shows, or "".
func findSecret(text string) string {
	if found := passwords.find(text); found != "" {
		return found
	}
	return tokensAndLinks.find(text)
}

func findPassword(text string) string { return passwords.find(text) }

// TestSecretsAreFound wherever they stand, whatever their length.
func TestSecretsAreFound(t *testing.T) {
	var s secrets
	for _, secret := range []string{"short", "eight888", "a longer one", "a longer one, and another"} {
		s.keep(secret)
		for _, text := range []string{secret, "before " + secret, secret + " after", "eight88" + secret} {
			if s.find(text) == "" {
				t.Errorf("%q is not found in %q", secret, text)
			}
		}
	}
	for _, text := range []string{"", "shor", "eight8889"[1:], "a longer on", "a longer two"} {
		if found := s.find(text); found != "" {
			t.Errorf("found %q in %q", found, text)
		}
	}
}
