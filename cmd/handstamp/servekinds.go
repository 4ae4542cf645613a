package main

import (
	"errors"
	"fmt"
	"strings"
)

// storeKind is a value of the setting store.
type storeKind string

const (
	storeSQLite storeKind = "sqlite"
	storeMemory storeKind = "memory"
)

// UnmarshalText implements [encoding.TextUnmarshaler]. The error does not repeat the text, as the URL
// of a database may hold a password.
func (s *storeKind) UnmarshalText(text []byte) error {
	switch kind := storeKind(text); kind {
	case storeSQLite, storeMemory:
		*s = kind
		return nil
	}
	if scheme, _, ok := strings.Cut(string(text), "://"); ok && len(scheme) < 20 {
		return fmt.Errorf("stores at a URL (%q) are not there yet; take sqlite or memory", scheme+"://…")
	}
	return errors.New("this is neither sqlite nor memory, and there are no other stores yet")
}

// Placeholder implements what package settings asks for.
func (storeKind) Placeholder() string { return "sqlite|memory" }

// credentialKind is one of the values of the setting credentials.
type credentialKind string

const (
	credentialSession credentialKind = "session"
	credentialBearer  credentialKind = "bearer"
	credentialBasic   credentialKind = "basic"
)

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *credentialKind) UnmarshalText(text []byte) error {
	switch kind := credentialKind(text); kind {
	case credentialSession, credentialBearer, credentialBasic:
		*c = kind
		return nil
	}
	return fmt.Errorf("%.40q is neither session, bearer nor basic", text)
}

// Placeholder implements what package settings asks for.
func (credentialKind) Placeholder() string { return "session|bearer|basic" }
