//go:build unix

package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestProxies runs nginx and HAProxy with what docs/behind-a-proxy.md says, but for TLS, in front of a server
// with the settings that the page says.
func TestProxies(t *testing.T) {
	if testing.Short() {
		t.Skip("needs nginx and HAProxy")
	}
	page, err := os.ReadFile("../../docs/behind-a-proxy.md")
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[string]string)
	for _, b := range codeBlocks(string(page)) {
		said[b.language] += b.text
	}
	for name, start := range map[string]func(folder, config string) *exec.Cmd{
		"nginx": func(folder, config string) *exec.Cmd {
			return nginx(t, folder, regexp.MustCompile(`(?m)^ *ssl_.*\n`).ReplaceAllString(config, ""))
		},
		"haproxy": func(folder, config string) *exec.Cmd {
			writeFile(t, filepath.Join(folder, "haproxy.cfg"), config)
			return exec.Command("haproxy", "-db", "-f", filepath.Join(folder, "haproxy.cfg"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, behind, front := t.TempDir(), "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
			writeFile(t, filepath.Join(folder, "handstamp.toml"), said["toml"])
			server := exec.Command("handstamp", "serve", "--config", filepath.Join(folder, "handstamp.toml"),
				"--data", folder, "--listen", behind, "--log-format=json")
			log, err := server.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			run(t, server)
			waitForListener(t, "unix", filepath.Join(folder, "handstamp.sock"))

			proxy := start(folder, strings.NewReplacer("127.0.0.1:5000", behind, "listen 443 ssl", "listen "+front,
				":443 ssl crt /etc/haproxy/id.example.com.pem", front).Replace(said[name]))
			run(t, proxy)
			waitForListener(t, "tcp", front)
			checkProxy(t, "http://"+front, bufio.NewScanner(log))
		})
	}
}

// nginx returns nginx with what stands in its http block, in a folder of its own.
func nginx(t *testing.T, folder, config string) *exec.Cmd {
	t.Helper()
	before := "daemon off; pid nginx.pid; error_log stderr; events {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		before += kind + "_temp_path " + kind + ";\n"
	}
	writeFile(t, filepath.Join(folder, "nginx.conf"), before+config+"}\n")
	return exec.Command("nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr")
}

// run starts a program that ends with the test.
func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatalf("%v; \"make deps\" installs what the tests need", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // nginx has processes of its own to stop
		_ = c.Wait()
	})
}

// checkProxy asks as a stranger would who wants to be somebody else, and looks into the server's log.
func checkProxy(t *testing.T, base string, log *bufio.Scanner) {
	t.Helper()
	ask := func(method, path, host, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		r.Header.Set("X-Real-IP", "192.0.2.2")
		r.Header.Set("Forwarded", "for=192.0.2.3")
		r.Header.Set("X-Forwarded-Host", "id.example.com")
		answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	for _, c := range []struct {
		method, path, host, body string
		status                   int
	}{
		{"GET", "/api/v1/status", "id.example.com", "", 200},
		{"GET", "/api/v1/status", "evil.example.com", "", 421},
		{"GET", "/metrics", "id.example.com", "", 404},
		{"GET", "/verify", "id.example.com", "", 404}, // who reaches it would be taken for the proxy
		{"GET", "/verify/envoy/..%2f..%2flogin", "id.example.com", "", 404},
		{"GET", "/%76erify", "id.example.com", "", 401}, // no route
		{"POST", "/api/v1/auth_session/login", "id.example.com", `{"email":"ada@example.com","password":"wrong"}`, 401},
	} {
		if status, text := ask(c.method, c.path, c.host, c.body); status != c.status {
			t.Errorf("%s %s of %s: %d %s, want %d", c.method, c.path, c.host, status, text, c.status)
		}
	}
	for log.Scan() {
		var line struct {
			Path   string `json:"url.path"`
			Source string `json:"source.ip"`
		}
		if json.Unmarshal(log.Bytes(), &line) != nil || line.Path == "" {
			continue
		}
		if line.Source != "127.0.0.1" {
			t.Errorf("the client seems to be %s: %s", line.Source, log.Text())
		}
		if line.Path == "/api/v1/auth_session/login" {
			return
		}
	}
	t.Error(fmt.Errorf("the log ended: %w", log.Err()))
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
