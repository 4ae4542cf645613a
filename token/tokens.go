package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/cache"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token/keyring"
)

// Config is what tokens are made by.
type Config struct {
	// Issuer is the URL under which the server is known, the iss and the aud of its tokens.
	Issuer string

	// Secret is the key of at least 32 bytes from which the opaque tokens of sessions are made. All servers of
	// the same sessions need the same one.
	Secret []byte

	// Lifetime is how long a token is good, and its session with it: [DefaultLifetime] if it is zero. Renewable is how
	// long after the login tokens can be renewed: [DefaultRenewable] if it is zero.
	Lifetime, Renewable time.Duration

	// Lease bounds how long a token for an upstream is good: as long as what this server knows of the session may
	// be trusted; [DefaultLease] if it is zero, and at most [MaxUpstream].
	Lease time.Duration

	// Plone, if it is not empty, is the path of the plugin whose tokens these are to look like, such as
	// "/plone/acl_users/jwt_auth": see [keyring.Config].
	Plone string
}

const (
	DefaultLifetime  = 12 * time.Hour // as Plone's
	DefaultRenewable = 30 * 24 * time.Hour
	DefaultLease     = 2 * time.Second

	// MaxUpstream is how long a token for an upstream is good at most.
	MaxUpstream = 15 * time.Second

	// Grace is how long the token before is still good when it was renewed, and up to a second more, as times are in
	// whole seconds.
	Grace = 10 * time.Second
)

// Tokens issues bearer tokens, and is the Authenticator for them. It is safe for concurrent use.
type Tokens struct {
	Config

	sessions  *session.Manager
	keys      *keyring.Keyring
	verified  *cache.Cache[[sha256.Size]byte, verified]
	upstreams *cache.Cache[upstreamKey, upstreamToken]
}

// How many tokens are remembered: those of which the signature was good (110 bytes each), and those for
// upstreams (about 700 bytes each).
const (
	verifiedSize = 1 << 17
	upstreamSize = 1 << 14
)

// minSecret is how many bytes a Secret must have.
const minSecret = 32

// New returns the Tokens of these sessions, signed with keys.
func New(sessions *session.Manager, keys *keyring.Keyring, c Config) (*Tokens, error) {
	if len(c.Secret) < minSecret {
		return nil, fmt.Errorf("token: the secret has %d bytes, and must have %d", len(c.Secret), minSecret)
	}
	if c.Issuer == "" {
		return nil, errors.New("token: no issuer")
	}
	for _, d := range []struct {
		is *time.Duration
		or time.Duration
	}{{&c.Lifetime, DefaultLifetime}, {&c.Renewable, DefaultRenewable}, {&c.Lease, DefaultLease}} {
		if *d.is <= 0 {
			*d.is = d.or
		}
	}
	c.Lease = min(c.Lease, MaxUpstream)
	return &Tokens{
		Config:    c,
		sessions:  sessions,
		keys:      keys,
		verified:  cache.New[[sha256.Size]byte, verified](verifiedSize, func(h [sha256.Size]byte) uint8 { return h[0] }),
		upstreams: cache.New[upstreamKey, upstreamToken](upstreamSize, func(k upstreamKey) uint8 { return k.session[0] ^ k.user[0] }),
	}, nil
}

// SessionToken returns the opaque token of a session that was begun here. It is for what is done
// in the session's name on this server, and must not leave it.
func (t *Tokens) SessionToken(id handstamp.ID) session.Token {
	mac := hmac.New(sha256.New, t.Secret)
	mac.Write(id[:])
	return session.Token(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}
