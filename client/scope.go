package client

import "errors"

// ErrScope means that there is no such scope.
var ErrScope = errors.New("no such scope of a client")

// A Scope says what a client may do besides asking about tokens, which every one may. The zero Scope is
// nothing else.
type Scope string

// The scopes, each of which allows what those before it do.
const (
	ScopeIntrospect Scope = ""         // ask about tokens
	ScopeVerify     Scope = "verify"   // look at sessions, note that they were used, and end the one of a token that it was shown
	ScopeSessions   Scope = "sessions" // whatever a store of sessions can do: begin, change, list and end those of everybody
)

// IsKnown reports whether s is one of the scopes.
func (s Scope) IsKnown() bool {
	return s == ScopeIntrospect || s == ScopeVerify || s == ScopeSessions
}

// Verifies reports whether a client with this scope may look at sessions.
func (s Scope) Verifies() bool { return s == ScopeVerify || s == ScopeSessions }
