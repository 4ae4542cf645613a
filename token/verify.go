package token

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/bearertoken"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token/keyring"
)

// ErrInvalid means that a token is not good: made by nobody known, changed, expired, replaced, or that its session
// has ended. It wraps [handstamp.ErrBadCredential].
var ErrInvalid = bearertoken.ErrInvalid

// verified is a token of ours whose signature was found to be good, as the cache keeps it: without pointers.
type verified struct {
	session    session.Hash // of its session's opaque token
	id         handstamp.ID // of its session
	expires    int64        // Unix seconds
	generation int64
	kid        [kidSize]byte
}

// kidSize is how many bytes the ID of a key may have so that its tokens are remembered.
const kidSize = 16

// verify returns what a token of a session of ours says: its signature is good and it has not expired. It judges no
// session. A token that came before costs no signature.
func (t *Tokens) verify(bearer string) (verified, error) {
	if len(bearer) == 0 || len(bearer) > bearertoken.MaxToken {
		return verified{}, ErrInvalid
	}
	hash := hashOf(bearer)
	v, known := t.verified.Get(hash)
	if !known || !t.keys.Has(string(v.kid[:])) {
		var err error
		if v, err = t.verifySignature(bearer, hash); err != nil {
			return verified{}, err
		}
	}
	if time.Now().Unix() >= v.expires {
		return verified{}, fmt.Errorf("%w: expired", ErrInvalid)
	}
	return v, nil
}

// usualSize is how many bytes a token has at most unless its key is an RSA key.
const usualSize = 768

// hashOf returns what a token is remembered by.
func hashOf(bearer string) [sha256.Size]byte {
	if len(bearer) > usualSize {
		return sha256.Sum256([]byte(bearer))
	}
	var buf [usualSize]byte // on the stack, where a conversion would allocate
	return sha256.Sum256(buf[:copy(buf[:], bearer)])
}

func (t *Tokens) verifySignature(bearer string, hash [sha256.Size]byte) (verified, error) {
	ticket := t.verified.Ticket(hash)
	c, kid, err := t.read(bearer)
	if err != nil {
		return verified{}, err
	}
	if c.generation == 0 {
		return verified{}, fmt.Errorf("%w: it is for an upstream", ErrInvalid)
	}
	v := verified{
		session: t.SessionToken(c.SessionID).Hash(), id: c.SessionID, expires: c.ExpiresAt.Unix(), generation: c.generation,
	}
	if copy(v.kid[:], kid); len(kid) == kidSize {
		t.verified.Fill(hash, v, ticket)
	}
	return v, nil
}

// read returns the claims of a token that was signed by us, be it for here or for an upstream. A token in Plone's form
// has no ID of a key.
func (t *Tokens) read(bearer string) (c Claims, kid string, err error) {
	var text []byte
	plone := t.Plone != "" && strings.HasPrefix(bearer, ploneHeader)
	if plone {
		text, err = t.keys.VerifyPlone(bearer, t.Plone)
	} else {
		text, kid, err = t.keys.Verify(bearer)
	}
	if errors.Is(err, keyring.ErrToken) {
		return Claims{}, "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err != nil {
		return Claims{}, "", fmt.Errorf("verify bearer token: %w", err)
	}
	if c, err = readClaims(text); err != nil {
		return Claims{}, "", err
	}
	if plone {
		// One without a session is made by whoever else has the secret, and not for an upstream.
		if c.generation == 0 {
			return Claims{}, "", fmt.Errorf("%w: no session of ours", ErrInvalid)
		}
		c.Issuer, c.Audience = t.Issuer, t.Issuer
	}
	if c.Issuer != t.Issuer || c.generation > 0 && c.Audience != t.Issuer {
		return Claims{}, "", fmt.Errorf("%w: issued by or for somebody else", ErrInvalid)
	}
	return c, kid, nil
}

// ploneHeader is the first part of every token that plone.restapi makes: {"alg":"HS256","typ":"JWT"}.
const ploneHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
