package gate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/gate"
)

// echoes is an app that says back what comes on a WebSocket, behind who it is talking to.
func echoes(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(websocket.Handler(func(ws *websocket.Conn) {
		for {
			var text string
			if websocket.Message.Receive(ws, &text) != nil {
				return
			}
			if websocket.Message.Send(ws, ws.Request().Header.Get("X-Auth-Email")+": "+text) != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// open opens a WebSocket.
func (s *site) open(origin string) (*websocket.Conn, error) {
	config, err := websocket.NewConfig("ws://"+s.address+"/socket", origin)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	ws, err := config.DialContext(ctx)
	if err == nil {
		s.t.Cleanup(func() { ws.Close() })
		err = ws.SetDeadline(time.Now().Add(20 * time.Second))
	}
	return ws, err
}

// say sends a text, and fails if something else comes back than the app says.
func say(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	var back string
	if err := errors.Join(websocket.Message.Send(ws, text), websocket.Message.Receive(ws, &back)); err != nil || back != "ada@example.com: "+text {
		t.Fatalf("%.80q came back as %.80q, %v", text, back, err)
	}
}

// isCut waits until the connection has ended.
func isCut(t *testing.T, ws io.Reader) {
	t.Helper()
	if _, err := io.Copy(io.Discard, ws); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the connection is still open")
	}
}

func TestWebSocket(t *testing.T) {
	s := newSite(t, echoes(t))
	ws, err := s.open("http://" + s.address)
	if err != nil {
		t.Fatal(err)
	}
	say(t, ws, "hello")
	say(t, ws, strings.Repeat("long ", 100_000))
}

// TestRevocationReachesOpenSockets, and a store of which nobody knows what it would say does, too.
func TestRevocationReachesOpenSockets(t *testing.T) {
	for name, why := range map[string]error{"revoked": handstamp.ErrBadCredential, "broken": errors.New("disk on fire")} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, echoes(t))
			ws, err := s.open("http://" + s.address)
			if err != nil {
				t.Fatal(err)
			}
			say(t, ws, "before")
			<-s.looks
			<-s.looks
			say(t, ws, "still")
			s.revoke(why)
			isCut(t, ws)
		})
	}
}

// TestSomebodyElse: who is let in later with the same cookies and another name, session or role, has no right to the socket.
func TestSomebodyElse(t *testing.T) {
	same := handstamp.Identity{UserID: ada, SessionID: session, Role: "admin"}
	for name, change := range map[string]func(who *handstamp.Identity){
		"user":       func(who *handstamp.Identity) { who.UserID = handstamp.NewID() },
		"session":    func(who *handstamp.Identity) { who.SessionID = handstamp.NewID() },
		"no session": func(who *handstamp.Identity) { who.SessionID = handstamp.ID{} },
		"role":       func(who *handstamp.Identity) { who.Role = "user" },
	} {
		t.Run(name, func(t *testing.T) {
			other := same
			change(&other)
			s := newSite(t, echoes(t), with(func(c *gate.Config) {
				c.Alive = func(*http.Request, bool) (handstamp.Identity, error) { return other, nil }
			}))
			ws, err := s.open("http://" + s.address)
			if err != nil {
				t.Fatal(err)
			}
			isCut(t, ws)
		})
	}
}

// TestOnlyWhatTheClientSendsIsAUse of the session.
func TestOnlyWhatTheClientSendsIsAUse(t *testing.T) {
	ticks := make(chan string)
	s := newSite(t, app(t, websocket.Handler(func(ws *websocket.Conn) {
		for text := range ticks {
			_ = websocket.Message.Send(ws, text)
		}
		_, _ = io.Copy(io.Discard, ws)
	}).ServeHTTP))
	ws, err := s.open("http://" + s.address)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ticks <- "news"
		var text string
		if err := websocket.Message.Receive(ws, &text); err != nil {
			t.Fatal(err)
		}
		if used := <-s.looks; used {
			t.Error("to listen was taken for a use")
		}
	}
	close(ticks)
	if err := websocket.Message.Send(ws, "hello"); err != nil {
		t.Fatal(err)
	}
	for !<-s.looks { // hangs if nobody notices
	}
	ws.Close()
}

// TestSocketsOfOtherSites: a page of another site must not open one in its visitor's name, which no rule of browsers
// prevents where that site is a sibling.
func TestSocketsOfOtherSites(t *testing.T) {
	s := newSite(t, echoes(t), with(func(c *gate.Config) { c.SameSite = http.NewCrossOriginProtection() }))
	if ws, err := s.open("http://" + s.address); err != nil {
		t.Error(err)
	} else {
		say(t, ws, "hello")
	}
	if _, err := s.open("http://sibling.example.com"); err == nil {
		t.Error("another site has opened a socket")
	}
	if v := <-s.refused; !errors.Is(v.Err, gate.ErrCrossSite) || v.Status != 403 {
		t.Errorf("%+v", v)
	}
}

// TestOtherProtocols: whatever else a client wants to speak, the app is asked in HTTP/1.1, and it cannot change that.
func TestOtherProtocols(t *testing.T) {
	s := newSite(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		if upgrade := r.Header.Get("Upgrade"); upgrade != "" || r.URL.Path == "/forced" {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "h2c"+upgrade)
			w.WriteHeader(http.StatusSwitchingProtocols)
			return
		}
		fmt.Fprint(w, r.Header)
	}))
	for _, upgrade := range []string{"h2c", "h2c, websocket", "websocket, h2c", "TLS/1.0", "websocket/13", "x"} {
		response := s.do("GET", "/", nil, "Connection", "Upgrade, HTTP2-Settings", "Upgrade", upgrade, "HTTP2-Settings", "AAMAAABkAAQAAP__")
		if body, _ := io.ReadAll(response.Body); response.StatusCode != 200 || strings.Contains(string(body), "Upgrade") {
			t.Errorf("Upgrade: %s: %d %s", upgrade, response.StatusCode, body)
		}
	}
	for _, headers := range [][]string{nil, {"Connection", "Upgrade", "Upgrade", "websocket"}} {
		if response := s.do("GET", "/forced", nil, headers...); response.StatusCode != 502 {
			t.Errorf("%v: %d", headers, response.StatusCode)
		}
	}
}

// TestCloseEndsSockets, which nobody else would.
func TestCloseEndsSockets(t *testing.T) {
	s := newSite(t, echoes(t))
	var open []*websocket.Conn
	for range 5 {
		ws, err := s.open("http://" + s.address)
		if err != nil {
			t.Fatal(err)
		}
		say(t, ws, "hello")
		open = append(open, ws)
	}
	s.upstream.Close()
	for _, ws := range open {
		isCut(t, ws)
	}
	if _, err := s.open("http://" + s.address); err == nil {
		t.Error("a socket was opened after the end")
	}
}
