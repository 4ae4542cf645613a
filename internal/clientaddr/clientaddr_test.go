package clientaddr_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/clientaddr"
)

// finder trusts the networks of the examples.
func finder(t testing.TB, header clientaddr.Kind) *clientaddr.Finder {
	t.Helper()
	networks, socket, err := clientaddr.ParseTrusted("10.0.0.0/8, fd00::/8 fe80::/10,192.0.2.1,unix")
	if err != nil {
		t.Fatal(err)
	}
	return &clientaddr.Finder{Trusted: networks, TrustSocket: socket, Header: header}
}

// request comes from peer with these lines of one header.
func request(peer, name string, lines ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = peer
	if len(lines) > 0 {
		r.Header[name] = lines
	}
	return r
}

// TestIsProxy: the peer of the connection, whatever a header says.
func TestIsProxy(t *testing.T) {
	f := finder(t, clientaddr.XForwardedFor)
	for peer, want := range map[string]bool{
		"10.1.2.3:80": true, "[::ffff:10.1.2.3]:80": true, "192.0.2.1:80": true, "192.0.2.2:80": false, "[fd00::1]:80": true, "@": true,
	} {
		if got := f.IsProxy(request(peer, "X-Forwarded-For", "10.1.2.3")); got != want {
			t.Errorf("%s: %v", peer, got)
		}
	}
	if new(clientaddr.Finder).IsProxy(request("@", "X-Forwarded-For")) {
		t.Error("the zero Finder trusts a socket")
	}
}

// Where "refused" stands for the address, the header cannot be read; "none" is a client without one.
func check(t *testing.T, f *clientaddr.Finder, r *http.Request, want string) {
	t.Helper()
	got, err := f.Find(r)
	switch {
	case want == "refused":
		if !errors.Is(err, clientaddr.ErrHeader) {
			t.Errorf("%v, %v; want it refused", got, err)
		}
	case err != nil:
		t.Errorf("%v, want %s", err, want)
	case want == "none":
		if got.IsValid() {
			t.Errorf("%v, want no address", got)
		}
	case got.String() != want:
		t.Errorf("%v, want %s", got, want)
	}
}

func TestPeer(t *testing.T) {
	for _, row := range []struct{ remote, want string }{
		{"203.0.113.7:1234", "203.0.113.7"},
		{"[2001:db8::1]:1234", "2001:db8::1"},
		{"[fe80::1%eth0]:1234", "fe80::1"},
		{"[::ffff:203.0.113.7]:1234", "203.0.113.7"},
		{"@", "none"},
		{"", "none"},
		{"/run/client.sock", "none"},
	} {
		check(t, &clientaddr.Finder{}, request(row.remote, ""), row.want)
	}
}

