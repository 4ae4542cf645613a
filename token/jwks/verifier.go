package jwks

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/bearertoken"
)

// A Config says whose tokens are good here.
type Config struct {
	// Issuer is the public-url of the Handstamp server: the iss of its tokens, compared as text.
	Issuer string

	// Audience is whom the tokens must be for: the origin of the app as browsers know it, such as
	// "https://app.example.com".
	Audience string

	// URL is where the public keys are; if it is empty, /.well-known/jwks.json of the Issuer. It is https, or on
	// this machine.
	URL string

	// Client fetches the keys; nil for one of its own. It follows no redirect and keeps no cookies, whatever it says.
	Client *http.Client

	// Leeway is by how much the clocks of both machines may differ, at most 5 s. Tokens are good for that much longer.
	Leeway time.Duration

	// Renewable accepts the tokens of /@login, too, which their owners renew. They are good until they expire, for 12
	// hours if the server is told nothing else, even when their session has ended or they were replaced: this service cannot
	// know that. Without it they are refused, also where Issuer and Audience are the same.
	Renewable bool
}

// maxLeeway bounds [Config.Leeway].
const maxLeeway = 5 * time.Second

// A Verifier is a [handstamp.Authenticator] for the tokens of another server. It is safe for concurrent use.
type Verifier struct {
	config Config
	client *http.Client

	known  atomic.Pointer[keySet] // nil before the first
	last   atomic.Pointer[attempt]
	flight singleflight.Group
}

// New returns a Verifier. It fetches nothing yet. The error says what is wrong with c.
func New(c Config) (*Verifier, error) {
	switch {
	case c.Issuer == "":
		return nil, errors.New("jwks: no issuer")
	case c.Audience == "":
		return nil, errors.New("jwks: no audience")
	case c.Leeway < 0 || c.Leeway > maxLeeway:
		return nil, fmt.Errorf("jwks: a leeway of %v, want at most %v", c.Leeway, maxLeeway)
	}
	if c.URL == "" {
		c.URL = strings.TrimSuffix(c.Issuer, "/") + "/.well-known/jwks.json"
	}
	if err := checkURL(c.URL); err != nil {
		return nil, err
	}
	client := &http.Client{}
	if c.Client != nil {
		*client = *c.Client
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Verifier{config: c, client: client}, nil
}

// checkURL wants a URL from which nobody on the way can give us other keys.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "": // not shown, as it may hold a password
		return errors.New("jwks: the URL of the keys is none, or has more than a host, a path and a query")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("jwks: keys from %s could be changed on the way: want https", u.Redacted())
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

// Authenticate implements [handstamp.Authenticator] for the Authorization header (RFC 6750, section 2.1). The Identity has
// no ProvedAt, and a SessionID if the token names one. Its errors wrap [handstamp.ErrNoCredential], [ErrInvalid], or mean
// that the keys cannot be had.
func (v *Verifier) Authenticate(r *http.Request) (handstamp.Identity, error) {
	token, err := bearertoken.Read(r)
	if err != nil {
		return handstamp.Identity{}, err
	}
	signed, err := v.verify(r.Context(), token)
	if err != nil {
		return handstamp.Identity{}, err
	}
	c, err := readClaims(signed)
	if err != nil {
		return handstamp.Identity{}, err
	}
	if err := v.config.judge(c, time.Now()); err != nil {
		return handstamp.Identity{}, err
	}
	return handstamp.Identity{UserID: c.subject, Role: c.role, Method: handstamp.MethodBearer, SessionID: c.session}, nil
}

// Challenge implements [handstamp.Authenticator] (RFC 6750, section 3).
func (v *Verifier) Challenge(err error) string { return bearertoken.Challenge(err) }
