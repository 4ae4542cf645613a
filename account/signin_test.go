package account_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// signIn sends a POST of body to h, with further headers as pairs.
func signIn(h http.Handler, kind, body string, headers ...string) (*http.Response, string) {
	r := httptest.NewRequest(http.MethodPost, "https://app.test/login", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := w.Result()
	text, _ := io.ReadAll(answer.Body)
	return answer, string(text)
}

func formOf(email, plain string) string {
	return url.Values{"email": {email}, "password": {plain}}.Encode()
}

func jsonOf(email, plain string) string {
	text, _ := json.Marshal(map[string]string{"email": email, "password": plain})
	return string(text)
}

func TestSignIn(t *testing.T) {
	people, sessions := newPeople(t, memory.NewUsers()), newSessions(t)
	bob := addBob(t, people)
	h := people.SignIn(sessions)
	guard := handstamp.NewGuard(sessions)
	multi := strings.ReplaceAll("--X\nContent-Disposition: form-data; name=\"email\"\n\n"+bobsEmail+"\n--X\n"+
		"Content-Disposition: form-data; name=\"password\"\n\n"+bobsPassword+"\n--X--\n", "\n", "\r\n")
	for name, c := range map[string]struct {
		kind, body string
		headers    []string
	}{
		"form":                  {formType, formOf(bobsEmail, bobsPassword), nil},
		"form with charset":     {formType + "; charset=utf-8", formOf(bobsEmail, bobsPassword), nil},
		"multipart":             {"multipart/form-data; boundary=X", multi, nil},
		"JSON":                  {jsonType, jsonOf(bobsEmail, bobsPassword), nil},
		"JSON with charset":     {jsonType + "; charset=utf-8", jsonOf(bobsEmail, bobsPassword), nil},
		"email in capitals":     {formType, formOf("BOB@HBTN.IO", bobsPassword), nil},
		"from the same origin":  {formType, formOf(bobsEmail, bobsPassword), []string{"Sec-Fetch-Site", "same-origin"}},
		"typed into the bar":    {formType, formOf(bobsEmail, bobsPassword), []string{"Sec-Fetch-Site", "none"}},
		"old browser, own page": {formType, formOf(bobsEmail, bobsPassword), []string{"Origin", "https://app.test"}},
		"with a planted cookie": {formType, formOf(bobsEmail, bobsPassword), []string{"Cookie", "__Host-session=planted"}},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := signIn(h, c.kind, c.body, c.headers...)
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%d %s", answer.StatusCode, body)
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"id": bob.ID.String(), "email": bobsEmail, "first_name": nil, "last_name": nil, "role": "admin",
				"created_at": bob.CreatedAt.Format("2006-01-02T15:04:05.999999Z07:00"),
				"updated_at": bob.UpdatedAt.Format("2006-01-02T15:04:05.999999Z07:00"),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			checkHeaders(t, answer)
			cookies := answer.Cookies()
			if len(cookies) != 1 {
				t.Fatalf("cookies %v, want one", answer.Header["Set-Cookie"])
			}
			const attributes = "; Path=/; HttpOnly; Secure; SameSite=Lax"
			if raw := answer.Header.Get("Set-Cookie"); raw != "__Host-session="+cookies[0].Value+attributes || cookies[0].Value == "planted" {
				t.Errorf("Set-Cookie: %s", raw)
			}
			r := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
			r.AddCookie(cookies[0])
			if who, err := guard.Identify(r); err != nil || who.UserID != bob.ID || who.Role != "admin" {
				t.Errorf("the cookie opens %+v, %v", who, err)
			}
		})
	}
}

