package session

import (
	"net/http"
	"net/textproto"
	"strings"
)

// A Cookie says under which name and with which attributes a session token travels. The zero
// Cookie is the safe one: "__Host-session", Secure, HttpOnly, SameSite=Lax, Path=/.
type Cookie struct {
	// Name is the cookie's name, compared exactly. Empty means "__Host-session", "__Secure-session"
	// where there is a Domain, or "session" where Insecure or Classic is set, as browsers refuse the
	// prefixes without Secure.
	Name string

	// Domain, such as "example.com", lets browsers send the cookie to every host of it. Then each of these hosts can
	// read and set it. Empty is for the one host that sets it, and should be.
	Domain string

	// Insecure leaves out Secure, for servers that are reached over plain HTTP.
	Insecure bool

	// Classic sends the cookie as the founding API did, NAME=value; Path=/ without any other
	// attribute, and takes the first of several cookies with the name.
	Classic bool
}

// SentName returns the name under which the cookie is sent: Name, or what stands for an empty one.
func (c Cookie) SentName() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Insecure || c.Classic:
		return "session"
	case c.Domain != "":
		return "__Secure-session"
	default:
		return "__Host-session"
	}
}

// Read returns the session token in header. It is false when there is none, when it is empty,
// and when the name is there more than once: somebody who can plant a cookie for a whole domain
// must not be able to choose the session. It does not allocate.
func (c Cookie) Read(header http.Header) (Token, bool) {
	name := c.SentName()
	var token Token
	found := 0
	for _, line := range header["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			key, value, isPair := strings.Cut(pair, "=")
			if !isPair || textproto.TrimString(key) != name {
				continue
			}
			if found++; found > 1 {
				if c.Classic {
					continue
				}
				return "", false
			}
			token = Token(unquote(textproto.TrimString(value)))
		}
	}
	return token, token != ""
}

// unquote cuts one pair of double quotes (RFC 6265, section 4.1.1).
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// Set puts token into the answer's headers.
func (c Cookie) Set(header http.Header, token Token) {
	c.add(header, &http.Cookie{Value: string(token)})
}

// Clear tells the browser to forget the token.
func (c Cookie) Clear(header http.Header) { c.add(header, &http.Cookie{MaxAge: -1}) }

func (c Cookie) add(header http.Header, cookie *http.Cookie) {
	cookie.Name = c.SentName()
	cookie.Path, cookie.Domain = "/", c.Domain
	if !c.Classic {
		cookie.HttpOnly = true
		cookie.Secure = !c.Insecure
		cookie.SameSite = http.SameSiteLaxMode
	}
	header.Add("Set-Cookie", cookie.String())
}
