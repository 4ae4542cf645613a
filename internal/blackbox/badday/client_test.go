package badday_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// A call is a request. The zero values are GET, without a body, from anywhere.
type call struct {
	method, path, body string
	from               string // the address of the client, as the proxy tells it; direct for without a proxy
	cookie             string
	basic              [2]string // email and password; empty for none
	header             [2]string // another one
}

// An answer is what came back. Its status is 0 where nothing came back.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// direct is where a call comes from that no proxy has passed on.
const direct = "direct"

const (
	api       = "/api/v1"
	pathMe    = api + "/users/me"
	pathLogin = api + "/auth_session/login"
	pathData  = api + "/auth_session/data"
)

var anonymous = call{path: api + "/status"}

func loginCall(email, password string) call {
	body, _ := json.Marshal(map[string]string{"email": email, "password": password}) // of text always succeeds
	return call{method: http.MethodPost, path: pathLogin, body: string(body)}
}

func basicCall(email, password string) call {
	return call{path: pathMe, basic: [2]string{email, password}}
}

// do sends a request and waits for the answer.
func (s *server) do(c call) answer { return s.doUntil(context.Background(), c) }

// doUntil is do, and gives up when ctx is done.
func (s *server) doUntil(ctx context.Context, c call) answer {
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.addr+c.path, strings.NewReader(c.body))
	if err != nil {
		return answer{err: err}
	}
	r.Host = strings.Replace(s.addr, "127.0.0.1", "localhost", 1)
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	from := c.from
	if from == "" {
		from = "192.0.2.1"
	}
	if from != direct {
		r.Header.Set("X-Forwarded-For", from)
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	if c.basic[0] != "" {
		r.Header.Set("Authorization", basicOf(c.basic[0], c.basic[1]))
	}
	if c.header[0] != "" {
		r.Header.Set(c.header[0], c.header[1])
	}
	response, err := s.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{err: err}
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

func basicOf(email, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(email+":"+password))
}

// ask is do, and the answer has to be one of these.
func (s *server) ask(c call, statuses ...int) answer {
	s.t.Helper()
	a := s.do(c)
	for _, status := range statuses {
		if a.status == status {
			return a
		}
	}
	s.t.Errorf("%s %s: %d %s %v, want %v", c.method, c.path, a.status, a.body, a.err, statuses)
	return a
}

// cookie returns a cookie that the answer sets, as a client sends it back.
func (a answer) cookie(name string) string {
	for _, line := range a.header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		if strings.HasPrefix(pair, name+"=") {
			return pair
		}
	}
	return ""
}

// login returns the cookies of a new session and of a known device.
func (s *server) login(p person) (session, device string) {
	s.t.Helper()
	a := s.ask(loginCall(p.email, p.password), http.StatusOK)
	session, device = a.cookie("session"), a.cookie("device")
	if session == "" || device == "" {
		s.t.Fatalf("login of %s: cookies %q", p.email, a.header["Set-Cookie"])
	}
	return session, device
}
