package account

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/password"
)

// A Verifier says who has this name and password. Its errors wrap [handstamp.ErrBadCredential]
// for nobody; any other error means that it could not tell. It is called by many goroutines at
// once.
type Verifier func(ctx context.Context, name, password string) (handstamp.Identity, error)

// Basic is the Authenticator for HTTP Basic credentials (RFC 7617).
type Basic struct {
	// Realm is what browsers show when they ask.
	Realm string

	// Verify decides. It sees only pairs that are well-formed and of which neither half is
	// empty.
	Verify Verifier

	// UTF8 tells clients to send UTF-8 (RFC 7617, section 2.1); nothing else is accepted anyway.
	UTF8 bool

	// ExactScheme accepts the scheme only as "Basic", in these very letters. It is for the
	// founding API; RFC 9110 says that letter case does not matter.
	ExactScheme bool
}

// Basic returns the Authenticator that checks Basic credentials against d.
func (d *Directory) Basic(realm string) *Basic { return &Basic{Realm: realm, Verify: d.verifyPair} }

// verifyPair is the Verifier of d's people.
func (d *Directory) verifyPair(ctx context.Context, email, plain string) (handstamp.Identity, error) {
	var p pair
	if d.BasicMemory > 0 {
		p = d.memory.pairOf(email, plain)
		if u, provedAt, counts, _ := d.remembered(ctx, p); counts {
			return basicIdentity(u, provedAt), nil
		}
		giveBack, err := d.memory.turns.take(ctx, p)
		if err != nil {
			return handstamp.Identity{}, err
		}
		defer giveBack()
		u, provedAt, counts, known := d.remembered(ctx, p) // as of now: who had the turn may have seen an older user
		switch {
		case counts:
			return basicIdentity(u, provedAt), nil
		case known:
			ctx = withKnownPair(ctx, p)
		}
	}
	provedAt := now()
	u, err := d.Authenticate(ctx, email, plain)
	switch {
	case errors.Is(err, password.ErrTooLong): // no server is broken because of it
		return handstamp.Identity{}, ErrWrongPassword
	case err != nil:
		return handstamp.Identity{}, err
	}
	event := handstamp.NewEvent(ctx, handstamp.ActionLogin)
	event.ActorID, event.UserID, event.Reason = u.ID, u.ID, "basic"
	if err := d.record(ctx, event); err != nil {
		return handstamp.Identity{}, err
	}
	if d.BasicMemory > 0 {
		d.remember(p, u, provedAt)
	}
	return basicIdentity(u, provedAt), nil
}

func basicIdentity(u User, provedAt time.Time) handstamp.Identity {
	return handstamp.Identity{UserID: u.ID, Name: u.Email, Role: u.Role, ProvedAt: provedAt}
}

// Authenticate implements [handstamp.Authenticator].
func (b *Basic) Authenticate(r *http.Request) (handstamp.Identity, error) {
	name, plain, err := b.parse(r.Header["Authorization"])
	if err != nil {
		return handstamp.Identity{}, err
	}
	who, err := b.Verify(WithRequest(r.Context(), r), name, plain)
	if err != nil {
		return handstamp.Identity{}, err
	}
	if who.IsZero() {
		return handstamp.Identity{}, handstamp.ErrBadCredential
	}
	who.Method = handstamp.MethodBasic
	if who.ProvedAt.IsZero() {
		who.ProvedAt = time.Now()
	}
	return who, nil
}

// Challenge implements [handstamp.Authenticator].
func (b *Basic) Challenge(error) string {
	challenge := "Basic realm=" + strconv.Quote(b.Realm)
	if b.UTF8 {
		challenge += `, charset="UTF-8"`
	}
	return challenge
}

// parse returns the name and password in the Authorization headers of a request. A header of
// another scheme is no credential of this kind. Two headers, of which two readers might take
// different ones, are none that is good.
func (b *Basic) parse(headers []string) (name, plain string, err error) {
	if len(headers) == 0 || headers[0] == "" {
		return "", "", handstamp.ErrNoCredential
	}
	scheme, encoded, _ := strings.Cut(headers[0], " ")
	// By length as well, as to Unicode a long s is an s, too.
	isBasic := len(scheme) == len("Basic") && strings.EqualFold(scheme, "Basic")
	if !isBasic || b.ExactScheme && scheme != "Basic" {
		return "", "", handstamp.ErrNoCredential
	}
	pair, err := base64.StdEncoding.Strict().DecodeString(encoded)
	// The decoder passes over line ends.
	if err != nil || len(headers) > 1 || strings.ContainsAny(encoded, "\r\n") || !isText(pair) {
		return "", "", handstamp.ErrBadCredential
	}
	name, plain, _ = strings.Cut(string(pair), ":")
	if name == "" || plain == "" {
		return "", "", handstamp.ErrBadCredential
	}
	return name, plain, nil
}

// isText reports whether pair is UTF-8 without control characters, which RFC 7617, section 2
// forbids in both halves.
func isText(pair []byte) bool {
	for _, c := range pair {
		if c < 0x20 || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(pair)
}
