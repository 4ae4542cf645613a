package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/handstamp/handstamp/internal/masterkey"
	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token/keyring"
)

// checkServeSettings returns what is wrong with settings that are fine one by one, and adds warnings about what
// is weak on purpose. Whatever is refused, the message says what to set.
func checkServeSettings(l *settings.Loaded[serveSettings]) error {
	c := checker{l: l}
	c.checkTransport()
	c.checkProxies()
	c.checkSignIn()
	c.checkTokens()
	c.checkPages()
	c.checkForward()
	c.checkStores()
	c.checkMasterKey()
	c.checkTraces()
	c.checkEventsOut()
	if len(c.wrong) > 0 {
		return c.wrong
	}
	return nil
}

type checker struct {
	l     *settings.Loaded[serveSettings]
	wrong settings.Errors
}

// refuse notes what is wrong with a setting.
func (c *checker) refuse(name, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Errorf("%s: "+format, append([]any{c.l.Origin(name)}, args...)...))
}

// warn notes what is weak about a setting.
func (c *checker) warn(name, format string, args ...any) {
	c.l.Warnings = append(c.l.Warnings, fmt.Sprintf("%s: "+format, append([]any{c.l.Origin(name)}, args...)...))
}

// checkTransport is about passwords and sessions in the clear.
func (c *checker) checkTransport() {
	s := c.l.Values
	if s.PublicURL.IsZero() || s.PublicURL.Path != "" && s.PublicURL.Path != "/" {
		c.refuse("public-url", "must be a scheme, a host and perhaps a port, such as https://id.example.com")
		return
	}
	if s.Listen == "" {
		c.refuse("listen", "there must be an address to listen on, such as 127.0.0.1:5000")
		return
	}
	if s.OpsListen != "" && s.OpsListen == s.Listen && !strings.HasSuffix(string(s.Listen), ":0") {
		c.refuse("ops-listen", "%s is where %s listens already; take another port, or leave it empty for one listener",
			s.OpsListen, c.l.Origin("listen"))
	}
	if s.OpsListen != "" && !s.OpsListen.IsLoopback() {
		c.warn("ops-listen", "others can reach %s, where /metrics is for everybody and nothing is encrypted: administrators must not "+
			"send passwords there; listen on this machine, or on a network that only those see who run the server", s.OpsListen)
	}
	switch {
	case s.PublicURL.Scheme == "https":
	case !s.PublicURL.IsSafe() && s.InsecurePublicURL:
		c.warn("public-url", "%s is not encrypted: whoever sees the network sees passwords and sessions; "+
			"put a proxy with TLS in front, and set the address that begins with https://", s.PublicURL)
	case !s.PublicURL.IsSafe():
		c.refuse("public-url", "%s is not encrypted; set an address that begins with https://, "+
			"or insecure-public-url = true if nobody else can see this network", s.PublicURL)
	case s.Listen.IsLoopback() || len(s.TrustedProxies) > 0:
	case s.InsecurePublicURL:
		c.warn("listen", "others can reach %s, and nothing is encrypted; listen on 127.0.0.1:5000, or put a proxy with TLS in front", s.Listen)
	default:
		c.refuse("listen", "others can reach %s, and public-url %s is not encrypted; listen on 127.0.0.1:5000, or put a proxy "+
			"with TLS in front and set public-url (https://…) and trusted-proxies, or set insecure-public-url = true", s.Listen, s.PublicURL)
	}
}

// checkProxies is about who may say where a request comes from.
func (c *checker) checkProxies() {
	s := c.l.Values
	for _, network := range s.TrustedProxies {
		if network.IsEverything() {
			c.refuse("trusted-proxies", "%s is everybody, who could then claim to be anybody; name the addresses of your proxies", network)
		}
	}
	if len(s.TrustedProxies) == 0 && s.PublicURL.Scheme == "https" {
		c.warn("trusted-proxies", "public-url is https, so a proxy stands in front, and none is trusted: "+
			"every request seems to come from the proxy; set its address")
	}
	if len(s.TrustedProxies) == 0 && c.l.IsSet("proxy-header") {
		c.warn("proxy-header", "without trusted-proxies nobody's header is read; set them, or leave this away")
	}
}