// checkHeaders looks at what every answer has in common.
func checkHeaders(t *testing.T, answer *http.Response) {
	t.Helper()
	for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Type": jsonType} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestSignInRefuses: each thing that is wrong with a request has its answer, and no cookie.
func TestSignInRefuses(t *testing.T) {
	people, sessions := newPeople(t, memory.NewUsers()), newSessions(t)
	bob := addBob(t, people)
	h := people.SignIn(sessions)
	good := formOf(bobsEmail, bobsPassword)
	const huge = 64<<10 + 1
	for name, c := range map[string]struct {
		kind, body string
		headers    []string
		status     int
	}{
		"empty body":              {formType, "", nil, 400},
		"no email":                {formType, "password=x", nil, 400},
		"no password":             {formType, "email=" + bobsEmail, nil, 400},
		"empty email":             {formType, formOf("", "x"), nil, 400},
		"empty password":          {formType, formOf(bobsEmail, ""), nil, 400},
		"no type":                 {"", good, nil, 400},
		"text":                    {"text/plain", good, nil, 400},
		"JSON as a form":          {formType, jsonOf(bobsEmail, bobsPassword), nil, 400},
		"form as JSON":            {jsonType, good, nil, 400},
		"JSON array":              {jsonType, `["a","b"]`, nil, 400},
		"JSON null":               {jsonType, `null`, nil, 400},
		"JSON null password":      {jsonType, `{"email":"bob@hbtn.io","password":null}`, nil, 400},
		"JSON number":             {jsonType, `{"email":"bob@hbtn.io","password":1}`, nil, 400},
		"JSON cut off":            {jsonType, `{"email":"bob@hbtn.io","password":"x`, nil, 400},
		"JSON, deep":              {jsonType, strings.Repeat("[", 20000), nil, 400},
		"too many fields":         {formType, strings.Repeat("a=&", 200) + good, nil, 400},
		"multipart without end":   {"multipart/form-data; boundary=X", "--X\r\n", nil, 400},
		"password too long":       {formType, formOf(bobsEmail, strings.Repeat("x", password.MaxCodePoints+1)), nil, 400},
		"nobody's is too long":    {formType, formOf("eve@x.de", strings.Repeat("x", password.MaxCodePoints+1)), nil, 400},
		"form too large":          {formType, good + "&x=" + strings.Repeat("x", huge), nil, 413},
		"JSON too large":          {jsonType, `{"x":"` + strings.Repeat("x", huge), nil, 413},
		"another site":            {formType, good, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a sibling of this site":  {formType, good, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"old browser, other page": {formType, good, []string{"Origin", "https://evil.test"}, 403},
		"sandboxed page":          {formType, good, []string{"Origin", "null"}, 403},
		"another site, as JSON":   {jsonType, jsonOf(bobsEmail, bobsPassword), []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := signIn(h, c.kind, c.body, c.headers...)
			if answer.StatusCode != c.status || !strings.HasPrefix(body, `{"error":"`) || !strings.HasSuffix(body, "\"}\n") {
				t.Errorf("%d %q, want %d and an error", answer.StatusCode, body, c.status)
			}
			checkHeaders(t, answer)
			if got := answer.Header["Set-Cookie"]; got != nil {
				t.Errorf("Set-Cookie: %v", got)
			}
		})
	}
	if live, err := sessions.List(t.Context(), bob.ID); err != nil || len(live) != 0 {
		t.Errorf("%d sessions have begun, %v", len(live), err)
	}
}

func TestSignInMethod(t *testing.T) {
	h := newPeople(t, memory.NewUsers()).SignIn(newSessions(t))
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/login?"+formOf(bobsEmail, bobsPassword), http.NoBody))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
		checkHeaders(t, w.Result())
	}
}

