package serve_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// TestForgedTokens: whatever a token looks like that the server has not issued for itself, it is refused
// as every token that is no good, at every door; nothing is fetched for it, and nothing of its session ends.
func TestForgedTokens(t *testing.T) {
	onEachTarget(t, options{}, testForgedTokens)
}

// TestForgedTokensOfRSA is that for the key with which the mix-up of algorithms was found at first.
func TestForgedTokensOfRSA(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"RS256", "ES256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			testForgedTokens(t, startBinary(t, "memory", options{algorithm: algorithm}))
		})
	}
}

func testForgedTokens(t *testing.T, tg *target) {
	var fetched atomic.Int64
	bait := httptest.NewUnstartedServer(http.NotFoundHandler())
	bait.Config.ConnState = func(net.Conn, http.ConnState) { fetched.Add(1) }
	bait.Start()
	defer bait.Close()

	user := tg.newPersonBy(tg.signIn(tg.admin), "user")
	program := tg.bearer(user)
	f := newForger(t, tg, program, bait.URL)
	var service *client
	if tg.newService != nil {
		service = tg.newService("an API", "")
	}
	all := f.forgeries()
	if len(all) < 60 {
		t.Errorf("only %d forgeries", len(all))
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		jwt := all[name]
		if jwt == program.jwt() {
			t.Errorf("%s is the token itself", name)
		}
		forged := tg.withJWT(jwt)
		for _, door := range []struct{ method, path string }{
			{"GET", api + "/users/me"}, {"GET", api + "/auth_session/data"}, {"POST", renewPath},
		} {
			got := forged.copied().do(door.method, door.path, "")
			if got.status != 401 || !saysInvalid(got.header) {
				t.Errorf("%s, %s %s: %d %q %s", name, door.method, door.path, got.status, got.header.Values("WWW-Authenticate"), got.body)
			}
		}
		forged.want(400, "POST", logoutPath, "")
		if got := forged.verify("/"); got.status != 401 || !saysInvalid(got.header) {
			t.Errorf("%s, in an app: %d %q", name, got.status, got.header.Values("WWW-Authenticate"))
		}
		if service != nil && !isForApp[name] && service.isActive(jwt) {
			t.Errorf("%s is active", name)
		}
	}
	if n := fetched.Load(); n != 0 {
		t.Errorf("%d connections to where a token has pointed", n)
	}
	program.want(200, "GET", api+"/users/me", "")
	program.renewToken()
}

// isForApp has those that are good for others: a service may hear of them.
var isForApp = map[string]bool{"for an app": true, "no gen": true, "gen 0": true}

// saysInvalid reports whether one of the challenges is that for a token that is no good (RFC 6750, section
// 3.1).
func saysInvalid(header http.Header) bool {
	return slices.ContainsFunc(header.Values("WWW-Authenticate"), func(challenge string) bool {
		return strings.HasPrefix(challenge, "Bearer ") && strings.Contains(challenge, `error="invalid_token"`)
	})
}

// A forger makes tokens of a good one.
type forger struct {
	t         testing.TB
	tg        *target
	jwt       string
	parts     []string
	header    map[string]any
	claims    map[string]any
	published crypto.PublicKey
	jwk       string // the same as the server writes it
	bait      string // a URL that somebody watches
	own       ed25519.PrivateKey
	ownJWK    json.RawMessage
}

func newForger(t testing.TB, tg *target, program *client, bait string) *forger {
	t.Helper()
	f := &forger{t: t, tg: tg, jwt: program.jwt(), bait: bait, claims: claimsOf(t, program.jwt())}
	f.parts = strings.Split(f.jwt, ".")
	text, err := base64.RawURLEncoding.DecodeString(f.parts[0])
	if err == nil {
		err = json.Unmarshal(text, &f.header)
	}
	set := decode[jose.JSONWebKeySet](t, tg.stranger().want(200, "GET", keysPath, ""))
	keys := set.Key(fmt.Sprint(f.header["kid"]))
	if err != nil || len(keys) != 1 {
		t.Fatalf("%s: %v, %d keys", text, err, len(keys))
	}
	f.published = keys[0].Key
	f.jwk = string(asJSON(keys[0]))
	if _, f.own, err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	f.ownJWK = asJSON(jose.JSONWebKey{Key: f.own.Public(), KeyID: "mine", Algorithm: "EdDSA", Use: "sig"})
	return f
}

func asJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func encoded(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

// with returns the header of the good token with other members, or without those that are nil.
func (f *forger) with(pairs ...any) string {
	header := maps.Clone(f.header)
	for i := 0; i < len(pairs); i += 2 {
		header[pairs[i].(string)] = pairs[i+1]
		if pairs[i+1] == nil {
			delete(header, pairs[i].(string))
		}
	}
	return string(asJSON(header))
}

// claiming returns the claims of the good token with other members.
func (f *forger) claiming(pairs ...any) string {
	was := f.header
	f.header = f.claims
	defer func() { f.header = was }()
	return f.with(pairs...)
}

// unchanged returns the good token's claims and signature under another header.
func (f *forger) unchanged(header string) string {
	return encoded([]byte(header)) + "." + f.parts[1] + "." + f.parts[2]
}

// unsigned returns the good token's claims under another header, without a signature.
func (f *forger) unsigned(header string) string {
	return encoded([]byte(header)) + "." + f.parts[1] + "."
}

// signed returns claims signed with the forger's own key.
func (f *forger) signed(header, claims string) string {
	input := encoded([]byte(header)) + "." + encoded([]byte(claims))
	return input + "." + encoded(ed25519.Sign(f.own, []byte(input)))
}

// authenticated returns the good token's claims with an HMAC under key.
func (f *forger) authenticated(header string, key []byte) string {
	input := encoded([]byte(header)) + "." + f.parts[1]
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(input))
	return input + "." + encoded(mac.Sum(nil))
}

// forgeries returns tokens that are no good, by what is wrong with them.
func (f *forger) forgeries() map[string]string {
	all := make(map[string]string)
	for _, part := range []func(map[string]string){f.algorithms, f.headers, f.spellings, f.ofOthers, f.ofClaims} {
		part(all)
	}
	return all
}

