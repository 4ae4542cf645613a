package clientaddr_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/internal/clientaddr"
)

// element spells an address as a proxy may write it.
func element(t *rapid.T, kind clientaddr.Kind, a netip.Addr) string {
	node := a.String()
	port := rapid.SampledFrom([]string{"", ":80", ":65535"}).Draw(t, "port")
	if a.Is6() && (kind == clientaddr.Forwarded || port != "" || rapid.Bool().Draw(t, "brackets")) {
		node = "[" + node + "]"
	}
	node += port
	if kind != clientaddr.Forwarded {
		return node
	}
	return fmt.Sprintf(rapid.SampledFrom([]string{
		`for="%s"`, `For="%s";proto=https`, `host="a,b;c=d";for="%s";by=_hidden`, `proto=http; for="%s"`,
	}).Draw(t, "form"), node)
}

var (
	client = rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "v6") {
			a := [16]byte{0x20, 0x01, 0x0d, 0xb8}
			copy(a[12:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
			return netip.AddrFrom16(a)
		}
		return netip.AddrFrom4([4]byte{203, 0, 113, rapid.Byte().Draw(t, "address")})
	})
	proxy = rapid.Custom(func(t *rapid.T) netip.Addr {
		return netip.AddrFrom4([4]byte{10, 0, 0, rapid.Byte().Draw(t, "proxy")})
	})
	sent = rapid.OneOf(
		rapid.StringOf(rapid.SampledFrom([]rune(`"\,;=[]:for10.2 _%`))),
		rapid.SampledFrom([]string{"", `for="`, `"`, `\`, `for="\`, "10.0.0.1", "unknown", "1.1.1.1, 10.0.0.9", "for=10.0.0.9;by=\""}),
	)
)

// TestNothingAClientSendsChangesTheAnswer: whatever a client puts into the header, on however many
// lines, and however the proxies append to it, its own address comes out.
func TestNothingAClientSendsChangesTheAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]clientaddr.Kind{clientaddr.XForwardedFor, clientaddr.Forwarded}).Draw(t, "kind")
		want := client.Draw(t, "client")
		lines := rapid.SliceOfN(sent, 0, 3).Draw(t, "sent")
		last := proxy.Draw(t, "peer")

		hops := []netip.Addr{want}
		hops = append(hops, rapid.SliceOfN(proxy, 0, 4).Draw(t, "proxies")...)
		for _, hop := range hops { // each is written down by the proxy that it asked
			text := element(t, kind, hop)
			if len(lines) > 0 && rapid.Bool().Draw(t, "append") {
				comma := rapid.SampledFrom([]string{",", ", ", " ,\t"}).Draw(t, "comma")
				lines[len(lines)-1] += comma + text
			} else {
				lines = append(lines, text)
			}
		}
		f := &clientaddr.Finder{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Header: kind}
		got, err := f.Find(request(last.String()+":80", kind.String(), lines...))
		if err != nil || got != want {
			t.Fatalf("%v, %v; want %v from %q", got, err, want, lines)
		}
	})
}

// FuzzFind: no header makes it panic, and what stands to the left of the answer never matters.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"", "1.1.1.1, 10.0.0.2", `for="[::1]:80";host="a,b", for=_x`, `for="\", for=1.1.1.1`, "fe80::1%eth0", "[::1]:", "unknown:_x",
	} {
		for kind := range uint8(3) {
			f.Add(kind, "", seed)
			f.Add(kind, seed, "10.0.0.2")
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, left, line string) {
		find := &clientaddr.Finder{
			Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Header: clientaddr.Kind(kind % 3),
		}
		header := find.Header.String()
		got, err := find.Find(request("10.0.0.1:80", header, line))
		if err != nil {
			if got.IsValid() {
				t.Errorf("refused with an address: %v", got)
			}
			return
		}
		if got.Zone() != "" || got.Is4In6() {
			t.Errorf("%v is not the plain address", got)
		}
		if find.Header == clientaddr.XRealIP || netip.MustParsePrefix("10.0.0.0/8").Contains(got) {
			return // nobody was found who is no proxy, so that more of the header may be read
		}
		if again, err := find.Find(request("10.0.0.1:80", header, left, line)); again != got || err != nil {
			t.Errorf("%v, %v with %q before %q; %v without", again, err, left, line, got)
		}
		if find.Header == clientaddr.XForwardedFor && !strings.Contains(line, ",") {
			if again, err := find.Find(request("10.0.0.1:80", header, left+","+line)); again != got || err != nil {
				t.Errorf("%v, %v with %q before %q; %v without", again, err, left, line, got)
			}
		}
	})
}
