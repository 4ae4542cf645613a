package jwks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/jwks"
)

// withSecret returns a token with an HMAC in the place of the signature.
func withSecret(header string, secret []byte) string {
	signed := encode([]byte(header)) + "." + encode([]byte(claims(nil)))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// hostileHeaders are of tokens that are perfect but for their header: whoever looks less closely takes them.
func hostileHeaders() map[string]string {
	own := string(setOf(edwards))
	own = own[len(`{"keys":[`) : len(own)-len(`]}`)]
	headers := map[string]string{
		"no alg":                `{"kid":"a1","typ":"at+jwt"}`,
		"no kid":                `{"alg":"EdDSA","typ":"at+jwt"}`,
		"empty kid":             `{"alg":"EdDSA","kid":"","typ":"at+jwt"}`,
		"no typ":                `{"alg":"EdDSA","kid":"a1"}`,
		"typ of other tokens":   `{"alg":"EdDSA","kid":"a1","typ":"JWT"}`,
		"typ in capitals":       `{"alg":"EdDSA","kid":"a1","typ":"AT+JWT"}`,
		"typ twice":             `{"alg":"EdDSA","kid":"a1","typ":"JWT","typ":"at+jwt"}`,
		"alg twice":             `{"alg":"none","alg":"EdDSA","kid":"a1","typ":"at+jwt"}`,
		"kid twice":             `{"alg":"EdDSA","kid":"b2","kid":"a1","typ":"at+jwt"}`,
		"kid twice, escaped":    `{"alg":"EdDSA","kid":"b2","\u006bid":"a1","typ":"at+jwt"}`,
		"names in capitals":     `{"ALG":"EdDSA","KID":"a1","TYP":"at+jwt"}`,
		"alg is a list":         `{"alg":["EdDSA"],"kid":"a1","typ":"at+jwt"}`,
		"kid is a number":       `{"alg":"EdDSA","kid":1,"typ":"at+jwt"}`,
		"kid is null":           `{"alg":"EdDSA","kid":null,"typ":"at+jwt"}`,
		"jwk":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","jwk":` + own + `}`,
		"jku":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","jku":"https://evil.example/keys"}`,
		"x5u":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","x5u":"https://evil.example/cert"}`,
		"x5c":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","x5c":["AAAA"]}`,
		"crit":                  `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","crit":["exp"],"exp":1}`,
		"crit of nothing":       `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","crit":[]}`,
		"b64":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","b64":false,"crit":["b64"]}`,
		"zip":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","zip":"DEF"}`,
		"cty":                   `{"alg":"EdDSA","kid":"a1","typ":"at+jwt","cty":"JWT"}`,
		"more behind it":        `{"alg":"EdDSA","kid":"a1","typ":"at+jwt"}{}`,
		"a list":                `["EdDSA","a1","at+jwt"]`,
		"null":                  `null`,
		"not UTF-8":             "{\"alg\":\"EdDSA\",\"kid\":\"a1\",\"typ\":\"at+jwt\xff\"}",
		"nested":                strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500),
		"nested lists":          `{"alg":` + strings.Repeat("[", 1500) + strings.Repeat("]", 1500) + `}`,
		"byte order mark":       "\uFEFF" + edwards.header(),
		"algorithm of no key":   `{"alg":"Ed25519","kid":"a1","typ":"at+jwt"}`,
		"algorithm in capitals": `{"alg":"EDDSA","kid":"a1","typ":"at+jwt"}`,
	}
	for _, alg := range []string{
		"none", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K",
	} {
		headers["alg "+alg] = `{"alg":"` + alg + `","kid":"a1","typ":"at+jwt"}`
	}
	return headers
}

