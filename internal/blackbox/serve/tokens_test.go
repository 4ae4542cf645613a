package serve_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Where programs get tokens, and where services ask about them.
const (
	loginPath      = "/@login"
	renewPath      = "/@login-renew"
	logoutPath     = "/@logout"
	introspectPath = api + "/token/introspect"
	keysPath       = "/.well-known/jwks.json"
	verifyPath     = "/verify"
)

// bearer returns a client that has just signed in and has a token.
func (tg *target) bearer(p person) *client {
	tg.t.Helper()
	c := tg.stranger()
	c.take(c.want(200, "POST", loginPath, object("login", p.email, "password", p.password)))
	return c
}

// withJWT returns a client that sends a token.
func (tg *target) withJWT(jwt string) *client {
	c := tg.stranger()
	c.authorization = "Bearer " + jwt
	return c
}

// take makes the token in an answer the client's own.
func (c *client) take(got answer) {
	c.t.Helper()
	jwt := decode[struct{ Token string }](c.t, got).Token
	if strings.Count(jwt, ".") != 2 {
		c.t.Errorf("a token %q", jwt)
	}
	c.authorization = "Bearer " + keepSecret(jwt)
}

// renewToken takes the place of the token with the next one.
func (c *client) renewToken() {
	c.t.Helper()
	c.take(c.want(200, "POST", renewPath, ""))
}

func (c *client) jwt() string { return strings.TrimPrefix(c.authorization, "Bearer ") }

// tokenSessionID returns the public name of the session that the client's token stands for.
func (c *client) tokenSessionID() string {
	c.t.Helper()
	id, _ := claimsOf(c.t, c.jwt())["sid"].(string)
	return id
}

// claimsOf returns what a token says, whoever has signed it.
func claimsOf(t testing.TB, jwt string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(jwt, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		t.Errorf("%.40q: %v", jwt, err)
	}
	return claims
}

// introspect asks about a token as a service does.
func (c *client) introspect(jwt string) answer {
	c.t.Helper()
	return c.do("POST", introspectPath, url.Values{"token": {jwt}}.Encode(), "Content-Type", formType)
}

// isActive reports what a service is told of a token. Of one that is not live it must not be told more.
func (c *client) isActive(jwt string) bool {
	c.t.Helper()
	got := c.introspect(jwt)
	found := decode[map[string]any](c.t, got)
	isActive, isBool := found["active"].(bool)
	if got.status != 200 || !isBool || !isActive && len(found) > 1 {
		c.t.Errorf("introspection: %d %s", got.status, got.body)
	}
	return isActive
}

// verify asks as the proxy of an app does with the client's credentials.
func (c *client) verify(path string) answer {
	c.t.Helper()
	return c.do("GET", verifyPath, "",
		"X-Original-Method", "GET", "X-Original-Host", "app.example.com", "X-Original-Proto", "https", "X-Original-Uri", path)
}

// identityHeaders are what an app learns of who is asking.
var identityHeaders = []string{"X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization"}

// compareVerify checks what a proxy copies: each header is there exactly once, and empty unless somebody may pass.
func compareVerify(got *http.Response) error {
	for name, want := range map[string]string{"Cache-Control": "no-store", "Vary": "Cookie, Authorization, Accept, Sec-Fetch-Mode"} {
		if value := got.Header.Get(name); value != want {
			return fmt.Errorf("%s: %q, want %q", name, value, want)
		}
	}
	if got.StatusCode == 401 && got.Header.Get("WWW-Authenticate") == "" {
		return errors.New("no WWW-Authenticate")
	}
	for _, name := range identityHeaders {
		values := got.Header.Values(name)
		if len(values) != 1 || got.StatusCode != 200 && values[0] != "" {
			return fmt.Errorf("%s: %q", name, values)
		}
	}
	user, jwt := got.Header.Get("X-Auth-User"), got.Header.Get("Authorization")
	if (user == "") != (jwt == "") || jwt != "" && !strings.HasPrefix(jwt, "Bearer ") {
		return fmt.Errorf("user %q, Authorization %q", user, jwt)
	}
	if !slices.Contains([]int{200, 302, 400, 401, 403, 421, 429, 431, 503}, got.StatusCode) {
		return errors.New("a status that proxies do not know")
	}
	return nil
}
