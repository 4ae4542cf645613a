package badday_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// send sends a request and looks for secrets in the answer, where it is not the one who asks that gets
// them back.
func (w *walk) send(c call, statuses ...int) answer {
	w.t.Helper()
	return w.sendBut(c, nil, statuses...)
}

// sendBut is send for an answer in which some secrets may stand, by what they are.
func (w *walk) sendBut(c call, but []string, statuses ...int) answer {
	w.t.Helper()
	a := w.do(c)
	isWanted := len(statuses) == 0 && a.err == nil
	for _, status := range statuses {
		isWanted = isWanted || a.status == status
	}
	if !isWanted {
		w.t.Errorf("%s %s: %d %s %v, want %v", c.method, c.path, a.status, a.body, a.err, statuses)
	}
	for _, line := range a.header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		if name, secret, _ := strings.Cut(pair, "="); secret != "" {
			w.canaries.add("a cookie "+name, secret)
		}
	}
	what := fmt.Sprintf("the answer to %s %.60s", c.method, c.path)
	for name, values := range a.header {
		if name != "Set-Cookie" {
			w.canaries.check(w.t, what+", "+name, []byte(strings.Join(values, "\n")))
		}
	}
	if a.status >= 300 {
		w.canaries.check(w.t, what, []byte(a.body), append(but, formToken)...)
	}
	return a
}

// setUp uses the link for the first administrator, after all ways to get it wrong.
func (w *walk) setUp(secret string) person {
	admin := person{email: "ada@example.com", password: w.canaries.plant("the administrator's password")}
	link := "/setup/" + secret
	for _, path := range []string{
		"/SETUP/" + secret, "/Setup/" + secret, "/setup/" + secret + "/", "/setup/" + secret + ".", "/setup/" + secret + "/more",
		"//setup/" + secret, "/x/../setup/" + secret, "/setup//" + secret, "/setup%2F" + secret, "/setup%252F" + secret,
		"/setup%5C" + secret, "/setup/%20" + secret, "/setup" + secret, "/set%75p/" + secret, "/api/v1/setup/" + secret,
		"/setup?secret=" + secret, "/setup/?" + secret, "/setup/" + strings.ToLower(secret),
		link + "?utm_source=mail", "/setup/x" + secret, "/%73etup%2f" + secret,
	} {
		w.send(call{path: path})
	}
	w.canaries.add("a mistyped setup secret", secret[:len(secret)-1])
	w.send(call{path: link[:len(link)-1]}, http.StatusNotFound)
	for _, method := range []string{"HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		w.send(call{method: method, path: link})
	}
	// A page that answers a form has links to itself in other languages.
	ownAddress := []string{"the setup secret", "a mistyped setup secret"}
	details := string(must[[]byte](w.t, "quote")(json.Marshal(map[string]string{"email": admin.email, "password": admin.password})))
	for _, body := range []string{
		details[:len(details)-1], strings.Replace(details, "email", "mail", 1), strings.Replace(details, "ada@", "ada", 1),
		strings.Replace(details, "}", `,"password":"x"}`, 1), `"` + admin.password, strings.Repeat(details, 2000),
	} {
		w.sendBut(call{method: "POST", path: link, body: body}, ownAddress, 400, 413)
	}
	form := url.Values{"email": {"nobody"}, "password": {admin.password}}.Encode()
	w.sendBut(call{method: "POST", path: link, body: form, header: asForm}, ownAddress, 403)
	opened := w.open(link, "")
	w.form(opened, link, url.Values{"email": {"nobody"}, "password": {admin.password}}, ownAddress, 400)
	w.form(opened, link, url.Values{"email": {admin.email}, "password": {admin.password}, "first_name": {strings.Repeat("x", 300)}}, ownAddress, 400)
	w.send(call{method: "POST", path: link, body: details}, http.StatusCreated)
	w.send(call{method: "POST", path: link, body: details}, http.StatusNotFound)
	w.send(call{path: link}, http.StatusNotFound)
	return admin
}

