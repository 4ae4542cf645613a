package settings_test

import (
	"encoding"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/internal/settings"
)

// read returns what a text is read as, printed, or "" when it is refused.
func read[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](show func(T) string) func(string) string {
	return func(text string) string {
		var value T
		if P(&value).UnmarshalText([]byte(text)) != nil {
			return ""
		}
		return show(value)
	}
}

// TestValues: what each kind takes, and as what. "" on the right is refused.
func TestValues(t *testing.T) {
	for kind, part := range map[string]struct {
		read func(string) string
		rows map[string]string
	}{
		"duration": {read[settings.Duration](settings.Duration.String), map[string]string{
			"90s": "1m30s", "1h": "1h", "1h30m": "1h30m", "24h": "24h", "48h": "2d", "30d": "30d", "1d12h": "36h", "0": "0s", "0d": "0s",
			"250ms": "250ms", "106751d": "106751d", "1.5h": "1h30m",
			"106752d": "", "106751d24h": "", "-1s": "", "+1s": "", "1d-1h": "", "1d+1h": "", "60": "", "": "", "d": "", "1.5d": "", "-1d": "", "1dd": "",
			"1 d": "", "1h1d": "", "4294967296d": "", "9223372036854775808ns": "", "１d": "",
		}},
		"size": {read[settings.Size](settings.Size.String), map[string]string{
			"64MiB": "64MiB", "64 MiB": "64MiB", "1024MiB": "1GiB", "512KiB": "512KiB", "0": "0", "0GiB": "0",
			"64": "", "64MB": "", "64M": "", "64mib": "", "-1MiB": "", "1.5GiB": "", "MiB": "", "": "", "8589934592GiB": "", "8589934591GiB": "8589934591GiB",
		}},
		"upstream": {read[settings.Upstream](func(u settings.Upstream) string {
			if u.IsZero() {
				return "none"
			}
			return map[bool]string{true: "safe ", false: "open "}[u.IsSafe()] + u.String()
		}), map[string]string{
			"http://localhost:8080": "safe http://localhost:8080", "http://127.0.0.1/": "safe http://127.0.0.1", "https://app.internal": "safe https://app.internal",
			"http://10.0.0.7:80": "open http://10.0.0.7:80", "unix:/run/app.sock": "safe unix:/run/app.sock", "unix:///run/app.sock": "safe unix:/run/app.sock",
			"unix:app.sock": "safe unix:app.sock", "": "none",
			"localhost:8080": "", "http://x/path": "", "http://x?a": "", "http://x#a": "", "http://me@x": "", "ftp://x": "", "unix:": "", "unix://": "", "unix:/a?b": "",
		}},
		"path prefix": {read[settings.PathPrefix](func(p settings.PathPrefix) string { return "root" + string(p) }), map[string]string{
			"": "root", "/auth": "root/auth", "/a/b-c_d~e.f": "root/a/b-c_d~e.f",
			"/": "", "auth": "", "/auth/": "", "//auth": "", "/a//b": "", "/..": "", "/a/../b": "", "/.well-known": "", "/{x}": "", "/a%2fb": "", "/a b": "", "/ä": "", "/a;b": "", "/a?b": "",
		}},
		"network": {read[settings.Network](func(n settings.Network) string {
			var all []string
			for _, p := range settings.Prefixes([]settings.Network{n}) {
				all = append(all, p.String())
			}
			return strings.Join(all, " ")
		}), map[string]string{
			"10.0.0.0/8": "10.0.0.0/8", "192.0.2.7": "192.0.2.7/32", "2001:db8::1": "2001:db8::1/128", "2001:db8::/32": "2001:db8::/32",
			"::ffff:192.0.2.7": "192.0.2.7/32", "loopback": "127.0.0.0/8 ::1/128",
			"private":    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
			"10.0.0.1/8": "", "10.0.0.0/33": "", "10.0.0": "", "fe80::1%eth0": "", "::ffff:10.0.0.0/104": "", "": "", "Loopback": "", "example.com": "",
		}},
		"address": {read[settings.Address](func(a settings.Address) string {
			reach := "others"
			if a.IsLoopback() {
				reach = "loopback"
			}
			return string(a) + " " + a.Network() + " " + reach
		}), map[string]string{
			"127.0.0.1:5000": "127.0.0.1:5000 tcp4 loopback", "[::1]:0": "[::1]:0 tcp loopback", "localhost:5000": "localhost:5000 tcp loopback",
			"127.9.9.9:65535": "127.9.9.9:65535 tcp4 loopback", "[::ffff:127.0.0.1]:1": "[::ffff:127.0.0.1]:1 tcp loopback",
			":5000": ":5000 tcp others", "0.0.0.0:5000": "0.0.0.0:5000 tcp4 others", "[::]:5000": "[::]:5000 tcp others",
			"localhost.example.com:1": "localhost.example.com:1 tcp others", "": " tcp others",
			"5000": "", "127.0.0.1": "", "127.0.0.1:65536": "", "127.0.0.1:http": "", "127.0.0.1:": "", "::1:5000": "", "a b:1": "", "http://a:1": "", "127.0.0.1:+1": "",
		}},
		"URL": {read[settings.URL](func(u settings.URL) string {
			safe := "open"
			if u.IsSafe() {
				safe = "safe"
			}
			return u.String() + " " + safe
		}), map[string]string{
			"https://id.example.com": "https://id.example.com safe", "http://id.example.com": "http://id.example.com open",
			"http://localhost:5000": "http://localhost:5000 safe", "http://127.0.0.1": "http://127.0.0.1 safe", "http://[::1]:1/x": "http://[::1]:1/x safe",
			"http://a.LOCALHOST.": "http://a.LOCALHOST. safe", "http://127.0.0.1.example.com": "http://127.0.0.1.example.com open",
			"https://u:p@example.com": "", "https://u@example.com": "", "ftp://example.com": "", "example.com": "", "https:example.com": "",
			"https://": "", "https://:443": "", "https://a/?x": "", "https://a/?": "", "https://a/#": "", "https://a b": "", "https://a\\@b": "", "//a": "",
			"https://a\n": "", "https://a:x": "", "": " open",
		}},
		"origin": {read[settings.Origin](func(o settings.Origin) string { return string(o) }), map[string]string{
			"https://app.example.com": "https://app.example.com", "https://APP.example.com/": "https://app.example.com", "https://a:443": "https://a",
			"http://a:80": "http://a", "http://a:443": "http://a:443", "https://a:": "https://a", "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
			"*": "", "https://*.example.com": "", "null": "", "https://a/path": "", "https://bücher.example": "", "": "", "https://u@a": "", "app://x": "",
		}},
	} {
		for text, want := range part.rows {
			if got := part.read(text); got != want {
				t.Errorf("%s %q: got %q, want %q", kind, text, got, want)
			}
		}
	}
}

