package pythonapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const (
	issuer   = "https://id.example.com"
	audience = "https://api.example.com"
)

// startAPI runs api.py and returns its URL. It fetches its keys from keysURL.
func startAPI(t *testing.T, keysURL string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs Debian's Python")
	}
	// Not the python3 of the PATH, which need not be the one that Debian's packages are for.
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "-B", "api.py")
	cmd.Env = []string{"JWKS_URL=" + keysURL, "ISSUER=" + issuer, "AUDIENCE=" + audience, "LISTEN=127.0.0.1:0"}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // t.Context has ended by now
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // it was interrupted
		if strings.Contains(log.String(), "Traceback") {
			t.Errorf("something was not caught:\n%s", log.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		_ = cmd.Wait()
		t.Fatalf("api.py says %q, %v (make deps installs what is missing):\n%s", line, err, log.String())
	}
	return address
}

// An answer is what the API says.
type answer struct {
	status    int
	challenge string
	body      map[string]string
	header    http.Header
}

// get asks for a path with these values of Authorization.
func get(t *testing.T, url string, authorization ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = authorization
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	a := answer{status: got.StatusCode, challenge: got.Header.Get("WWW-Authenticate"), header: got.Header}
	if err := json.NewDecoder(got.Body).Decode(&a.body); err != nil {
		t.Fatalf("%s: %d, %v", url, got.StatusCode, err)
	}
	return a
}

// me asks the API who the bearer of a token is.
func me(t *testing.T, api, token string) answer {
	t.Helper()
	return get(t, api+"/me", "Bearer "+token)
}

const invalid = `Bearer error="invalid_token"`

func (a answer) isRefused() bool {
	return a.status == http.StatusUnauthorized && a.challenge == invalid && a.body["sub"] == ""
}