// signIn signs in, after all ways to get that wrong, and returns the session's cookie.
func (w *walk) signIn(p person) string {
	wrong := w.canaries.plant("a wrong password")
	w.send(loginCall(p.email, wrong), 401)
	w.send(loginCall(wrong, p.password), 401)
	w.send(loginCall(p.password, wrong), 401)
	w.send(loginCall(p.email, strings.Repeat(p.password, 200)), 400)
	query := "?" + url.Values{"email": {p.email}, "password": {p.password}}.Encode()
	w.send(call{method: "POST", path: pathLogin + query})
	w.send(call{path: pathLogin + query})
	w.send(call{path: pathMe + query})
	body := loginCall(p.email, p.password).body
	for _, text := range []string{body[:len(body)-1], body + body, "[" + body + "]", strings.Replace(body, "password", "pass", 1)} {
		w.send(call{method: "POST", path: pathLogin, body: text}, 400)
	}
	for what, header := range map[string]string{
		"a Basic header": basicOf(p.email, p.password), "a wrong Basic header": basicOf(p.email, wrong),
		"a Basic header without a colon": strings.ReplaceAll(basicOf(p.email, p.password), "=", ""),
		"a Bearer header":                "Bearer " + w.canaries.plant("a bearer token"), "a header of text": p.email + ":" + wrong,
		"a Basic header of text": "Basic " + p.email + ":" + wrong,
	} {
		if _, encoded, _ := strings.Cut(header, " "); len(encoded) > 20 {
			w.canaries.add(what, encoded)
		}
		w.send(call{path: pathMe, header: [2]string{"Authorization", header}}, 200, 400, 401)
	}
	first := w.send(loginCall(p.email, p.password), 200)
	session := first.cookie("session")
	w.send(call{method: "POST", path: api + "/auth_session/renew", cookie: session, body: `{"password":"` + strings.ReplaceAll(wrong, `"`, `\"`) + `"}`}, 401)
	renewed := w.send(call{method: "POST", path: api + "/auth_session/renew", cookie: session}, 200).cookie("session")
	w.send(call{path: pathMe, cookie: session}, 401)
	w.send(call{path: pathMe, cookie: renewed + "; " + session}, 401)
	for _, cookie := range []string{
		renewed + "x", strings.ToUpper(renewed), "session=\"" + renewed[len("session="):] + "\"", "a=b; " + renewed + ";;;" + renewed, "SESSION" + renewed[7:],
	} {
		w.send(call{path: pathMe, cookie: cookie})
	}
	w.send(call{path: pathMe + "?" + renewed, cookie: renewed}, 200)
	w.send(call{path: api + "/nowhere?" + renewed, cookie: renewed}, 404)
	return renewed
}

// people makes users, changes passwords and deletes.
func (w *walk) people(session string) {
	p := person{email: "cleo@example.com", password: w.canaries.plant("a user's password")}
	next := w.canaries.plant("a user's next password")
	body := func(members map[string]string) string {
		return string(must[[]byte](w.t, "quote")(json.Marshal(members)))
	}
	w.send(call{method: "POST", path: api + "/users", body: body(map[string]string{"email": p.email, "password": p.password})}, 201)
	w.send(call{method: "POST", path: api + "/users", body: body(map[string]string{"email": p.email, "password": p.password})}, 409)
	w.send(call{method: "POST", path: api + "/users", body: body(map[string]string{"email": p.password, "password": next})}, 400)
	own := w.send(loginCall(p.email, p.password), 200).cookie("session")
	w.send(call{method: "PUT", path: pathMe, cookie: own, body: body(map[string]string{"password": next, "old_password": next})}, 401)
	w.send(call{method: "PUT", path: pathMe, cookie: own, body: body(map[string]string{"password": next, next: "x"})}, 400)
	own = w.send(call{method: "PUT", path: pathMe, cookie: own, body: body(map[string]string{"password": next, "old_password": p.password})}, 200).cookie("session")
	w.send(call{path: api + "/users?email=" + url.QueryEscape(p.email), cookie: session}, 200)
	w.send(call{path: api + "/auth_session", cookie: own}, 200)
	w.send(call{method: "DELETE", path: api + "/auth_session", cookie: own}, 200)
	w.send(call{method: "DELETE", path: api + "/auth_session", cookie: own}, 401)
}

