package handstamp

import (
	"context"
	"time"
)

// An Identity says who is asking in one request, and how that was proved.
type Identity struct {
	UserID    ID        // the user's account; zero for those who have none here
	Name      string    // what the credential called the user; empty for a session
	Role      string    // what the user may do, as the account says; empty for none
	Method    Method    // the kind of credential that this request carried
	SessionID ID        // the session's public name; zero without a session
	ProvedAt  time.Time // when the password was last checked
}

// IsZero reports whether the Identity names nobody. A Guard never lets such a one pass.
func (who Identity) IsZero() bool { return who.UserID.IsZero() && who.Name == "" }

// A Method is the kind of credential that proved an Identity.
type Method uint8

// The kinds of credential.
const (
	MethodNone    Method = iota
	MethodBasic          // HTTP Basic (RFC 7617)
	MethodSession        // a session cookie
	MethodBearer         // a bearer token (RFC 6750)
)

// String returns the method's name, as logs show it.
func (m Method) String() string {
	switch m {
	case MethodBasic:
		return "basic"
	case MethodSession:
		return "session"
	case MethodBearer:
		return "bearer"
	default:
		return "none"
	}
}

// From returns the Identity that a Guard proved for the request that ctx belongs to. It is false
// where no Guard stood in front, and on a public path.
func From(ctx context.Context) (Identity, bool) {
	if found, ok := ctx.Value(identityKey{}).(*identified); ok {
		return found.who, true
	}
	return Identity{}, false
}

// identifiedBy returns the Identity that g has proved for the request that ctx belongs to.
func identifiedBy(ctx context.Context, g *Guard) (Identity, bool) {
	if found, ok := ctx.Value(identityKey{}).(*identified); ok && found.by == g {
		return found.who, true
	}
	return Identity{}, false
}

// WithIdentity returns a context from which [From] gives who. A Guard does this; tests of
// handlers may.
func WithIdentity(ctx context.Context, who Identity) context.Context {
	return &identified{Context: ctx, who: who}
}

type identityKey struct{}

// identified holds the Identity inside the context value itself: one allocation a request, where
// context.WithValue needs two.
type identified struct {
	context.Context
	who Identity
	by  *Guard // nil for a test
}

// Value implements [context.Context].
func (c *identified) Value(key any) any {
	if key == (identityKey{}) {
		return c
	}
	return c.Context.Value(key)
}
