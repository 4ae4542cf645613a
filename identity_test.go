package handstamp_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/handstamp/handstamp"
)

func TestFrom(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "kept")
	if who, ok := handstamp.From(ctx); ok || !who.IsZero() {
		t.Errorf("From = %v, %v without a Guard", who, ok)
	}
	inner := handstamp.WithIdentity(ctx, alice)
	for name, c := range map[string]struct {
		ctx  context.Context
		want handstamp.Identity
	}{
		"direct":    {inner, alice},
		"derived":   {context.WithValue(inner, key{}, "other"), alice},
		"innermost": {handstamp.WithIdentity(inner, bob), bob},
		"detached":  {context.WithoutCancel(inner), alice},
	} {
		if who, ok := handstamp.From(c.ctx); !ok || who != c.want {
			t.Errorf("%s: From = %v, %v; want %v", name, who, ok, c.want)
		}
	}
	if got := inner.Value(key{}); got != "kept" {
		t.Errorf("the outer value is %v, want kept", got)
	}
}

// TestFromIsACopy: what a handler does to its Identity reaches nobody else.
func TestFromIsACopy(t *testing.T) {
	ctx := handstamp.WithIdentity(t.Context(), alice)
	who, _ := handstamp.From(ctx)
	who.Role = "owner"
	if again, _ := handstamp.From(ctx); again != alice {
		t.Errorf("From = %v after the first copy was changed, want %v", again, alice)
	}
}

// TestContextEndsWithRequest: the identity's context passes on cancellation.
func TestContextEndsWithRequest(t *testing.T) {
	guard := handstamp.NewGuard(&answerer{who: alice})
	ctx, cancel := context.WithCancel(t.Context())
	guard.Require()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if who, ok := handstamp.From(r.Context()); !ok || who != alice {
			t.Errorf("From = %v, %v; want alice", who, ok)
		}
		cancel()
		if r.Context().Err() == nil {
			t.Error("the context of the request goes on after it was cancelled")
		}
	})).ServeHTTP(nil, get("/").WithContext(ctx))
}

func TestIdentityIsZero(t *testing.T) {
	for _, c := range []struct {
		who  handstamp.Identity
		want bool
	}{
		{handstamp.Identity{}, true},
		{handstamp.Identity{Role: "admin", Method: handstamp.MethodBasic, SessionID: handstamp.NewID()}, true},
		{handstamp.Identity{Name: "x"}, false},
		{handstamp.Identity{UserID: handstamp.NewID()}, false},
	} {
		if got := c.who.IsZero(); got != c.want {
			t.Errorf("%+v.IsZero() = %v, want %v", c.who, got, c.want)
		}
	}
}

func TestMethodString(t *testing.T) {
	for method, want := range map[handstamp.Method]string{
		handstamp.MethodNone: "none", handstamp.MethodBasic: "basic", handstamp.MethodSession: "session",
		handstamp.MethodBearer: "bearer", 99: "none",
	} {
		if got := method.String(); got != want {
			t.Errorf("Method(%d) = %q, want %q", method, got, want)
		}
	}
}