// TestPasswordInURL: what may be a password, or a key, is in no error.
func TestPasswordInURL(t *testing.T) {
	for _, text := range []string{
		"https://u:hunter2@example.com", "https://u:hunter2@exa mple.com", "https://u:hunter2%zz@x", "x://u:hunter2@x",
		"https://example.com/?key=hunter2", "https://example.com#hunter2", "https://*.example.com?key=hunter2",
	} {
		for _, reader := range []encoding.TextUnmarshaler{new(settings.URL), new(settings.Origin)} {
			if err := reader.UnmarshalText([]byte(text)); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%T, %s: %v", reader, text, err)
			}
		}
	}
}

// TestDurationRoundTrip: what is printed is what would be read.
func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was := settings.Duration(rapid.OneOf(
			rapid.Int64Min(0), rapid.Map(rapid.Int64Range(0, 100_000), func(n int64) int64 { return n * int64(time.Hour) }),
		).Draw(t, "duration"))
		var is settings.Duration
		if err := is.UnmarshalText([]byte(was.String())); err != nil || is != was {
			t.Errorf("%d is printed %s and read as %d, %v", was, was, is, err)
		}
	})
}

func TestPrefixes(t *testing.T) {
	if got := settings.Prefixes(nil); got != nil {
		t.Error(got)
	}
	var everything settings.Network
	for text, want := range map[string]bool{"0.0.0.0/0": true, "::/0": true, "0.0.0.0/1": false, "private": false} {
		if err := everything.UnmarshalText([]byte(text)); err != nil || everything.IsEverything() != want {
			t.Errorf("%s: %v, %v", text, everything.IsEverything(), err)
		}
	}
	loopback := settings.Network{}
	if err := loopback.UnmarshalText([]byte("loopback")); err != nil {
		t.Fatal(err)
	}
	want := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if diff := cmp.Diff(want, settings.Prefixes([]settings.Network{loopback}), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}