func TestXForwardedFor(t *testing.T) {
	const proxy, stranger = "10.0.0.1:80", "203.0.113.7:1234"
	for _, row := range []struct {
		name, peer string
		lines      []string
		want       string
	}{
		{"a stranger's header", stranger, []string{"198.51.100.1"}, "203.0.113.7"},
		{"a stranger's rubbish", stranger, []string{"\"what"}, "203.0.113.7"},
		{"no header", proxy, nil, "10.0.0.1"},
		{"one hop", proxy, []string{"198.51.100.1"}, "198.51.100.1"},
		{"the right-most counts", proxy, []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"a claim to be a proxy", proxy, []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"through two proxies", proxy, []string{"1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"a client that is a proxy", proxy, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"lines are one list", proxy, []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		{"the last line counts", proxy, []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		{"rubbish on the left", proxy, []string{"\"[,;%%, 198.51.100.1"}, "198.51.100.1"},
		{"white space", proxy, []string{"1.1.1.1 ,\t198.51.100.1 "}, "198.51.100.1"},
		{"a port", proxy, []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6", proxy, []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in brackets", proxy, []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"IPv6 with a port", proxy, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv6 with a zone", proxy, []string{"198.51.100.1, fe80::1%eth0"}, "198.51.100.1"},
		{"IPv4 inside of IPv6", proxy, []string{"198.51.100.1, ::ffff:10.0.0.2"}, "198.51.100.1"},
		{"a proxy with IPv6", "[fd00::1]:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a proxy with a zone", "[fe80::1%eth0]:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a single trusted address", "192.0.2.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"its neighbour", "192.0.2.2:80", []string{"198.51.100.1"}, "192.0.2.2"},
		{"a socket", "@", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a socket without a header", "@", nil, "none"},
		{"unknown", proxy, []string{"1.1.1.1, unknown"}, "10.0.0.1"},
		{"unknown, further away", proxy, []string{"1.1.1.1, Unknown, 10.0.0.2"}, "10.0.0.2"},

		{"empty", proxy, []string{""}, "refused"},
		{"an empty element", proxy, []string{"198.51.100.1,"}, "refused"},
		{"an empty line at the end", proxy, []string{"198.51.100.1", ""}, "refused"},
		{"a name", proxy, []string{"198.51.100.1, localhost"}, "refused"},
		{"a leading zero", proxy, []string{"198.51.100.01"}, "refused"},
		{"two in one", proxy, []string{"198.51.100.1 10.0.0.2"}, "refused"},
		{"a bad port", proxy, []string{"198.51.100.1:http"}, "refused"},
		{"no port", proxy, []string{"198.51.100.1:"}, "refused"},
		{"an open bracket", proxy, []string{"[2001:db8::7"}, "refused"},
		{"text after a bracket", proxy, []string{"[2001:db8::7]x"}, "refused"},
		{"IPv4 in brackets", proxy, []string{"[198.51.100.1]"}, "refused"},
		{"quotes", proxy, []string{`"198.51.100.1"`}, "refused"},
		{"fifty proxies", proxy, []string{"198.51.100.1" + strings.Repeat(", 10.0.0.2", 49)}, "198.51.100.1"},
		{"one too many", proxy, []string{"198.51.100.1" + strings.Repeat(", 10.0.0.2", 50)}, "refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			check(t, finder(t, clientaddr.XForwardedFor), request(row.peer, "X-Forwarded-For", row.lines...), row.want)
		})
	}
}

func TestForwarded(t *testing.T) {
	for _, row := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"no header", nil, "10.0.0.1"},
		{"one hop", []string{"for=198.51.100.1"}, "198.51.100.1"},
		{"all parameters", []string{`By=10.0.0.1;FOR="198.51.100.1:80"; host="a,b;c";proto=https`}, "198.51.100.1"},
		{"IPv6", []string{`for="[2001:db8::7]"`}, "2001:db8::7"},
		{"IPv6 with a port", []string{`for="[2001:db8::7]:4711"`}, "2001:db8::7"},
		{"the right-most counts", []string{"for=1.1.1.1, for=198.51.100.1"}, "198.51.100.1"},
		{"two proxies", []string{"for=198.51.100.1", "for=10.0.0.2"}, "198.51.100.1"},
		{"an open quote on the left", []string{`for="1.1.1.1, for=198.51.100.1`}, "198.51.100.1"},
		{"a backslash on the left", []string{`for="\", for=198.51.100.1`}, "198.51.100.1"},
		{"an open quote on the line before", []string{`for="1.1.1.1`, "for=198.51.100.1"}, "198.51.100.1"},
		{"unknown", []string{"for=1.1.1.1, for=unknown"}, "10.0.0.1"},
		{"obfuscated", []string{"for=1.1.1.1, for=_SEVKISEK.a-b"}, "10.0.0.1"},
		{"obfuscated port", []string{`for="198.51.100.1:_x"`}, "198.51.100.1"},
		{"an empty parameter", []string{"for=198.51.100.1;"}, "198.51.100.1"},

		{"empty", []string{""}, "refused"},
		{"without for", []string{"for=198.51.100.1, proto=https"}, "refused"},
		{"for twice", []string{"for=198.51.100.1;for=1.1.1.1"}, "refused"},
		{"for twice, other letters", []string{"for=198.51.100.1;For=1.1.1.1"}, "refused"},
		{"no value", []string{"for="}, "refused"},
		{"no pair", []string{"198.51.100.1"}, "refused"},
		{"IPv6 without brackets", []string{`for="2001:db8::7"`}, "refused"},
		{"a space before the equals sign", []string{"for =198.51.100.1"}, "refused"},
		{"a quote left open", []string{`for="198.51.100.1`}, "refused"},
		{"a quote in the middle", []string{`for=198"51"100.1`}, "refused"},
		{"obfuscated without a name", []string{"for=_"}, "refused"},
		{"obfuscated with a star", []string{"for=_a*"}, "refused"},
		{"a backslash", []string{`for=198.51.100.1;host="a\\b"`}, "refused"},
		// What a client sent as its host must not become an element of its own.
		{"an escaped quote", []string{`for=198.51.100.1;host="x\", for=1.1.1.1;a=\""`}, "refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			check(t, finder(t, clientaddr.Forwarded), request("10.0.0.1:80", "Forwarded", row.lines...), row.want)
		})
	}
}

