package timed_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

const (
	expiredAnswer = `{"status":"fail","data":{"msg":"expired token"}}`
	uselessAnswer = `{"status":"fail","data":{"msg":"useless token"}}`
	form          = "application/x-www-form-urlencoded"
)

func TestRequire(t *testing.T) {
	s := newSigner(t, secret, timed.Options{})
	server := httptest.NewServer(s.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		payload, _ := timed.Payload(r.Context())
		fmt.Fprintf(w, "%s wants %s", payload, r.PostFormValue("what"))
	})))
	defer server.Close()

	good := sign(t, s, json.RawMessage(`{"id":42}`), time.Hour)
	multipart := "--x\r\nContent-Disposition: form-data; name=token\r\n\r\n" + good + "\r\n--x--\r\n"
	for _, c := range []struct {
		name, target, kind, body string
		status                   int
		want                     string
	}{
		{"good", "/", form, "token=" + good + "&what=coffee", 200, `{"id":42} wants coffee`},
		{"good, in parts", "/", "multipart/form-data; boundary=x", multipart, 200, `{"id":42} wants `},
		{"expired", "/", form, "token=" + forge(`{"alg":"HS512","exp":1}`, "1"), 200, expiredAnswer},
		{"changed", "/", form, "token=x" + good, 200, uselessAnswer},
		{"bad header", "/", form, "token=" + forge(`{}`, "1"), 200, uselessAnswer},
		{"bad payload", "/", form, "token=" + forge(`{"alg":"HS512","exp":4102444800}`, "{"), 200, uselessAnswer},
		{"empty", "/", form, "token=", 200, uselessAnswer},
		{"none", "/", form, "", 200, uselessAnswer},
		{"in the URL", "/?token=" + url.QueryEscape(good), form, "", 200, uselessAnswer},
		{"the second of two", "/", form, "token=x&token=" + good, 200, uselessAnswer},
		{"no form", "/", "text/plain", "token=" + good, 200, uselessAnswer},
		{"broken form", "/", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=token\r\n\r\n" + good, 400, `{"status":"fail","data":{"msg":"unreadable body"}}`},
		{"too large", "/", form, "token=" + good + "&x=" + strings.Repeat("x", 64<<10), 413, `{"status":"fail","data":{"msg":"body too large"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := http.Post(server.URL+c.target, c.kind, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != c.status || string(body) != c.want {
				t.Errorf("%d %s %v, want %d %s", answer.StatusCode, body, err, c.status, c.want)
			}
			isOurs := strings.HasPrefix(c.want, `{"status"`)
			if isOurs && (answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("Cache-Control") != "no-store") {
				t.Errorf("header %v", answer.Header)
			}
		})
	}
}

func TestPayloadWithoutRequire(t *testing.T) {
	if payload, ok := timed.Payload(t.Context()); ok || payload != nil {
		t.Errorf("%s, %v", payload, ok)
	}
}
