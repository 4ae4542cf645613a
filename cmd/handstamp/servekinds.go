package main

import "fmt"

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
