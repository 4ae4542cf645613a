package settings

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A URL is one of http or https, without a user name, password, query and fragment.
type URL struct{ url.URL }

// UnmarshalText implements [encoding.TextUnmarshaler]. The empty text is no URL.
func (u *URL) UnmarshalText(text []byte) error {
	word := string(text)
	if word == "" {
		*u = URL{}
		return nil
	}
	parsed, err := url.Parse(word)
	switch {
	// Neither of these is shown to anybody: it may hold a password, or a key.
	case strings.Contains(word, "@"):
		return errors.New("there must be no user name and no password in the URL")
	case strings.ContainsAny(word, "?#"):
		return errors.New("there must be no query and no fragment in the URL")
	case err != nil || parsed.Opaque != "" || parsed.Hostname() == "" || strings.ContainsAny(word, " \\"):
		return fmt.Errorf("%s is not a URL, such as https://id.example.com", quote(word))
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return fmt.Errorf("%s begins neither with https:// nor with http://", quote(word))
	}
	*u = URL{*parsed}
	return nil
}

// IsZero reports whether there is no URL.
func (u URL) IsZero() bool { return u.Host == "" }

// String returns the URL. (The embedded type's method wants a pointer.)
func (u URL) String() string { return u.URL.String() }

// IsSafe reports whether what is sent to the URL cannot be read on the way: it is https, or does
// not leave the machine.
func (u URL) IsSafe() bool { return u.Scheme == "https" || isLoopback(u.Hostname()) }

// Placeholder says in the help what to write.
func (URL) Placeholder() string { return "URL" }

// An Origin is a scheme, a host, and a port where it is not the scheme's own, as browsers send it
// in the header of that name (RFC 6454, section 6.2): https://app.example.com.
type Origin string

// UnmarshalText implements [encoding.TextUnmarshaler].
func (o *Origin) UnmarshalText(text []byte) error {
	word := string(text)
	switch {
	case strings.ContainsAny(word, "@?#"): // shown to nobody, as with a URL
		return errors.New("an origin is a scheme, a host and perhaps a port, such as https://app.example.com")
	case strings.Contains(word, "*"):
		return fmt.Errorf("%s has a wildcard, which would let strangers' pages act for your users; name each origin", quote(word))
	}
	var u URL
	if err := u.UnmarshalText(text); err != nil || u.IsZero() || u.Path != "" && u.Path != "/" {
		return fmt.Errorf("%s is not an origin, such as https://app.example.com", quote(word))
	}
	host := strings.ToLower(u.Host)
	if strings.ContainsFunc(host, func(r rune) bool { return r > 0x7f }) {
		return fmt.Errorf("%s is not as browsers send it; write the host in its ASCII form, which begins with xn--", quote(word))
	}
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	*o = Origin(u.Scheme + "://" + strings.TrimSuffix(strings.TrimSuffix(host, port), ":"))
	return nil
}

// Placeholder says in the help what to write.
func (Origin) Placeholder() string { return "ORIGIN" }
