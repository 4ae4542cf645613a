package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server"
)

// ofLength returns a body for a new user that is n bytes long.
func ofLength(n int, email string) string {
	head := `{"email":"` + email + `","password":"p"`
	return head + strings.Repeat(" ", n-len(head)-1) + "}"
}

// chunked hides the length of a body, as it is unknown where a client sends chunks.
type chunked struct{ io.Reader }

func TestBodyLimit(t *testing.T) {
	h := newOpen(t)
	const limit = 64 << 10
	const tooLarge = "{\n  \"error\": \"Request too large\"\n}\n"
	for i, row := range []struct {
		name   string
		length int
		chunks bool
		status int
	}{
		{"just fits", limit, false, 201},
		{"just fits, chunked", limit, true, 201},
		{"a byte too long", limit + 1, false, 413},
		{"a byte too long, chunked", limit + 1, true, 413},
		{"far too long", 4 * limit, false, 413},
		{"far too long, chunked", 4 * limit, true, 413},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := strings.NewReader(ofLength(row.length, strconv.Itoa(i)+"@x.y"))
			var body io.Reader = text
			if row.chunks {
				body = chunked{text}
			}
			w := do(h, "POST", "/api/v1/users", body, "Content-Type", jsonType)
			if w.Code != row.status {
				t.Fatalf("status %d, want %d: %s", w.Code, row.status, w.Body)
			}
			if row.status == 413 && w.Body.String() != tooLarge {
				t.Errorf("body %q, want %q", w.Body, tooLarge)
			}
			// A length that is told is enough to refuse: nothing is read.
			if row.status == 413 && !row.chunks {
				if text.Len() != row.length {
					t.Errorf("%d bytes were read", row.length-text.Len())
				}
				if got := w.Header().Get("Connection"); got != "close" {
					t.Errorf("Connection %q: the rest would have to be read", got)
				}
			}
			// And never much more than the limit, told or not.
			if read := row.length - text.Len(); read > limit+1 {
				t.Errorf("%d bytes were read", read)
			}
		})
	}
}

// TestBodyLimitForOtherOrigins: a page elsewhere has to be able to read why it was refused.
func TestBodyLimitForOtherOrigins(t *testing.T) {
	h := newOpen(t)
	for name, body := range map[string]io.Reader{
		"length told": strings.NewReader(ofLength(100_000, "a@x.y")),
		"chunked":     chunked{strings.NewReader(ofLength(100_000, "a@x.y"))},
	} {
		w := do(h, "POST", "/api/v1/users", body, "Content-Type", jsonType)
		if w.Code != 413 || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d, headers %v", name, w.Code, w.Header())
		}
	}
}

// TestBodyLimitOnTheWire: the answer arrives although the client is still sending.
func TestBodyLimitOnTheWire(t *testing.T) {
	s := httptest.NewServer(newOpen(t))
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	for name, body := range map[string]io.Reader{
		"length told": strings.NewReader(ofLength(200_000, "a@x.y")),
		"chunked":     chunked{strings.NewReader(ofLength(200_000, "a@x.y"))},
	} {
		response, err := s.Client().Post(s.URL+"/api/v1/users", jsonType, body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
}

// TestOneSlash: an escaped slash at the end is a plain one for the gate and for the routes alike;
// any other makes another path.
func TestOneSlash(t *testing.T) {
	config, _ := newConfig(t)
	gated := server.New(config)
	good := login(t, gated)
	for _, row := range []struct {
		path            string
		stranger, known int
	}{
		{"/api/v1/status", 200, 200},
		{"/api/v1/status/", 200, 200},
		{"/api/v1/status%2F", 200, 200},
		{"/api/v1/status%2f", 200, 200},
		{"/api/v1/status%2F?x=%2F", 200, 200},
		{"/api/v1/users%2f", 401, 200},
		{"/api/v1/users/me%2F", 401, 200},
		{"/api/v1/users%2Fme", 401, 404},
		{"/api/v1%2Fstatus", 401, 404},
		{"/api/v1%2Fstatus%2F", 401, 404},
		{"/api/v1/status%2F%2F", 401, 404},
		{"/api/v1/status%252F", 401, 404},
		{"/api/v1/st%61tus%2F", 401, 200}, // an odd spelling is never public
		{"/%2F", 401, 404},
	} {
		if w := do(gated, "GET", row.path, nil); w.Code != row.stranger {
			t.Errorf("%s: a stranger gets %d, want %d", row.path, w.Code, row.stranger)
		}
		w := do(gated, "GET", row.path, nil, "Cookie", good)
		// To a cleaner path net/http redirects, which is as good as not to be found.
		redirected := row.known == 404 && (w.Code == 301 || w.Code == 307 || w.Code == 308)
		if w.Code != row.known && !redirected {
			t.Errorf("%s: the user gets %d, want %d", row.path, w.Code, row.known)
		}
	}
}