// bag writes to the data bag.
func (w *walk) bag(session string) {
	value := string(must[[]byte](w.t, "quote")(json.Marshal(w.canaries.plant("a value of the data bag"))))
	w.send(call{method: "PUT", path: pathData + "/cart", cookie: session, body: value}, 204)
	w.send(call{method: "PUT", path: pathData + "/cart", cookie: session, body: value + value}, 400)
	w.send(call{method: "PUT", path: pathData + "/cart", cookie: session, body: strings.Repeat("[", 40) + value}, 400)
	w.send(call{method: "PUT", path: pathData, cookie: session, body: value}, 400)
	w.send(call{method: "PUT", path: pathData + "/" + strings.Repeat("k", 200), cookie: session, body: value}, 400)
	w.send(call{method: "PUT", path: pathData + "/cart", body: value}, 401)
	if got := w.send(call{path: pathData + "/cart", cookie: session}, 200).body; strings.TrimSpace(got) != value {
		w.t.Errorf("the data bag has %s, want %s", got, value)
	}
}

// malformed sends what no client sends, with secrets in it.
func (w *walk) malformed(session string) {
	host := "Host: " + strings.Replace(w.addr, "127.0.0.1", "localhost", 1) + "\r\n"
	token := "Cookie: " + session + "\r\n"
	for _, text := range []string{
		"GET " + pathMe + " HTTP/1.1\r\n" + host + "Cookie : " + session + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + token + " " + session + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\n" + host + token + "\r\n",
		"GET " + pathMe + "?" + session + " HTTP/9.1\r\n" + host + token + "\r\n",
		"GET " + pathMe + " " + session + " HTTP/1.1\r\n" + host + token + "\r\n",
		session + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + token + "\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + host + token + "\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + "Cookie: " + session + "\x00\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat(session+"; ", 2000) + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\nHost: " + session[len("session="):] + "\r\n" + token + "\r\n",
		"GET http://" + session[len("session="):] + "@localhost/ HTTP/1.1\r\n" + host + token + "\r\n",
		"POST " + pathLogin + " HTTP/1.1\r\n" + host + token + "Content-Length: " + session + "\r\n\r\n",
		"POST " + pathLogin + " HTTP/1.1\r\n" + host + token + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + session,
		"POST " + pathLogin + " HTTP/1.1\r\n" + host + token + "Transfer-Encoding: chunked\r\n\r\n" + session,
		"GET " + pathMe + " HTTP/1.1\r\n" + host + token + "X-Forwarded-For: " + session + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + token + "Traceparent: " + session + "\r\nTracestate: a=" + session + "\r\n\r\n",
		"GET " + pathMe + " HTTP/1.1\r\n" + host + token + "Origin: https://" + session + "\r\nReferer: https://" + session + "\r\n\r\n",
	} {
		w.canaries.check(w.t, fmt.Sprintf("the answer to %.60q", text), w.exchange(text))
	}
}

// exchange sends bytes, and returns what comes back until the server hangs up.
func (w *walk) exchange(text string) []byte {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerDeadline)); err != nil {
		w.t.Fatal(err)
	}
	_, _ = conn.Write([]byte(text)) // the server may hang up before all of it was sent
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	var got []byte
	for buffer := make([]byte, 4096); ; {
		n, err := conn.Read(buffer)
		if got = append(got, buffer[:n]...); err != nil {
			return got
		}
	}
}

