package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/internal/secret"
)

// storeKind is what keeps users or sessions.
type storeKind string

const (
	storeSQLite   storeKind = "sqlite"
	storeMemory   storeKind = "memory"
	storePostgres storeKind = "postgres"
	storeRedis    storeKind = "redis"
)

// storePlace is a value of the setting store: what keeps users and sessions, and where that is.
type storePlace struct {
	kind storeKind
	url  secret.Text // empty for what needs none; it may hold a password
}

// UnmarshalText implements [encoding.TextUnmarshaler]. The errors do not repeat the text, as the URL may hold
// a password.
func (s *storePlace) UnmarshalText(text []byte) error {
	switch kind := storeKind(text); kind {
	case storeSQLite, storeMemory:
		*s = storePlace{kind: kind}
		return nil
	}
	link, err := storeURL(text, "postgres", "postgresql")
	if err != nil {
		return fmt.Errorf("%w: take sqlite, memory, or the URL of a PostgreSQL database, such as postgres://handstamp@db.internal/handstamp", err)
	}
	*s = storePlace{kind: storePostgres, url: link}
	return nil
}

// Placeholder implements what package settings asks for.
func (storePlace) Placeholder() string { return "sqlite|memory|postgres://…" }

// String returns what may be shown.
func (s storePlace) String() string { return shownPlace(s.kind, s.url) }

// sessionPlace is a value of the setting session-store: where sessions are kept apart from users. The zero value
// is that they are not.
type sessionPlace struct {
	kind storeKind
	url  secret.Text
}

// UnmarshalText implements [encoding.TextUnmarshaler], as that of [storePlace] does.
func (s *sessionPlace) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = sessionPlace{}
		return nil
	}
	link, err := storeURL(text, "redis", "rediss")
	if err != nil {
		return fmt.Errorf("%w: take the URL of a Redis or Valkey server, such as redis://cache.internal:6379", err)
	}
	*s = sessionPlace{kind: storeRedis, url: link}
	return nil
}

// Placeholder implements what package settings asks for.
func (sessionPlace) Placeholder() string { return "redis://…" }

// String returns what may be shown.
func (s sessionPlace) String() string { return shownPlace(s.kind, s.url) }

// errPlace means that a text names no store.
var errPlace = errors.New("not a store that there is")

func storeURL(text []byte, schemes ...string) (secret.Text, error) {
	parsed, err := url.Parse(string(text)) // whose error repeats the text
	if err != nil || !slices.Contains(schemes, parsed.Scheme) || !strings.Contains(string(text), "://") {
		return secret.Text{}, errPlace
	}
	return secret.New(string(text)), nil
}

// shownPlace returns a place without what is secret about it.
func shownPlace(kind storeKind, link secret.Text) string {
	parsed, err := url.Parse(link.Reveal())
	if err != nil || parsed.Scheme == "" {
		return string(kind)
	}
	shown := url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path} // parameters may be secret, too
	return shown.String()
}

// withPassword returns a URL with the password in the place of that of its user.
func withPassword(link, password secret.Text) string {
	if password.IsZero() {
		return link.Reveal()
	}
	parsed, err := url.Parse(link.Reveal())
	if err != nil { // it was one when it was read
		return link.Reveal()
	}
	parsed.User = url.UserPassword(parsed.User.Username(), password.Reveal())
	return parsed.String()
}

// storeShown returns where users and sessions are kept, for people.
func (s serveSettings) storeShown() string {
	if s.SessionStore.kind == "" {
		return s.Store.String()
	}
	return s.Store.String() + ", sessions in " + s.SessionStore.String()
}

// checkStores is about where things are kept.
func (c *checker) checkStores() {
	s := c.l.Values
	for name, link := range map[string]secret.Text{"store": s.Store.url, "session-store": s.SessionStore.url} {
		if parsed, err := url.Parse(link.Reveal()); err == nil && strings.HasPrefix(c.l.Origin(name), "flag") {
			if _, has := parsed.User.Password(); has {
				c.warn(name, "others on this machine can see the password in the command line; take the variable, or set %s-password", name)
			}
		}
	}
	if s.SessionStore.kind != "" && s.Store.kind == storeMemory {
		c.refuse("session-store", "with users in memory there is nothing to keep sessions for; set store, too")
	}
	if !s.StorePassword.IsZero() && s.Store.url.IsZero() {
		c.refuse("store-password", "there is no database that wants one; set store to its URL")
	}
	if !s.SessionStorePassword.IsZero() && s.SessionStore.url.IsZero() {
		c.refuse("session-store-password", "there is no Redis server that wants one; set session-store to its URL")
	}
}
