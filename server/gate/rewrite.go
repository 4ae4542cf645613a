package gate

import (
	"errors"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"slices"
	"strings"

	"github.com/handstamp/handstamp"
)

// ours are headers that mean something only when the server, or a proxy, says them, beside all that begin with forwarded.
// The last ones are what some frameworks take for the true target.
var ours = map[string]bool{
	userHeader: true, emailHeader: true, roleHeader: true, sessionHeader: true, "Authorization": true,
	"Forwarded": true, "X-Real-Ip": true, "Http2-Settings": true,
	"X-Original-Url": true, "X-Rewrite-Url": true,
}

const forwarded = "X-Forwarded-"

// rewrite makes the app's request of the client's. What only concerns the client's connection is gone already, and with
// it what the client's Connection names, so that nothing that is set here can be named there.
func (p *passage) rewrite(pr *httputil.ProxyRequest) {
	out, header := pr.Out, pr.Out.Header
	out.URL = p.out
	out.Trailer = nil // fields behind the body, which some readers take for those before it
	for name := range header {
		if ours[name] || strings.HasPrefix(name, forwarded) || !isPlain(name) {
			delete(header, name)
		}
	}
	if !isWebSocket(p.r.Header) { // h2c would be a tunnel past the gate
		delete(header, "Connection")
		delete(header, "Upgrade")
	}
	if cookies := withoutCookies(header["Cookie"], p.Cookies); len(cookies) > 0 {
		header["Cookie"] = cookies
	} else {
		delete(header, "Cookie")
	}
	for name, values := range p.verdict.Header {
		if len(values) > 0 && values[0] != "" {
			header.Set(name, values[0])
		}
	}
	if client := handstamp.OriginOf(p.r.Context()).Address; client.IsValid() {
		header.Set("X-Forwarded-For", client.String())
	}
	header.Set("X-Forwarded-Host", p.r.Host)
	header.Set("X-Forwarded-Proto", p.Scheme)
}

// isPlain reports whether every reader finds the same name in a header's: letters, digits and hyphens.
func isPlain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if letter := 'a' <= c|0x20 && c|0x20 <= 'z'; !letter && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// isWebSocket reports whether a request asks for a WebSocket and nothing else (RFC 6455, section 4.1).
func isWebSocket(header http.Header) bool {
	upgrade := header["Upgrade"]
	if len(upgrade) != 1 || !strings.EqualFold(upgrade[0], "websocket") {
		return false
	}
	for _, line := range header["Connection"] {
		for token := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(textproto.TrimString(token), "upgrade") {
				return true
			}
		}
	}
	return false
}

// withoutCookies returns the lines of a Cookie header without the pairs of these names.
func withoutCookies(lines, names []string) []string {
	var left []string
	for _, line := range lines {
		pairs := strings.Split(line, ";")
		kept := slices.DeleteFunc(pairs, func(pair string) bool {
			name, _, isPair := strings.Cut(pair, "=")
			return isPair && slices.Contains(names, textproto.TrimString(name))
		})
		if line = strings.TrimLeft(strings.Join(kept, ";"), " \t"); line != "" {
			left = append(left, line)
		}
	}
	return left
}

var errUpgrade = errors.New("the app changes to another protocol, which nobody has asked for")

// adjust takes out of the app's answer what is not the app's to say.
func (p *passage) adjust(answer *http.Response) error {
	isUpgrade := answer.StatusCode == http.StatusSwitchingProtocols
	if isUpgrade && (!isWebSocket(p.r.Header) || !isWebSocket(answer.Header)) {
		return errUpgrade
	}
	p.dropCookies(answer.Header)
	if p.verdict.isKnown() && !isUpgrade && !saysWhoMayKeep(answer.Header) {
		// The app may not know that only some may see this.
		answer.Header.Set("Cache-Control", "private")
	}
	return nil
}

// saysWhoMayKeep reports whether an answer says something about caches, which may else keep it for everybody as long as
// they think fit (RFC 9111, section 4.2.2).
func saysWhoMayKeep(header http.Header) bool {
	return len(header["Cache-Control"]) > 0 || len(header["Expires"]) > 0
}

// dropCookies takes out cookies that the app would set in the place of the server's own.
func (p *passage) dropCookies(header http.Header) {
	lines := header["Set-Cookie"]
	isOwn := func(line string) bool {
		// A browser sends a cookie without a name as its value, which may look like a pair.
		line = strings.TrimLeft(line, " \t=")
		if end := strings.IndexAny(line, "=;"); end >= 0 {
			line = line[:end]
		}
		return slices.Contains(p.Cookies, textproto.TrimString(line))
	}
	if !slices.ContainsFunc(lines, isOwn) {
		return
	}
	if lines = slices.DeleteFunc(slices.Clone(lines), isOwn); len(lines) == 0 {
		header.Del("Set-Cookie")
		return
	}
	header["Set-Cookie"] = lines
}
