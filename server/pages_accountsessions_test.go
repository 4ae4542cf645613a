package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

func TestAccountSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		b, phone, tv, ada := s.browser(), s.browser(), s.browser(), s.adasBrowser()
		phone.Header = http.Header{"User-Agent": {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"}}
		tv.Header = http.Header{"User-Agent": {`"><script>tv</script>`}}
		for _, device := range []*textbrowser.Browser{tv, b, phone} {
			isPage(t, signInAs(device.Open("/login"), bobsEmail, bobsPassword), "/account", 200)
		}
		p := b.Open("/account")
		isPage(t, p, "/account", 200, "Firefox on Linux This device", "Safari on iPhone", `"><script>tv</script>`, "192.0.2.1")
		if strings.Contains(p.Body, "<script>tv") || p.Says("Safari on iPhone This device") {
			t.Errorf("%s", p.Body)
		}
		own, others := "", []*textbrowser.Form{}
		for _, f := range p.Forms() {
			if strings.HasPrefix(f.Action, "/account/sessions/") && strings.HasSuffix(f.Action, "/end") {
				others = append(others, f)
			}
		}
		if len(others) != 2 {
			t.Fatalf("%d other sessions", len(others))
		}
		// Somebody else's, none, and what is no id.
		foreign := s.sessionID(ada)
		for _, id := range []string{foreign, "00000000-0000-4000-8000-000000000000", "me", "x", "%2e%2e", strings.ToUpper(foreign)} {
			p := b.Fetch("POST", "/account/sessions/"+id+"/end", map[string][]string{"form_token": {tokenFrom(t, b.Open("/account"))}})
			if p.Status != 404 || !p.Says("Not found") {
				t.Errorf("%s: %s", id, p)
			}
		}
		isIn(t, ada, true)

		for _, f := range others {
			if strings.Contains(f.Action, s.sessionID(tv)) {
				isPage(t, f.Send(), "/account", 200, "The session is ended")
				p := f.Send() // it has ended meanwhile
				if p.Status != 404 {
					t.Errorf("twice: %s", p)
				}
			}
		}
		isIn(t, tv, false)
		isIn(t, phone, true)
		isIn(t, b, true)

		p = b.Open("/account").Form("/account/sessions/end-others").Send()
		isPage(t, p, "/account", 200, "You are signed out everywhere else")
		isIn(t, phone, false)
		isIn(t, b, true)
		isIn(t, ada, true)

		own = s.sessionID(b)
		gone := b.Fetch("POST", "/account/sessions/"+own+"/end", map[string][]string{"form_token": {tokenFrom(t, b.Open("/account"))}})
		if gone.Header.Get("Location") != "/login?done=signed-out" || gone.Header.Get("Clear-Site-Data") == "" || b.Cookies()["session"] != "" {
			t.Errorf("%v: %s", gone.Header, gone)
		}
		isIn(t, b, false)
	})
}

// sessionID returns the public name of the session of b.
func (s *site) sessionID(b *textbrowser.Browser) string {
	s.t.Helper()
	c := &client{site: s, cookie: "session=" + b.Cookies()["session"]}
	for _, session := range jsonOf[struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}](s.t, c.want(200, "", "GET", "/auth_session", "")).Sessions {
		if session.Current {
			return session.ID
		}
	}
	s.t.Fatal("no session")
	return ""
}