// algorithms mixes up with what is signed.
func (f *forger) algorithms(all map[string]string) {
	for _, none := range []any{"none", "None", "NONE", "nOnE", "", nil, 0, []string{"none"}} {
		all[fmt.Sprintf("alg %v, unsigned", none)] = f.unsigned(f.with("alg", none))
		all[fmt.Sprintf("alg %v, signature kept", none)] = f.unchanged(f.with("alg", none))
		all[fmt.Sprintf("alg %v, no key named", none)] = f.unsigned(f.with("alg", none, "kid", nil))
	}
	der, err := x509.MarshalPKIXPublicKey(f.published)
	if err != nil {
		f.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	keys := map[string][]byte{
		"DER": der, "PEM": text, "PEM without its last newline": text[:len(text)-1], "JWK": []byte(f.jwk), "nothing": nil,
		"kid": fmt.Append(nil, f.header["kid"]), "zero": make([]byte, 32),
	}
	if raw, ok := f.published.(ed25519.PublicKey); ok {
		keys["raw"], keys["x"] = raw, []byte(encoded(raw))
	}
	for name, key := range keys {
		all["HS256 under the public key as "+name] = f.authenticated(f.with("alg", "HS256"), key)
		all["HS256 as Plone's, under the public key as "+name] = f.authenticated(`{"alg":"HS256","typ":"JWT"}`, key)
		all["HS256 under the header of ours, the public key as "+name] = f.authenticated(f.with(), key)
	}
	for _, other := range []string{"EdDSA", "ES256", "RS256", "PS256", "HS256", "HS512", "ES256K", "ES384"} {
		if other != f.header["alg"] {
			all["alg "+other] = f.unchanged(f.with("alg", other))
		}
	}
}

// headers points elsewhere.
func (f *forger) headers(all map[string]string) {
	claims := f.claiming()
	for _, kid := range []any{
		"../../../../../../dev/null", "/dev/null", "' OR '1'='1", "x'; DROP TABLE keys; --", "", nil, 7,
		[]string{"x"},
		map[string]any{"x": 1},
		strings.Repeat("x", 16), strings.Repeat("x", 1000), "a\x00b", f.bait, "${jndi:ldap://" + f.bait + "}", "%00",
	} {
		name := fmt.Sprintf("kid %.30q", fmt.Sprint(kid))
		all[name] = f.signed(f.with("alg", "EdDSA", "kid", kid), claims)
		all[name+", HS256 under nothing"] = f.authenticated(f.with("alg", "HS256", "kid", kid), nil)
		all[name+", signature kept"] = f.unchanged(f.with("kid", kid))
	}
	for name, extra := range map[string][]any{
		"jku": {"jku", f.bait + "/jwks.json"}, "x5u": {"x5u", f.bait + "/x.pem"}, "jwk": {"jwk", f.ownJWK},
		"x5c": {"x5c", []string{base64.StdEncoding.EncodeToString([]byte("x"))}}, "crit": {"crit", []string{"exp"}, "exp", 1},
		"crit, empty": {"crit", []string{}}, "b64": {"crit", []string{"b64"}, "b64", false}, "zip": {"zip", "DEF"}, "cty": {"cty", "JWT"},
		"typ JWT": {"typ", "JWT"}, "typ with its prefix": {"typ", "application/at+jwt"}, "no typ": {"typ", nil}, "typ AT+JWT": {"typ", "AT+JWT"},
	} {
		all[name] = f.unchanged(f.with(extra...))
		all[name+", signed by a stranger"] = f.signed(f.with(append(extra, "alg", "EdDSA")...), claims)
		all[name+", a stranger's kid"] = f.signed(f.with(append(extra, "alg", "EdDSA", "kid", "mine")...), claims)
	}
	header := f.with()
	all["alg twice"] = f.unchanged(`{"alg":"none",` + header[1:])
	all["alg twice, none last"] = f.unsigned(header[:len(header)-1] + `,"alg":"none"}`)
	all["alg twice, of another case"] = f.unchanged(header[:len(header)-1] + `,"ALG":"none"}`)
	all["kid twice"] = f.signed(`{"kid":"mine",`+header[1:], claims)
	all["typ twice"] = f.unchanged(`{"typ":"JWT",` + header[1:])
	all["other order"] = f.unchanged(`{"typ":"at+jwt","kid":` + string(asJSON(f.header["kid"])) + `,"alg":` + string(asJSON(f.header["alg"])) + `}`)
	all["blanks in the header"] = f.unchanged(" " + header)
	all["a header that is an array"] = f.unchanged("[" + header + "]")
	all["a header that is no JSON"] = f.unchanged("x")
	all["a deep header"] = f.unchanged(strings.Repeat("[", 1000) + strings.Repeat("]", 1000))
}

// spellings changes the text.
func (f *forger) spellings(all map[string]string) {
	h, p, s := f.parts[0], f.parts[1], f.parts[2]
	for i := 1; i < len(f.jwt); i += 1 + len(f.jwt)/40 {
		all[fmt.Sprintf("cut after %d bytes", i)] = f.jwt[:i]
	}
	for name, jwt := range map[string]string{
		"no signature": h + "." + p + ".", "no signature, no dot": h + "." + p, "no claims": h + ".." + s, "no header": "." + p + "." + s,
		"only dots": "..", "four parts": f.jwt + "." + s, "five parts": f.jwt + "." + p + "." + s, "padded": f.jwt + "=", "longer by a letter": f.jwt + "A",
		"twice": f.jwt + f.jwt, "two": f.jwt + " " + f.jwt, "two with a comma": f.jwt + "," + f.jwt, "huge": strings.Repeat("x", 6000),
		"huge, with dots": h + "." + strings.Repeat("A", 5000) + "." + s, "huge, many dots": strings.Repeat(".", 4000), "quoted": `"` + f.jwt + `"`,
		"percent": strings.ReplaceAll(f.jwt, ".", "%2E"), "JSON": `{"payload":"` + p + `","protected":"` + h + `","signature":"` + s + `"}`,
		"JSON, general": `{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + s + `"}]}`,
		"JSON, encoded": encoded([]byte(`{"payload":"` + p + `","protected":"` + h + `","signature":"` + s + `"}`)), "letters of others": f.jwt + "é",
		"signature of zeros": h + "." + p + "." + encoded(make([]byte, 64)), "signature of its claims": h + "." + p + "." + p,
		"standard base64": h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s) + "+/",
	} {
		all[name] = jwt
	}
	// The last letter of a signature has bits that nobody reads, so it could be spelled in many ways.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(s)%4 != 0 {
		last := strings.IndexByte(letters, s[len(s)-1])
		all["another spelling"] = f.jwt[:len(f.jwt)-1] + string(letters[last^1])
	}
	middle := len(f.jwt) - len(s)/2
	all["one bit changed"] = f.jwt[:middle] + string(letters[strings.IndexByte(letters, f.jwt[middle])^1]) + f.jwt[middle+1:]
}