// commands does with the commands what an operator does, and gets it wrong.
func (w *walk) commands() {
	secret := w.canaries.plant("a password from the terminal")
	run := func(stdin string, args ...string) string {
		code, said := command(w.t, w.binary, w.data, w.settings, strings.NewReader(stdin), args...)
		if code != 0 {
			w.t.Errorf("%v: %d %s", args, code, said)
		}
		return said
	}
	for _, args := range [][]string{
		{"user", "add", "--email", "dora@example.com", "--role", "user", "--password-stdin"},
		{"user", "password", "dora@example.com", "--password-stdin"},
		{"user", "show", "dora@example.com", "--json"},
		{"user", "list", "--json"},
		{"session", "list", "ada@example.com"},
		{"export"},
		{"audit", "--limit", "0", "--json"},
		{"audit", "verify"},
		{"backup", filepath.Join(w.data, "backup.db")},
		{"serve", "--check"},
		{"user", "delete", "dora@example.com"},
	} {
		w.canaries.check(w.t, "what "+strings.Join(args, " ")+" prints", []byte(run(secret+"\n", args...)))
	}
	link := strings.TrimSpace(run("", "user", "setup-link"))
	_, found, ok := strings.Cut(link, "/setup/")
	if !ok {
		w.t.Fatalf("setup link %q", link)
	}
	found = strings.Fields(found)[0]
	w.canaries.add("a setup secret from a command", found)
	w.send(call{path: "/setup/" + found}, 200)
	for _, args := range [][]string{
		{"user", "add", "--email", "dora@example.com", "--password", secret},
		{"user", "add", "--email", "dora@example.com", "--password=" + secret},
		{"serve", "--check", "--master-key", secret},
		{"serve", "--check", "--master-key=" + secret},
		{"user", "password", "ada@example.com", "-" + secret},
	} {
		code, said := command(w.t, w.binary, w.data, w.settings, nil, args...)
		if code == 0 {
			w.t.Errorf("%.30q: %d %s", args, code, said)
		}
		w.canaries.check(w.t, fmt.Sprintf("what %.30q prints", args), []byte(said))
	}
}

// reload makes the server read a file of settings that holds a secret and is wrong.
func (w *walk) reload() {
	secret := "c4n4ry-in-a-file-of-settings"
	w.canaries.add("the secret of the file", secret)
	file := filepath.Join(w.data, "handstamp.toml")
	for _, line := range []string{"trace-headers = " + secret, "trace-headers = \"" + secret, "master-key = [\"" + secret + "\"]", "trace-headers = \"Key=" + secret + "\""} {
		if err := os.WriteFile(file, []byte("# settings\n"+line+"\n"), 0o600); err != nil {
			w.t.Fatal(err)
		}
		// Either they are good, as what the environment says counts more, or they are not.
		heard := func() int {
			log := w.log.String()
			return strings.Count(log, "reload") + strings.Count(log, "settings read again")
		}
		before := heard()
		if err := w.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			w.t.Fatal(err)
		}
		until(w.t, "read the settings again", func() bool { return heard() > before })
		code, said := command(w.t, w.binary, w.data, nil, nil, "serve", "--check")
		if code == 0 {
			w.t.Errorf("%s: %d %s", line, code, said)
		}
		w.canaries.check(w.t, "what serve --check prints", []byte(said))
	}
	if err := os.Remove(file); err != nil {
		w.t.Fatal(err)
	}
}

// operations looks at what those see who run the server.
func (w *walk) operations(admin person, session string) {
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		local := call{path: path, from: direct}
		w.canaries.check(w.t, path, []byte(w.send(local, 200).body))
	}
	for _, path := range []string{"/audit?limit=1000", "/users", "/auth_session", "/stats"} {
		w.canaries.check(w.t, path, []byte(w.send(call{path: api + path, cookie: session}, 200).body))
	}
	w.send(basicCall(admin.email, admin.password), 200)
}