// checkSignIn is about passwords, sessions and attempts.
func (c *checker) checkSignIn() {
	s := c.l.Values
	if s.SessionIdle > s.SessionLifetime {
		c.refuse("session-idle", "%s is longer than session-lifetime, %s; no session would ever be idle that long", s.SessionIdle, s.SessionLifetime)
	}
	if len(s.Credentials) == 0 {
		c.refuse("credentials", "nobody could sign in; take session, bearer or basic, or several of them")
	}
	if s.TokenLifetime > s.TokenRenewable {
		c.refuse("token-lifetime", "%s is longer than token-renewable, %s; no token would ever be good that long", s.TokenLifetime, s.TokenRenewable)
	}
	if s.PlonePath != "" && !strings.HasPrefix(s.PlonePath, "/") {
		c.refuse("plone-path", "must be a path that begins with a slash, such as /plone/acl_users/jwt_auth")
	}
	if twice := firstTwice(s.Credentials); twice != "" {
		c.refuse("credentials", "%s is there twice", twice)
	}
	if s.Realm == "" || strings.ContainsFunc(s.Realm, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		c.refuse("realm", `a header carries it, so it must be ASCII letters and signs, without " and \`)
	}
	if least := settings.Size(password.Default.MemoryKiB) << 10; s.HashMemory != 0 && s.HashMemory < least {
		c.refuse("hash-memory", "%s is not enough for one hash; set %s or more, or 0 for one on each processor", s.HashMemory, least)
	}
	if s.PasswordLength < nistPasswordLength {
		c.warn("password-length", "passwords of %d characters are weak where nothing else is asked for; set %d, which is what NIST SP 800-63B-4 says",
			s.PasswordLength, nistPasswordLength)
	}
	c.checkCookieDomain()
	c.checkOldCookie()
	if !s.Throttle {
		c.warn("throttle", "passwords can be tried without limit; set throttle = true")
	}
}

// checkTokens is about the keys that sign them.
func (c *checker) checkTokens() {
	if every := time.Duration(c.l.Values.TokenRotation); every != 0 && every < keyring.MinEvery {
		c.refuse("token-rotation", "every %s is more often than others look for new keys; set 1h or more, or 0 for never", c.l.Values.TokenRotation)
	}
}

// checkCookieDomain is about who else gets the session cookie.
func (c *checker) checkCookieDomain() {
	s := c.l.Values
	if s.CookieDomain == "" {
		return
	}
	suffix, _ := publicsuffix.PublicSuffix(s.CookieDomain)
	switch host := s.PublicURL.Hostname(); {
	case !isUnder(host, s.CookieDomain):
		c.refuse("cookie-domain", "the host of public-url, %s, is not in it; browsers would not take the cookie", host)
	case suffix == s.CookieDomain || net.ParseIP(host) != nil:
		c.refuse("cookie-domain", "%q is nobody's own domain; browsers would not take the cookie", s.CookieDomain)
	default:
		c.warn("cookie-domain", "every host of %s gets the session cookie: whoever runs one of them can use the sessions of all", s.CookieDomain)
	}
}

// isUnder reports whether a host is domain, or in it.
func isUnder(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// checkOldCookie is about the cookie of another system.
func (c *checker) checkOldCookie() {
	s := c.l.Values
	switch ours := (session.Cookie{Insecure: s.isInsecure(), Domain: s.CookieDomain}).SentName(); {
	case s.OldCookie == "":
	case (&http.Cookie{Name: s.OldCookie}).Valid() != nil:
		c.refuse("old-cookie", "%q cannot be the name of a cookie; take what session.name says in php.ini", s.OldCookie)
	case s.OldCookie == ours:
		c.refuse("old-cookie", "%s is the name of our own cookie; nobody who has one of the two could be told from the other", ours)
	case !slices.Contains(s.Credentials, credentialSession):
		c.refuse("old-cookie", "nobody is let in by a session; add session to %s, or leave this away", c.l.Origin("credentials"))
	}
}

// checkMasterKey is about a key that is given; that of the data folder is looked at by those who use it.
func (c *checker) checkMasterKey() {
	if given := c.l.Values.MasterKey; !given.IsZero() {
		if _, err := masterkey.Parse(given.Reveal()); err != nil {
			c.refuse("master-key", "%w", err)
		}
	}
}

// nistPasswordLength is how many characters a password has at least where nothing else is asked for (NIST SP
// 800-63B-4, section 3.1.1.2).
const nistPasswordLength = 15

func firstTwice[T comparable](list []T) (twice T) {
	for i, element := range list {
		if slices.Contains(list[:i], element) {
			return element
		}
	}
	return twice
}

// checkTraces is about what goes to the collector.
func (c *checker) checkTraces() {
	s := c.l.Values
	if s.TraceHeaders.IsZero() {
		return
	}
	if _, err := s.traceHeaders(); err != nil {
		c.refuse("trace-headers", "%w", err)
	}
	switch {
	case s.TraceEndpoint.IsZero():
		c.refuse("trace-headers", "there is nobody to send them to; set trace-endpoint")
	case !s.TraceEndpoint.IsSafe():
		c.refuse("trace-endpoint", "%s is not encrypted, and trace-headers are secret; set an address that begins with https://", s.TraceEndpoint)
	}
}

var errTraceHeaders = errors.New("must be NAME=VALUE, separated by commas")

// traceHeaders returns the headers for the collector: NAME=VALUE pairs between commas, values escaped as in
// URLs (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). They are secret, and no error shows
// them.
func (s serveSettings) traceHeaders() (map[string]string, error) {
	headers := make(map[string]string)
	for pair := range strings.SplitSeq(s.TraceHeaders.Reveal(), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		isOdd := func(r rune) bool { return r < ' ' || r > '~' }
		if !found || name == "" || err != nil || strings.ContainsFunc(pair, isOdd) || strings.ContainsFunc(value, isOdd) {
			return nil, errTraceHeaders
		}
		headers[name] = value
	}
	return headers, nil
}