// TestSignInHasOneAnswer for all pairs that are wrong, whatever is wrong with them.
func TestSignInHasOneAnswer(t *testing.T) {
	store := memory.NewUsers()
	people, sessions := newPeople(t, store), newSessions(t)
	addBob(t, people)
	importUser(t, store, "imported@x.de", sha256Hex(bobsPassword))
	importUser(t, store, "nopassword@x.de", "")
	away := importUser(t, store, "disabled@x.de", sha256Hex(bobsPassword))
	if _, err := people.Edit(t.Context(), away.ID, account.Edit{Disabled: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	h := people.SignIn(sessions)
	seen := make(map[string]string)
	for name, pair := range map[string][2]string{
		"wrong password":     {bobsEmail, "wrong"},
		"unknown user":       {"eve@hbtn.io", bobsPassword},
		"imported":           {"imported@x.de", "wrong"},
		"without a password": {"nopassword@x.de", "wrong"},
		"disabled, right":    {"disabled@x.de", bobsPassword},
		"disabled, wrong":    {"disabled@x.de", "wrong"},
		"not an email":       {"\x00", bobsPassword},
		"control characters": {bobsEmail, "a\x00b"},
	} {
		for kind, body := range map[string]string{formType: formOf(pair[0], pair[1]), jsonType: jsonOf(pair[0], pair[1])} {
			answer, text := signIn(h, kind, body)
			seen[fmt.Sprint(answer.StatusCode, answer.Header, text)] = name
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s: %d, want 401", name, answer.StatusCode)
			}
		}
	}
	if len(seen) != 1 {
		t.Errorf("%d different answers, want one: %v", len(seen), seen)
	}
}

// TestSignInBusy: a flood of logins gets 503, and no login waits behind it for ever.
func TestSignInBusy(t *testing.T) {
	people, sessions := newPeople(t, memory.NewUsers()), newSessions(t)
	slow := password.Params{MemoryKiB: 16 << 10, Passes: 2, Lanes: 1}
	people.Passwords = &password.Hasher{Params: slow, MemoryKiB: 1, Queue: -1} // one hash, and nobody waits
	h := people.SignIn(sessions)
	counts := make(map[int]int)
	for round := 0; round < 50 && (counts[503] == 0 || counts[401] == 0); round++ {
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				answer, body := signIn(h, formType, formOf("eve@hbtn.io", "a guess"))
				mu.Lock()
				defer mu.Unlock()
				counts[answer.StatusCode]++
				if busy := answer.StatusCode == 503; busy != (answer.Header.Get("Retry-After") == "1") {
					t.Errorf("%d %q with Retry-After %q", answer.StatusCode, body, answer.Header.Get("Retry-After"))
				}
				checkHeaders(t, answer)
			})
		}
		all.Wait()
	}
	if counts[503] == 0 || counts[401] == 0 || len(counts) != 2 {
		t.Errorf("answers by status: %v, want some 401 and some 503", counts)
	}
}

// TestSignInBroken: a store that is down is 503, and the client is not told why.
func TestSignInBroken(t *testing.T) {
	store := newSpyStore()
	people := newPeople(t, store)
	addBob(t, people)
	h := people.SignIn(session.New(memory.New()))
	store.failFind = func(account.Ref) error { return errDown }
	reported := 0
	people.Notify = onFault(func(_ string, err error) {
		if reported++; !errors.Is(err, errDown) {
			t.Errorf("reported: %v, want the store's own error", err)
		}
	})
	answer, body := signIn(h, formType, formOf(bobsEmail, bobsPassword))
	if reported != 1 {
		t.Errorf("reported %d times, want once", reported)
	}
	if answer.StatusCode != 503 || answer.Header.Get("Retry-After") != "1" || strings.Contains(body, errDown.Error()) || answer.Header["Set-Cookie"] != nil {
		t.Errorf("%d %q %v", answer.StatusCode, body, answer.Header)
	}
}

// TestSignInEndsTheSessionBefore: the browser forgets its old token, so that nobody could end that
// session any more; and what somebody else has planted ends here, too (session fixation).
func TestSignInEndsTheSessionBefore(t *testing.T) {
	people, sessions := newPeople(t, memory.NewUsers()), newSessions(t)
	bob := addBob(t, people)
	h := people.SignIn(sessions)
	before := begin(t, sessions, bob.ID)
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(formOf(bobsEmail, bobsPassword)))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Cookie", "__Host-session="+string(before))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || isLive(t, sessions, before) {
		t.Errorf("%d, and the session before is live: %v", w.Code, isLive(t, sessions, before))
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Value == string(before) || !isLive(t, sessions, session.Token(cookies[0].Value)) {
		t.Errorf("cookies %v, want one of a new session", cookies)
	}
}
