package server_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// put stores a value and returns its entity tag.
func (c *client) put(path, value string) string {
	c.t.Helper()
	return tagOf(c.t, c.want(204, "", "PUT", "/auth_session/data"+path, value))
}

func tagOf(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	tag := w.Header().Get("ETag")
	if text, err := strconv.Unquote(tag); err != nil || text == "" {
		t.Errorf("ETag %q", tag)
	}
	return tag
}

func (c *client) data(path string) string {
	c.t.Helper()
	w := c.want(200, "", "GET", "/auth_session/data"+path, "")
	tagOf(c.t, w)
	if got := w.Header().Get("Content-Type"); got != jsonType {
		c.t.Errorf("Content-Type %q", got)
	}
	return strings.TrimSpace(w.Body.String())
}

func TestDataBag(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		diff(t, "at first", `{}`, bob.data(""))
		diff(t, "with a slash", `{}`, bob.data("/"))
		for value, want := range map[string]string{
			`null`: `null`, `true`: `true`, ` 1e300 `: `1e300`, `"<&>"`: `"\u003c\u0026\u003e"`, `""`: `""`,
			`[1, 2]`: `[1,2]`, `{"a":{"a":1}}`: `{"a":{"a":1}}`, `12345678901234567890`: `12345678901234567890`,
		} {
			bob.put("/cart", value)
			diff(t, value, want, bob.data("/cart"))
			diff(t, value+", the bag", `{"cart":`+want+`}`, bob.data(""))
		}
		tag := bob.put("/color", `"red"`)
		w := bob.want(200, "", "GET", "/auth_session/data/color", "")
		diff(t, "the tag of a write is that of a read", tag, tagOf(t, w))
		bob.want(204, "", "DELETE", "/auth_session/data/cart", "")
		bob.want(404, "not_found", "GET", "/auth_session/data/cart", "")
		bob.want(404, "not_found", "DELETE", "/auth_session/data/cart", "")
		bob.put("", `{"a":1,"b":[]}`)
		diff(t, "replaced", `{"a":1,"b":[]}`, bob.data(""))
		other := s.asBob()
		diff(t, "of another session", `{}`, other.data(""))
		bob.want(204, "", "DELETE", "/auth_session/data", "")
		diff(t, "emptied", `{}`, bob.data(""))
		s.stranger().want(401, "unauthorized", "GET", "/auth_session/data", "")
		s.stranger().want(401, "unauthorized", "PUT", "/auth_session/data/x", "1")
	})
}

func TestDataKeys(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		long := strings.Repeat("k", 128)
		for path, key := range map[string]string{
			"/a%2Fb": "a/b", "/a%2F": "a/", "/%C3%A9": "é", "/a%20b": "a b", "/a+b": "a+b", "/" + long: long,
			"/%2e%2e": "..", "/%25": "%", "/a;b": "a;b", "/%22": `\"`, "/data": "data",
		} {
			bob.put(path, `1`)
			diff(t, path, `{"`+key+`":1}`, bob.data(""))
			diff(t, path, `1`, bob.data(path))
			bob.want(204, "", "DELETE", "/auth_session/data"+path, "")
		}
		diff(t, "afterwards", `{}`, bob.data(""))
		for _, path := range []string{"/" + long + "k", "/%00", "/a%0a", "/%7f", "/%ff", "/%C2%85"} {
			bob.want(400, "wrong_format", "PUT", "/auth_session/data"+path, `1`)
			bob.want(400, "wrong_format", "GET", "/auth_session/data"+path, ``)
			bob.want(400, "wrong_format", "DELETE", "/auth_session/data"+path, ``)
		}
		for _, bag := range []string{`{"":1}`, `{"a\u0000":1}`, `{"` + long + `k":1}`, `{"a":1,"a":2}`, `{"\ud800":1}`} {
			bob.want(400, "wrong_format", "PUT", "/auth_session/data", bag)
		}
	})
}

func TestDataIsStrictJSON(t *testing.T) {
	s := newSite(t, "memory")
	bob := s.asBob()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, value := range []string{
		"", " ", "x", "1 2", "{}{}", `{"a":1,"a":1}`, `[{"b":{"a":1,"\u0061":2}}]`, "'a'", "NaN", "01", `"\ud800"`,
		"\"\xff\"", deep(33), `{"a":` + deep(32) + `}`, strings.Repeat("[", 60_000),
	} {
		bob.want(400, "wrong_format", "PUT", "/auth_session/data/x", value, "Content-Type", jsonType)
	}
	bob.put("/x", deep(32))
	diff(t, "32 deep", deep(32), bob.data("/x"))
	bob.want(400, "wrong_format", "PUT", "/auth_session/data/x", "1", "Content-Type", "text/plain")
	for _, bag := range []string{"[]", "1", "null", `{"a":` + deep(33) + `}`} {
		bob.want(400, "wrong_format", "PUT", "/auth_session/data", bag)
	}
	bob.put("", `{"a":`+deep(32)+`}`)
}

func TestDataLimits(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		value := `"` + strings.Repeat("x", 40_000) + `"`
		bob.put("/a", value)
		bob.want(413, "data_too_large", "PUT", "/auth_session/data/b", value)
		diff(t, "what is kept", `{"a":`+value+`}`, bob.data(""))
		bob.want(413, "request_too_large", "PUT", "/auth_session/data/b", `"`+strings.Repeat("x", 70_000)+`"`)
		bob.put("/a", `1`)
		bob.put("/b", value)
	})
}

