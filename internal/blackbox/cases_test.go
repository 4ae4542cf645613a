package blackbox_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// caseCount is how many cases there are: none may be lost between the file and the server.
const caseCount = 304

// A classicCase is one entry of classic_cases.json.
type classicCase struct {
	Name     string
	AuthType string `json:"auth_type"`
	Setup    struct {
		UsersFile *string `json:"users_file"`
		Env       settings
		Before    []caseStep
	}
	Request caseRequest
	Expect  struct {
		Status        int
		JSON          json.RawMessage
		Body          *string
		ContentType   string `json:"content_type"`
		Headers       map[string]string
		HeadersAbsent []string `json:"headers_absent"`
	}
}

// A caseStep is something that happens before the request of a case.
type caseStep struct {
	Request *caseRequest
	Capture map[string]string // variable → "cookie:NAME"
	Sleep   float64           // seconds
	Restart bool
}

type caseRequest struct {
	Method, Path string
	Headers      [][2]string
	Body         *string
}

// with returns the request with the variables put in.
func (r caseRequest) with(variables *strings.Replacer) request {
	out := request{method: r.Method, path: variables.Replace(r.Path)}
	for _, h := range r.Headers {
		out.headers = append(out.headers, [2]string{h[0], variables.Replace(h[1])})
	}
	if r.Body != nil {
		out = out.withBody(variables.Replace(*r.Body))
	}
	return out
}

func TestClassicCases(t *testing.T) {
	var cases []classicCase
	if err := json.Unmarshal([]byte(foundingFile(t, "classic_cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != caseCount {
		t.Fatalf("classic_cases.json has %d cases, want %d", len(cases), caseCount)
	}
	var ran, skipped atomic.Int64
	t.Cleanup(func() { // when all of the parallel tests are through
		picked := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
		if n := ran.Load() + skipped.Load(); n != caseCount && !picked {
			t.Errorf("%d cases ran, want %d", n, caseCount)
		}
	})
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if testing.Short() && c.waits() {
				skipped.Add(1)
				t.Skip("waits for a session to expire")
			}
			t.Parallel()
			ran.Add(1)
			c.run(t)
		})
	}
}

// waits reports whether the case has a step that lets time pass.
func (c classicCase) waits() bool {
	for _, step := range c.Setup.Before {
		if step.Sleep > 0 {
			return true
		}
	}
	return false
}

func (c classicCase) run(t *testing.T) {
	data := newFolder(t)
	if c.Setup.UsersFile != nil {
		if *c.Setup.UsersFile != "users.json" {
			t.Fatalf("the case starts from %s, which nobody imported", *c.Setup.UsersFile)
		}
		data = importedData(t)
	}
	env := settings{}
	for name, value := range c.Setup.Env {
		env[name] = value
	}
	if c.AuthType != "unset" {
		env["AUTH_TYPE"] = c.AuthType
	}
	s := startServer(t, data, env)

	variables := strings.NewReplacer()
	known := map[string]string{}
	for _, step := range c.Setup.Before {
		switch {
		case step.Request != nil:
			a := s.do(t, step.Request.with(variables))
			for name, source := range step.Capture {
				known[name] = captured(t, a, source)
			}
			variables = replacer(known)
		case step.Sleep > 0:
			awaitStep(step.Sleep)
		case step.Restart:
			s.restart()
		default:
			t.Fatalf("a step that this test does not know: %+v", step)
		}
	}
	r := c.Request.with(variables)
	c.check(t, s, r, s.do(t, r))
}

// awaitStep lets the seconds pass that a case asks for. What is tested is that a session ends
// by the clock of another process, and no event tells that it did.
func awaitStep(seconds float64) {
	<-time.After(time.Duration(seconds * float64(time.Second)))
}

// captured returns what source, "cookie:NAME", names in the answer.
func captured(t *testing.T, a answer, source string) string {
	t.Helper()
	name, isCookie := strings.CutPrefix(source, "cookie:")
	got, value, _ := strings.Cut(cookieOf(t, a), "=")
	if !isCookie || got != name {
		t.Fatalf("cannot capture %s from %v", source, a)
	}
	return value
}

// replacer puts the values of variables in: {{sid}}, and {{SID}} for the same in upper case.
func replacer(variables map[string]string) *strings.Replacer {
	var pairs []string
	for name, value := range variables {
		pairs = append(pairs,
			"{{"+name+"}}", value,
			"{{"+strings.ToUpper(name)+"}}", strings.ToUpper(value))
	}
	return strings.NewReplacer(pairs...)
}

func (c classicCase) check(t *testing.T, s *server, r request, a answer) {
	if a.status != c.Expect.Status {
		t.Errorf("status %d, want %d", a.status, c.Expect.Status)
	}
	if !strings.HasPrefix(a.header.Get("Content-Type"), c.Expect.ContentType) {
		t.Errorf("Content-Type %q, want %q", a.header.Get("Content-Type"), c.Expect.ContentType)
	}
	if c.Expect.Body != nil && a.body != *c.Expect.Body {
		t.Errorf("body %q, want %q", a.body, *c.Expect.Body)
	}
	if c.Expect.JSON != nil {
		c.checkJSON(t, s, a)
	}
	if a.status == 405 && r.method != "HEAD" && a.body != page405 {
		t.Errorf("body %q, want the page for 405", a.body)
	}
	for name, want := range c.Expect.Headers {
		want = strings.ReplaceAll(want, "{{host}}", s.addr)
		got := strings.Join(a.header.Values(name), ", ")
		if isList(name) {
			want, got = sortedList(want), sortedList(got)
		}
		if !matches(want, got) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, name := range c.Expect.HeadersAbsent {
		if values := a.header.Values(name); len(values) > 0 {
			t.Errorf("%s: %q, want none", name, values)
		}
	}
	if t.Failed() {
		t.Logf("request: %v\nanswer: %v", r, a)
	}
}

func (c classicCase) checkJSON(t *testing.T, s *server, a answer) {
	want, err := parseJSON(strings.ReplaceAll(string(c.Expect.JSON), "{{host}}", s.addr))
	if err != nil {
		t.Fatal(err)
	}
	got := checkClassic(t, a.body)
	if diff := diffJSON("body", want, got); diff != "" {
		t.Error(diff)
	}
}

// isList reports whether a header's value is a set, in which order says nothing.
func isList(name string) bool {
	return name == "Allow" || strings.HasPrefix(name, "Access-Control-Allow-")
}

func sortedList(value string) string {
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	sort.Strings(items)
	return fmt.Sprint(items)
}
