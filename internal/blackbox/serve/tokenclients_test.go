package serve_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// The Python of Debian, which has PyJWT beside it.
const python = "/usr/bin/python3"

// A program in Python that signs in, sees for itself who it is, renews and logs out. It knows nothing of
// us but three URLs.
const pythonClient = `
import json, sys, urllib.error, urllib.request
import jwt

base, issuer, email, password, algorithm = sys.argv[1:]

def ask(method, path, body=None, token=None):
    request = urllib.request.Request(base + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()

def want(status, got):
    assert got[0] == status, got
    return json.loads(got[1]) if got[1] else None

keys = jwt.PyJWKClient(base + "/.well-known/jwks.json")

def read(token):
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "at+jwt" and header["alg"] == algorithm, header
    return jwt.decode(token, keys.get_signing_key_from_jwt(token).key, algorithms=[algorithm], audience=issuer, issuer=issuer,
        options={"require": ["iss", "sub", "aud", "exp", "iat", "jti", "sid"]})

token = want(200, ask("POST", "/@login", {"login": email, "password": password}))["token"]
claims = read(token)
me = want(200, ask("GET", "/api/v1/users/me", token=token))
assert me["id"] == claims["sub"] and me["email"] == email, me
renewed = want(200, ask("POST", "/@login-renew", token=token))["token"]
assert read(renewed)["sid"] == claims["sid"] and read(renewed)["jti"] != claims["jti"]
want(200, ask("GET", "/api/v1/users/me", token=renewed))
want(204, ask("POST", "/@logout", token=renewed))
for dead in (token, renewed):
    want(401, ask("GET", "/api/v1/users/me", token=dead))
    want(401, ask("POST", "/@login-renew", token=dead))
print(claims["sub"])
`

// TestPythonAndCurl: what others have written gets along with the tokens, whatever they are signed with.
func TestPythonAndCurl(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			tg := startBinary(t, "memory", options{algorithm: algorithm})
			user := tg.newPersonBy(tg.signIn(tg.admin), "user")
			issuer := strings.Replace(tg.base, "127.0.0.1", "localhost", 1)
			got := output(t, pythonClient, python, "-", tg.base, issuer, user.email, user.password, algorithm)
			if strings.TrimSpace(got) != user.id {
				t.Errorf("Python is %q", got)
			}

			jwt := decode[struct{ Token string }](t, tg.curl(200, "-X", "POST", "-H", "Content-Type: application/json",
				"-d", object("login", user.email, "password", user.password), tg.base+loginPath)).Token
			me := tg.curl(200, "--oauth2-bearer", jwt, tg.base+api+"/users/me")
			if id := decode[userView](t, me).ID; id != user.id {
				t.Errorf("curl is %q", id)
			}
			renewed := decode[struct{ Token string }](t, tg.curl(200, "-X", "POST", "-H", "Authorization: Bearer "+jwt, tg.base+renewPath)).Token
			tg.curl(200, "-H", "authorization: bearer "+renewed, tg.base+api+"/users/me")
			tg.curl(204, "-X", "POST", "--oauth2-bearer", renewed, tg.base+logoutPath)
			for _, dead := range []string{jwt, renewed} {
				tg.curl(401, "--oauth2-bearer", dead, tg.base+api+"/users/me")
			}
		})
	}
}

// curl asks, and checks the status.
func (tg *target) curl(status int, args ...string) answer {
	tg.t.Helper()
	const mark = "\nstatus "
	out := output(tg.t, "", "curl", append([]string{"-sS", "--noproxy", "*", "-w", mark + "%{http_code}"}, args...)...)
	body, code, _ := strings.Cut(out, mark)
	if code != number(int64(status)) {
		tg.t.Errorf("curl: %s, want %d: %s", code, status, body)
	}
	return answer{status: status, body: body}
}

// output runs a program of somebody else's, and returns what it prints.
func output(t testing.TB, stdin, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var text, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &text, &complaint
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, complaint.String())
	}
	return text.String()
}
