//go:build unix

package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/textbrowser"
)

// TestPagesBeforeApp runs nginx with what docs/pages.md says, in front of a server and of an app that does what
// the page says: who comes to the app without a session signs in, and is back in the app.
func TestPagesBeforeApp(t *testing.T) {
	if testing.Short() {
		t.Skip("needs nginx")
	}
	folder, behind, front := t.TempDir(), "127.0.0.1:"+freePort(t), "localhost:"+freePort(t)
	run(t, exec.Command("handstamp", "serve", "--data", folder, "--listen", behind, "--public-url", "http://"+front, "--trusted-proxies=loopback"))
	waitForListener(t, "unix", filepath.Join(folder, "handstamp.sock"))
	const plain = "correct horse battery"
	if out, err := command(t, folder, "echo '"+plain+"' | handstamp user add --data . --email ada@example.com --password-stdin").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+behind+"/api/v1/users/me", nil)
		if err != nil {
			t.Error(err)
			return
		}
		ask.Host, ask.Header["Cookie"] = front, r.Header["Cookie"]
		answer, err := http.DefaultTransport.RoundTrip(ask)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusUnauthorized {
			http.Redirect(w, r, "/login?"+url.Values{"return_to": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		fmt.Fprintf(w, "<h1>App: %d</h1>", answer.StatusCode)
	}))
	defer app.Close()
	locations := ""
	for _, b := range codeBlocks(read(t, "../../docs/pages.md")) {
		if b.language == "nginx" {
			locations += b.text
		}
	}
	locations = strings.ReplaceAll(locations, "http://127.0.0.1:8080", app.URL)
	run(t, nginx(t, folder, "upstream handstamp { server "+behind+"; }\nserver {\nlisten "+front+";\n"+locations+"}\n"))
	waitForListener(t, "tcp", front)

	b := textbrowser.New(t, "http://"+front, nil)
	p := b.Open("/orders?page=2")
	if p.URL.Path != "/login" {
		t.Fatalf("a stranger: %s", p)
	}
	p = p.Form("/login").Set("email", "ada@example.com", "password", plain).Send()
	if p.URL.RequestURI() != "/orders?page=2" || !p.Says("App: 200") {
		t.Errorf("after the login: %s", p)
	}
	p = b.Open("/logout").Form("/logout").Send()
	if p.URL.Path != "/login" || b.Open("/orders").URL.Path != "/login" {
		t.Errorf("after the logout: %s", p)
	}
	if p := b.Open("/"); p.URL.Query().Get("return_to") != "/" {
		t.Errorf("the root is not the app's: %s", p)
	}
}