// TestHostileHeaders are refused before anybody looks for a key.
func TestHostileHeaders(t *testing.T) {
	p := &publisher{keys: []signer{edwards}}
	v := newVerifier(t, p)
	for name, header := range hostileHeaders() {
		if err := ask(v, edwards.token(header, claims(nil))); !errors.Is(err, jwks.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	p.wantFetches(t, 0)
}

// TestHostileKeys name a key that there is not, or that is none for what they say.
func TestHostileKeys(t *testing.T) {
	p := &publisher{keys: []signer{edwards, curve, prime}}
	v := newVerifier(t, p)
	stranger := newSigner("EdDSA", "a1")
	secret, err := x509.MarshalPKIXPublicKey(prime.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	hs256 := `{"alg":"HS256","kid":"r1","typ":"at+jwt"}`
	zeros := func(n int) string {
		return encode([]byte(curve.header())) + "." + encode([]byte(claims(nil))) + "." + encode(make([]byte, n))
	}
	for name, token := range map[string]string{
		"signed by a stranger":              stranger.good(nil),
		"the public key as a secret":        withSecret(hs256, secret),
		"the public key in PEM as a secret": withSecret(hs256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: secret})),
		"an empty secret":                   withSecret(hs256, nil),
		"the algorithm of another key":      curve.token(`{"alg":"ES256","kid":"a1","typ":"at+jwt"}`, claims(nil)),
		"the key of another algorithm":      edwards.token(`{"alg":"EdDSA","kid":"e1","typ":"at+jwt"}`, claims(nil)),
		"RSA as Edwards":                    prime.token(`{"alg":"RS256","kid":"a1","typ":"at+jwt"}`, claims(nil)),
		"a signature of zeros":              zeros(64),
		"a short signature":                 zeros(1),
		"a long signature":                  zeros(200),
		"an unknown kid":                    edwards.token(`{"alg":"EdDSA","kid":"b2","typ":"at+jwt"}`, claims(nil)),
		"a kid with a path":                 edwards.token(`{"alg":"EdDSA","kid":"../../../dev/null","typ":"at+jwt"}`, claims(nil)),
		"a kid with SQL":                    edwards.token(`{"alg":"EdDSA","kid":"' OR 1=1 --","typ":"at+jwt"}`, claims(nil)),
		"a kid with a URL":                  edwards.token(`{"alg":"EdDSA","kid":"https://evil.example/a1","typ":"at+jwt"}`, claims(nil)),
		"a kid with NUL":                    edwards.token(`{"alg":"EdDSA","kid":"a1\u0000","typ":"at+jwt"}`, claims(nil)),
	} {
		if err := ask(v, token); !errors.Is(err, jwks.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	p.wantFetches(t, 1)
}

// TestHostileClaims were signed by the server, and are not for here and now.
func TestHostileClaims(t *testing.T) {
	v := newVerifier(t, &publisher{keys: []signer{edwards}})
	now := time.Now().Unix()
	for name, change := range map[string]map[string]any{
		"no exp":               {"exp": nil},
		"exp is a list":        {"exp": []any{}},
		"exp is text":          {"exp": fmt.Sprint(now + 60)},
		"exp with a fraction":  {"exp": float64(now) + 60.5},
		"exp is 0":             {"exp": 0},
		"exp below 0":          {"exp": -1},
		"exp overflows":        {"exp": int64(math.MaxInt64)},
		"exp is absurd":        {"exp": 1 << 50},
		"exp is over":          {"exp": now - 1},
		"exp is now":           {"exp": now},
		"not good yet":         {"nbf": now + 60},
		"nbf is text":          {"nbf": "now"},
		"no iss":               {"iss": nil},
		"another iss":          {"iss": "https://evil.example"},
		"iss with a slash":     {"iss": issuer + "/"},
		"iss is a list":        {"iss": []string{issuer}},
		"no aud":               {"aud": nil},
		"another aud":          {"aud": "https://other.example.com"},
		"aud is the issuer":    {"aud": issuer},
		"aud is a list of two": {"aud": []string{"https://other.example.com", app}},
		"aud in capitals":      {"aud": strings.ToUpper(app)},
		"no sub":               {"sub": nil},
		"sub is a name":        {"sub": "ann"},
		"sub is nobody":        {"sub": handstamp.ID{}.String()},
		"sub in capitals":      {"sub": strings.ToUpper(ann.String())},
		"sid is no ID":         {"sid": "../x"},
		"sid is a number":      {"sid": 1},
		"is renewed":           {"gen": 1},
		"is renewed, oddly":    {"gen": "none"},
	} {
		if err := ask(v, edwards.good(change)); !errors.Is(err, jwks.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for name, text := range map[string]string{
		"exp twice": strings.Replace(claims(nil), "{", `{"exp":1,`, 1),
		"sub twice": strings.Replace(claims(nil), "{", `{"sub":"`+handstamp.IDOf("bob").String()+`",`, 1),
		"a list":    "[" + claims(nil) + "]",
		"null":      "null",
		"no JSON":   "ann",
		"more":      claims(nil) + "{}",
		"not UTF-8": strings.Replace(claims(nil), "editor", "edit\xff", 1),
		"no object": `"` + ann.String() + `"`,
	} {
		if err := ask(v, edwards.token(edwards.header(), text)); !errors.Is(err, jwks.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

// TestHostileForms are other spellings of a token that is good.
func TestHostileForms(t *testing.T) {
	v := newVerifier(t, &publisher{keys: []signer{edwards, curve}})
	good := edwards.good(nil)
	wantStatus(t, v, good, 200)
	part := strings.Split(good, ".")
	forms := map[string]string{
		"flattened JSON":     `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"general JSON":       `{"payload":"` + part[1] + `","signatures":[{"protected":"` + part[0] + `","signature":"` + part[2] + `"}]}`,
		"without signature":  part[0] + "." + part[1] + ".",
		"without payload":    part[0] + ".." + part[2],
		"without header":     "." + part[1] + "." + part[2],
		"two parts":          part[0] + "." + part[1],
		"four parts":         good + ".",
		"five parts, as JWE": part[0] + "..." + part[1] + "." + part[2],
		"padding":            good + "=",
		"padding of header":  part[0] + "==." + part[1] + "." + part[2],
		"a line end":         part[0] + "\n." + part[1] + "." + part[2],
		"a line end inside":  part[0] + "." + part[1] + "." + part[2][:10] + "\r\n" + part[2][10:],
		"base64, not url":    part[0] + "." + part[1] + "." + part[2][:10] + "+/" + part[2][12:],
		"dots":               "..",
		"only dots":          strings.Repeat(".", 4096),
		"far too long":       edwards.good(map[string]any{"role": strings.Repeat("x", 4096)}),
		"megabytes":          strings.Repeat("A", 8<<20),
	}
	// 64 bytes have four bits to spare in base64, which nobody reads.
	last := strings.IndexByte(alphabet, part[2][len(part[2])-1])
	forms["bits at the end"] = good[:len(good)-1] + alphabet[last+1:last+2]
	for name, token := range forms {
		if err := ask(v, token); !errors.Is(err, jwks.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for _, token := range []string{good, curve.good(nil)} {
		for i := range len(token) {
			if err := ask(v, token[:i]); !errors.Is(err, jwks.ErrInvalid) {
				t.Fatalf("cut after %d bytes: %v", i, err)
			}
			changed := []byte(token)
			if changed[i] ^= 1; ask(v, string(changed)) == nil {
				t.Fatalf("byte %d changed, and it is good", i)
			}
		}
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// FuzzAuthenticate: nothing that a stranger sends is good, fails otherwise than with 401, or panics.
func FuzzAuthenticate(f *testing.F) {
	v := newVerifier(f, &publisher{keys: []signer{edwards, curve, prime}, cache: "max-age=3600"})
	stranger := newSigner("EdDSA", "a1")
	f.Add("Bearer " + stranger.good(nil))
	f.Add("bearer a.b.c")
	f.Add("Basic YW5uOng=")
	for _, header := range hostileHeaders() {
		f.Add("Bearer " + stranger.token(header, claims(nil)))
	}
	f.Fuzz(func(t *testing.T, header string) {
		who, err := v.Authenticate(with(header))
		if !who.IsZero() || handstamp.StatusOf(err) != 401 {
			t.Errorf("%q: %+v, %v", header, who, err)
		}
		_ = v.Challenge(err)
	})
}