// TestDataConditions are those of RFC 9110, section 13.1.
func TestDataConditions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		const path = "/auth_session/data/a"
		old := bob.put("/a", `1`)
		tag := bob.put("/a", `2`)
		for _, c := range []struct {
			name, value string
			get, put    int
		}{
			{"If-Match", tag, 200, 204},
			{"If-Match", "*", 200, 204},
			{"If-Match", old, 412, 412},
			{"If-Match", "W/" + tag, 412, 412}, // strong comparison
			{"If-Match", old + ", " + tag, 200, 204},
			{"If-Match", ",, " + old + " ,\t" + tag + ",", 200, 204},
			{"If-Match", `"a,b", ` + tag, 200, 204},
			{"If-Match", `""`, 412, 412},
			{"If-Match", strings.Trim(tag, `"`), 400, 400},
			{"If-Match", "", 400, 400},
			{"If-Match", tag + tag, 400, 400},
			{"If-Match", `"`, 400, 400},
			{"If-Match", "*, " + tag, 400, 400},
			{"If-None-Match", "*", 304, 412},
			{"If-None-Match", tag, 304, 412},
			{"If-None-Match", "W/" + tag, 304, 412}, // weak comparison
			{"If-None-Match", old, 200, 204},
			{"If-None-Match", "x", 400, 400},
		} {
			bob.want(204, "", "PUT", path, `2`)
			code := map[int]string{400: "wrong_format", 412: "precondition_failed"}
			// The tag of what is there now stands for that of the table.
			now := tagOf(t, bob.want(200, "", "GET", path, ""))
			value := strings.ReplaceAll(c.value, tag, now)
			w := bob.want(c.get, code[c.get], "GET", path, "", c.name, value)
			if c.get == 304 && (w.Body.Len() > 0 || tagOf(t, w) != now) {
				t.Errorf("304 with %q %v", w.Body, w.Header())
			}
			bob.want(c.put, code[c.put], "PUT", path, `3`, c.name, value)
			want := `2`
			if c.put == 204 {
				want = `3`
			}
			diff(t, c.name+": "+value, want, bob.data("/a"))
		}
		// What is not there: no If-Match is so, every If-None-Match is.
		bob.want(412, "precondition_failed", "PUT", "/auth_session/data/new", `1`, "If-Match", "*")
		bob.want(404, "not_found", "GET", "/auth_session/data/new", ``, "If-Match", "*")
		bob.want(404, "not_found", "DELETE", "/auth_session/data/new", ``, "If-Match", "*")
		bob.want(204, "", "PUT", "/auth_session/data/new", `1`, "If-None-Match", "*")
		bob.want(412, "precondition_failed", "PUT", "/auth_session/data/new", `2`, "If-None-Match", "*")
		bob.want(412, "precondition_failed", "DELETE", "/auth_session/data/new", ``, "If-Match", old)
		bob.want(412, "precondition_failed", "DELETE", "/auth_session/data", ``, "If-Match", old)
		bob.want(412, "precondition_failed", "PUT", "/auth_session/data", `{}`, "If-Match", old)
		now := tagOf(t, bob.want(200, "", "GET", "/auth_session/data", ""))
		now = tagOf(t, bob.want(204, "", "PUT", "/auth_session/data", `{"a":1}`, "If-Match", now))
		bob.want(204, "", "DELETE", "/auth_session/data", ``, "If-Match", now)
	})
}

// TestDataWritersBothWin where they write to different keys at the same time.
func TestDataWritersBothWin(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() { bob.copied().want(204, "", "PUT", fmt.Sprintf("/auth_session/data/k%d", i), `1`) })
		}
		all.Wait()
		if got := strings.Count(bob.data(""), `":1`); got != 16 {
			t.Errorf("%d of 16 are there: %s", got, bob.data(""))
		}
	})
}

// TestDataConditionsHoldTogether: of many who count on what they saw, one wins each time.
func TestDataConditionsHoldTogether(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		bob := s.asBob()
		bob.put("/n", `0`)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				c := bob.copied()
				for done := false; !done; {
					w := c.do("GET", "/auth_session/data/n", "")
					n, err := strconv.Atoi(strings.TrimSpace(w.Body.String()))
					if err != nil {
						t.Error(err)
						return
					}
					w = c.do("PUT", "/auth_session/data/n", strconv.Itoa(n+1), "If-Match", w.Header().Get("ETag"))
					done = w.Code == 204
					if !done && w.Code != 412 {
						t.Errorf("%d %s", w.Code, w.Body)
						return
					}
				}
			})
		}
		first := make([]int, 8)
		for i := range first {
			all.Go(func() {
				first[i] = bob.copied().do("PUT", "/auth_session/data/first", strconv.Itoa(i), "If-None-Match", "*").Code
			})
		}
		all.Wait()
		diff(t, "counted", `8`, bob.data("/n"))
		if n := strings.Count(fmt.Sprint(first), "204"); n != 1 {
			t.Errorf("%v: %d were the first", first, n)
		}
	})
}

// TestDataEndsWithItsSession: a write that is under way does not bring the session back.
func TestDataEndsWithItsSession(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		for range 10 {
			bob := s.asBob()
			writer := bob.copied()
			var both sync.WaitGroup
			both.Go(func() { writer.do("PUT", "/auth_session/data/a", `1`) })
			both.Go(func() { bob.want(200, "", "DELETE", "/auth_session/logout", "") })
			both.Wait()
			writer.isIn(false)
		}
	})
}
