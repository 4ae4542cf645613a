package clientaddr

import (
	"fmt"
	"net/netip"
	"strings"
)

// A Kind is a header in which proxies say for whom they ask.
type Kind uint8

// The kinds of header. The zero Kind is XForwardedFor.
const (
	XForwardedFor Kind = iota // a list of addresses
	Forwarded                 // RFC 7239
	XRealIP                   // one address
)

// keys are the names as they stand in an [http.Header]. No other spelling is read, so that
// "X_Forwarded_For", which some servers take for the same, means nothing.
var keys = [...]string{XForwardedFor: "X-Forwarded-For", Forwarded: "Forwarded", XRealIP: "X-Real-Ip"}

func (k Kind) key() string { return keys[k] }

// String returns the name of the header.
func (k Kind) String() string { return keys[k] }

// UnmarshalText implements [encoding.TextUnmarshaler]: it reads the name of the header.
func (k *Kind) UnmarshalText(text []byte) error {
	for kind, key := range keys {
		if strings.EqualFold(string(text), key) {
			*k = Kind(kind)
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", text, strings.Join(keys[:], ", "))
}

// last reads the last element of a header line. known is false when the element says that nobody
// knows; rest is what stands before, if there is more. ok is false if the element cannot be read.
func (k Kind) last(line string) (hop netip.Addr, known bool, rest string, more, ok bool) {
	switch k {
	case Forwarded:
		comma, ok := lastComma(line)
		if !ok {
			return netip.Addr{}, false, "", false, false
		}
		node, ok := forParameter(line[comma+1:])
		if !ok {
			return netip.Addr{}, false, "", false, false
		}
		hop, known, ok = parseNode(node, false)
		return hop, known, line[:max(comma, 0)], comma >= 0, ok
	case XRealIP:
		hop, known, ok = parseNode(trim(line), true)
		return hop, known, "", false, ok
	default:
		comma := strings.LastIndexByte(line, ',')
		hop, known, ok = parseNode(trim(line[comma+1:]), true)
		return hop, known, line[:max(comma, 0)], comma >= 0, ok
	}
}

// trim cuts the white space that may stand around an element.
func trim(s string) string { return strings.Trim(s, " \t") }