func TestXRealIP(t *testing.T) {
	for _, row := range []struct {
		lines []string
		want  string
	}{
		{nil, "10.0.0.1"},
		{[]string{"198.51.100.1"}, "198.51.100.1"},
		{[]string{" 2001:db8::7 "}, "2001:db8::7"},
		{[]string{"10.0.0.9"}, "10.0.0.9"},
		{[]string{"1.1.1.1, 198.51.100.1"}, "refused"},
		{[]string{"1.1.1.1", "198.51.100.1"}, "refused"},
		{[]string{""}, "refused"},
	} {
		check(t, finder(t, clientaddr.XRealIP), request("10.0.0.1:80", "X-Real-Ip", row.lines...), row.want)
	}
}

// TestOneKindOfHeader: what the proxies do not write comes from the client.
func TestOneKindOfHeader(t *testing.T) {
	all := http.Header{
		"X-Forwarded-For": {"198.51.100.1"}, "Forwarded": {"for=198.51.100.2"}, "X-Real-Ip": {"198.51.100.3"},
		"X_forwarded_for": {"1.1.1.1"}, "X-Forwarded_for": {"1.1.1.1"}, "X_real_ip": {"1.1.1.1"},
		"X-Client-Ip": {"1.1.1.1"}, "True-Client-Ip": {"1.1.1.1"}, "Cf-Connecting-Ip": {"1.1.1.1"},
	}
	want := map[clientaddr.Kind]string{
		clientaddr.XForwardedFor: "198.51.100.1", clientaddr.Forwarded: "198.51.100.2", clientaddr.XRealIP: "198.51.100.3",
	}
	for kind, address := range want {
		r := request("10.0.0.1:80", "")
		r.Header = all.Clone()
		check(t, finder(t, kind), r, address)
		r.Header.Del(kind.String())
		check(t, finder(t, kind), r, "10.0.0.1") // and nothing takes its place
	}
}

func TestSocketIsNotTrustedByItself(t *testing.T) {
	check(t, &clientaddr.Finder{}, request("@", "X-Forwarded-For", "198.51.100.1"), "none")
}

func TestParseTrusted(t *testing.T) {
	for _, list := range []string{"", " , ", "10.0.0.0/8", "::1,127.0.0.1", "unix"} {
		if _, _, err := clientaddr.ParseTrusted(list); err != nil {
			t.Errorf("%q: %v", list, err)
		}
	}
	for _, list := range []string{"localhost", "10.0.0.0/33", "10.0.0.1/8", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "*"} {
		if networks, _, err := clientaddr.ParseTrusted(list); err == nil {
			t.Errorf("%q was taken for %v", list, networks)
		}
	}
	if _, socket, _ := clientaddr.ParseTrusted("10.0.0.0/8"); socket {
		t.Error("sockets are trusted, and nobody said so")
	}
}

func TestKindFromText(t *testing.T) {
	for text, want := range map[string]clientaddr.Kind{
		"x-forwarded-for": clientaddr.XForwardedFor, "Forwarded": clientaddr.Forwarded, "X-Real-IP": clientaddr.XRealIP,
	} {
		var kind clientaddr.Kind
		if err := kind.UnmarshalText([]byte(text)); err != nil || kind != want {
			t.Errorf("%q: %v, %v", text, kind, err)
		}
	}
	if err := new(clientaddr.Kind).UnmarshalText([]byte("X_Forwarded_For")); err == nil {
		t.Error("a header that does not exist was taken")
	}
}

func TestNoAllocation(t *testing.T) {
	direct := request("203.0.113.7:1234", "X-Forwarded-For", "198.51.100.1")
	proxied := request("10.0.0.1:80", "X-Forwarded-For", "1.1.1.1, 198.51.100.1:80, 10.0.0.2")
	f := finder(t, clientaddr.XForwardedFor)
	for name, r := range map[string]*http.Request{"direct": direct, "proxied": proxied} {
		if n := testing.AllocsPerRun(100, func() { _, _ = f.Find(r) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	var addr netip.Addr
	if n := testing.AllocsPerRun(100, func() { addr = clientaddr.Peer(direct) }); n != 0 || !addr.IsValid() {
		t.Errorf("Peer: %v allocations", n)
	}
}
