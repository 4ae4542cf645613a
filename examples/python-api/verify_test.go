package pythonapi_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestGoodTokens(t *testing.T) {
	keys := []key{newKey(t, "ed", jose.EdDSA), newKey(t, "ec", jose.ES256), newKey(t, "rsa", jose.RS256)}
	api := startAPI(t, newPublisher(t, keys...).url)
	for _, k := range keys {
		c := claims(nil)
		got := me(t, api, k.sign(t, "at+jwt", c))
		if got.status != 200 || got.body["sub"] != c["sub"] || got.body["role"] != "admin" || got.body["sid"] != c["sid"] {
			t.Errorf("%s: %+v", k.algorithm, got)
		}
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", k.algorithm, got.header.Get("Cache-Control"))
		}
	}
	// Whoever has no role and no session, and whose clock is a little behind.
	got := me(t, api, keys[0].sign(t, "at+jwt", claims(map[string]any{"role": nil, "sid": nil, "exp": time.Now().Unix() - 2})))
	if got.status != 200 || got.body["role"] != "" || got.body["sid"] != "" {
		t.Errorf("without role and session: %+v", got)
	}
}

func TestBadTokens(t *testing.T) {
	k, stranger := newKey(t, "ed", jose.EdDSA), newKey(t, "ed", jose.EdDSA)
	rsa := newKey(t, "rsa", jose.RS256)
	keys := newPublisher(t, k, rsa)
	strangers := newPublisher(t, stranger)
	api := startAPI(t, keys.url)

	now := time.Now().Unix()
	with := func(name string, value any) string { return k.sign(t, "at+jwt", claims(map[string]any{name: value})) }
	text, err := json.Marshal(claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	header := func(more string) string { return `{"alg":"EdDSA","kid":"ed","typ":"at+jwt"` + more + `}` }
	good := k.sign(t, "at+jwt", claims(nil))
	unsigned := func(header string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + strings.Split(good, ".")[1] + "."
	}
	der, err := x509.MarshalPKIXPublicKey(rsa.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	withPublic := func(secret []byte) string {
		return signAs(t, "rsa", jose.SigningKey{Algorithm: jose.HS256, Key: secret}, "at+jwt", claims(nil))
	}
	strangersKey, err := json.Marshal(stranger.public())
	if err != nil {
		t.Fatal(err)
	}

	for name, token := range map[string]string{
		"expired":                with("exp", now-10),
		"no exp":                 with("exp", nil),
		"exp is text":            with("exp", "tomorrow"),
		"exp is a list":          with("exp", []int{1}),
		"from the future":        with("iat", now+60),
		"wrong aud":              with("aud", "https://other.example.com"),
		"aud that begins alike":  with("aud", audience+".evil.example"),
		"no aud":                 with("aud", nil),
		"wrong iss":              with("iss", "https://id.evil.example"),
		"no iss":                 with("iss", nil),
		"no sub":                 with("sub", nil),
		"sub is no text":         with("sub", 1),
		"role is a list":         with("role", []string{"admin"}),
		"wrong typ":              k.sign(t, "JWT", claims(nil)),
		"no typ":                 k.forge(t, `{"alg":"EdDSA","kid":"ed"}`, string(text)),
		"crit":                   k.forge(t, header(`,"crit":["x"],"x":1`), string(text)),
		"payload apart":          k.forge(t, header(`,"b64":false`), string(text)),
		"no kid":                 k.forge(t, `{"alg":"EdDSA","typ":"at+jwt"}`, string(text)),
		"kid is a number":        k.forge(t, `{"alg":"EdDSA","kid":1,"typ":"at+jwt"}`, string(text)),
		"claims are no object":   k.forge(t, header(""), "[1]"),
		"claims are no JSON":     k.forge(t, header(""), "{"),
		"deep claims":            k.forge(t, header(""), strings.Repeat("[", 5000)),
		"none":                   unsigned(`{"alg":"none","kid":"ed","typ":"at+jwt"}`),
		"none, with a signature": k.forge(t, `{"alg":"none","kid":"ed","typ":"at+jwt"}`, string(text)),
		"nOnE":                   k.forge(t, `{"alg":"nOnE","kid":"ed","typ":"at+jwt"}`, string(text)),
		"no algorithm":           k.forge(t, `{"kid":"ed","typ":"at+jwt"}`, string(text)),
		"algorithm is a list":    k.forge(t, `{"alg":["EdDSA"],"kid":"ed","typ":"at+jwt"}`, string(text)),
		"HS256, public key, DER": withPublic(der),
		"HS256, public key, PEM": withPublic(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"key of another kind":    k.forge(t, `{"alg":"EdDSA","kid":"rsa","typ":"at+jwt"}`, string(text)),
		"stranger's key":         stranger.sign(t, "at+jwt", claims(nil)),
		"stranger's key inside":  stranger.forge(t, header(`,"jwk":`+string(strangersKey)), string(text)),
		"stranger's URL inside":  stranger.forge(t, header(fmt.Sprintf(`,"jku":%q,"x5u":%q`, strangers.url, strangers.url)), string(text)),
		"unknown kid":            key{"other", jose.EdDSA, k.private}.sign(t, "at+jwt", claims(nil)),
		"kid is a path":          key{"../../../etc/passwd", jose.EdDSA, k.private}.sign(t, "at+jwt", claims(nil)),
		"kid is a URL":           key{strangers.url, jose.EdDSA, stranger.private}.sign(t, "at+jwt", claims(nil)),
		"no signature":           good[:strings.LastIndexByte(good, '.')+1],
		"cut":                    good[:len(good)-4],
		"padded":                 good + "==",
		"other characters":       good + "!",
		"two":                    good + "," + good,
		"space behind":           good + " x",
		"deep header":            k.forge(t, strings.Repeat("[", 5000), string(text)),
		"header is no object":    k.forge(t, "1", string(text)),
		"garbage":                "garbage",
		"dots":                   "..",
		"empty":                  "",
		"not ASCII":              "é.é.é",
		"huge":                   k.sign(t, "at+jwt", claims(map[string]any{"jti": strings.Repeat("x", 9000)})),
		"as JSON":                `{"payload":"e30","protected":"e30","signature":"e30"}`,
	} {
		if got := me(t, api, token); !got.isRefused() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if n := strangers.timesAsked(); n != 0 {
		t.Errorf("%d times it went where a token had told it", n)
	}
	if got := me(t, api, good); got.status != 200 {
		t.Errorf("a good token, after all these: %+v", got)
	}
}

func TestRequestsWithoutAToken(t *testing.T) {
	k := newKey(t, "ed", jose.EdDSA)
	api := startAPI(t, newPublisher(t, k).url)
	good := k.sign(t, "at+jwt", claims(nil))
	for name, a := range map[string]answer{
		"nothing":       get(t, api+"/me"),
		"Basic":         get(t, api+"/me", "Basic YTpi"),
		"in the URL":    get(t, api+"/me?access_token="+good),
		"without kind":  get(t, api+"/me", good),
		"another kind":  get(t, api+"/me", "DPoP "+good),
		"glued to kind": get(t, api+"/me", "Bearer"+good),
	} {
		if a.status != http.StatusUnauthorized || a.challenge != "Bearer" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := get(t, api+"/me", "Bearer "+good, "Bearer "+good); !a.isRefused() {
		t.Errorf("two headers: %+v", a)
	}
	if a := get(t, api+"/me", "bEARER "+good); a.status != 200 {
		t.Errorf("another spelling of the kind: %+v", a)
	}
	if a := get(t, api+"/other", "Bearer "+good); a.status != http.StatusNotFound {
		t.Errorf("another path: %+v", a)
	}
}