// ofOthers are good tokens: of other servers, of other users, and for others.
func (f *forger) ofOthers(all map[string]string) {
	elsewhere := startHandlerInMemory(f.t, options{})
	foreign := elsewhere.bearer(elsewhere.admin).jwt()
	all["of another server"] = foreign
	all["of another server, under our header"] = f.parts[0] + foreign[strings.IndexByte(foreign, '.'):]
	all["of another server, our claims"] = elsewhere.sign(f.claiming())
	admin := strings.Split(f.tg.bearer(f.tg.admin).jwt(), ".")
	all["the claims of somebody else"] = f.parts[0] + "." + admin[1] + "." + f.parts[2]
	all["for an app"] = strings.TrimPrefix(f.tg.withJWT(f.jwt).verify("/").header.Get("Authorization"), "Bearer ")
}

// ofClaims are tokens that the server itself has signed, which it never would.
func (f *forger) ofClaims(all map[string]string) {
	id := "00000000-0000-4000-8000-000000000000"
	for name, pairs := range map[string][]any{
		"no exp": {"exp", nil}, "exp 0": {"exp", 0}, "exp -1": {"exp", -1}, "exp as text": {"exp", "9999999999"}, "exp a fraction": {"exp", 9999999999.5},
		"expired": {"exp", time.Now().Unix() - 1}, "exp huge": {"exp", 1e300}, "no iss": {"iss", nil}, "other iss": {"iss", "https://evil.example"},
		"iss with a slash": {"iss", fmt.Sprint(f.claims["iss"], "/")}, "no aud": {"aud", nil}, "other aud": {"aud", "https://app.example.com"},
		"many aud": {"aud", []any{f.claims["aud"], "https://app.example.com"}}, "no sub": {"sub", nil}, "sub nobody": {"sub", "x"},
		"no sid": {"sid", nil}, "sid of nobody": {"sid", id}, "no gen": {"gen", nil}, "gen 0": {"gen", 0}, "gen -1": {"gen", -1},
		"gen of the future": {"gen", 2}, "gen as text": {"gen", "1"},
	} {
		claims := f.claiming(pairs...)
		if f.tg.sign != nil {
			all[name] = f.tg.sign(claims)
		}
		all[name+", signed by a stranger"] = f.signed(f.with("alg", "EdDSA"), claims)
	}
	if f.tg.sign != nil {
		all["claims that are no JSON"] = f.tg.sign("x")
		all["claims null"] = f.tg.sign("null")
		all["claims in an array"] = f.tg.sign("[" + f.claiming() + "]")
	}
}
