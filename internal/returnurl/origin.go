package returnurl

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// What is wrong with an origin.
var (
	errNoOrigin = errors.New("want http:// or https:// and a host")
	errHost     = errors.New("want a host of ASCII letters, digits and hyphens (of others, the form with xn--), or a plain address")
	errPort     = errors.New("want a port from 1 to 65535, in plain digits")
)

// SplitOrigin returns the origin of an absolute URL as browsers write it (RFC 6454, section 6.2), and what
// follows it: nothing, a path, a query or a fragment. Letter case and the usual port make no
// difference to a browser, and none here. All else that a browser would repair is an error. It does not allocate for an
// origin that stands there as browsers write it.
func SplitOrigin(raw string) (origin, rest string, err error) {
	scheme, after, ok := strings.Cut(raw, "://")
	scheme = lower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return "", "", errNoOrigin
	}
	authority := after
	if end := strings.IndexAny(after, "/?#"); end >= 0 {
		authority, rest = after[:end], after[end:]
	}
	authority = lower(authority)
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon:]
		if n, err := strconv.ParseUint(port[1:], 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port[1:] {
			return "", "", errPort
		}
	}
	if !isHost(host) {
		return "", "", errHost
	}
	if scheme == "http" && port == ":80" || scheme == "https" && port == ":443" {
		port = ""
	}
	asWritten := raw[:len(raw)-len(rest)]
	if strings.HasPrefix(asWritten, scheme) && asWritten[len(scheme)+len("://"):] == authority[:len(host)+len(port)] {
		return asWritten, rest, nil
	}
	return scheme + "://" + host + port, rest, nil
}

// isHost reports whether a browser leaves a host in small letters as it is. Of hosts that end in a
// number it makes IPv4 addresses, so those have to be one.
func isHost(host string) bool {
	if inside, ok := strings.CutPrefix(host, "["); ok {
		inside, ok = strings.CutSuffix(inside, "]")
		a, err := netip.ParseAddr(inside)
		// Of an IPv4 address in an IPv6 address, browsers write the last four bytes in hex.
		return ok && err == nil && a.Is6() && !a.Is4In6() && a.Zone() == "" && a.String() == inside
	}
	if len(host) > 253 {
		return false
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, isNoHostRune) {
			return false
		}
		last = label
	}
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.String() == host
	}
	return true
}

// isNoHostRune reports whether a character may not stand between the dots of a host.
func isNoHostRune(r rune) bool {
	return (r < 'a' || 'z' < r) && (r < '0' || '9' < r) && r != '-' && r != '_'
}

// lower is strings.ToLower for ASCII. That one makes an i of U+0130, and browsers make another host of it.
func lower(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
