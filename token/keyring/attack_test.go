package keyring_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/handstamp/handstamp/token/keyring"
)

// forge signs whatever header says, as RFC 7515 does, without go-jose.
func forge(t testing.TB, key crypto.Signer, header, payload string) string {
	t.Helper()
	input := encode(header) + "." + encode(payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(t, key, input))
}

func signature(t testing.TB, key crypto.Signer, input string) []byte {
	t.Helper()
	digest := sha256.Sum256([]byte(input))
	var made []byte
	var err error
	switch key := key.(type) {
	case ed25519.PrivateKey:
		made = ed25519.Sign(key, []byte(input))
	case *rsa.PrivateKey:
		made, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(rand.Reader, key, digest[:]); err == nil {
			made = slices.Concat(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32)))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func headerOf(k keyring.Key) string {
	return fmt.Sprintf(`{"alg":"%s","kid":"%s","typ":"at+jwt"}`, k.Algorithm, k.ID)
}

func flipped(b []byte, bit int) []byte {
	b = slices.Clone(b)
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

// spellings are other ways to write a token that is good.
func spellings(token string) map[string]string {
	found := map[string]string{}
	for i := range len(token) {
		found[fmt.Sprintf("cut to %d bytes", i)] = token[:i]
		found[fmt.Sprintf("without its first %d bytes", i+1)] = token[i+1:]
		for _, more := range []string{"=", "\n", "\r\n", " ", "\x00", ".", "%", "+", "/", "A"} {
			found[fmt.Sprintf("with %q at %d", more, i)] = token[:i] + more + token[i:]
		}
	}
	for _, more := range []string{"=", "==", "\n", "\r\n", " ", "\x00", ".", ".A", "..", "A", "AAAA", "%00"} {
		found[fmt.Sprintf("with %q at the end", more)] = token + more
	}
	for bit := range 8 * len(token) {
		found[fmt.Sprintf("bit %d flipped", bit)] = string(flipped([]byte(token), bit))
	}
	// Bits behind the last byte, which decoders skip. Those of the flipped bits that are in the last
	// characters of the parts are among them, but not all.
	parts := strings.Split(token, ".")
	for i, part := range parts {
		want, _ := base64.RawURLEncoding.DecodeString(part)
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			other := part[:len(part)-1] + string(c)
			if got, err := base64.RawURLEncoding.DecodeString(other); err == nil && string(got) == string(want) && other != part {
				changed := slices.Clone(parts)
				changed[i] = other
				found[fmt.Sprintf("part %d ending in %c", i, c)] = strings.Join(changed, ".")
			}
		}
		for name, change := range map[string]func(string) string{
			"padded":   func(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4) },
			"twice":    func(s string) string { return s + s },
			"wrapped":  func(s string) string { return s[:4] + "\n" + s[4:] },
			"empty":    func(string) string { return "" },
			"in upper": strings.ToUpper,
		} {
			changed := slices.Clone(parts)
			if changed[i] = change(part); changed[i] != part {
				found[fmt.Sprintf("part %d %s", i, name)] = strings.Join(changed, ".")
			}
		}
	}
	delete(found, "")
	return found
}

// TestJOSEAttacks: all that has ever fooled a verifier of tokens, against each algorithm. None makes it
// ask anybody else.
func TestJOSEAttacks(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.Close()
		}
	}()
	eachAlgorithm(t, func(t *testing.T, a keyring.Algorithm, store keyring.Store, k *keyring.Keyring) {
		signing, next := the(t, k, keyring.Signing, false), the(t, k, keyring.Next, false)
		private := privateKey(t, store, signing.ID)
		good := sign(t, k)
		wantGood(t, k, "as it is", good)
		wantGood(t, k, "as the test signs", forge(t, private, headerOf(signing), claims))

		attacks := signedButOdd(t, private, signing, "http://"+listener.Addr().String()+"/keys.json")
		maps.Copy(attacks, unsigned(good, signing))
		maps.Copy(attacks, confused(t, private, signing))
		maps.Copy(attacks, degenerate(t, private, good))
		attacks["of the next key by the one that signs"] = forge(t, private, headerOf(next), claims)
		attacks["of this key by the next one"] = forge(t, privateKey(t, store, next.ID), headerOf(signing), claims)
		for name, token := range attacks {
			wantBad(t, k, name, token)
			if got, err := k.VerifyPlone(token, plonePath); err == nil {
				t.Errorf("%s: taken for Plone's: %s", name, got)
			}
		}
		for name, token := range spellings(good) {
			wantBad(t, k, name, token)
		}
	})
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections to where headers point", n)
	}
}

// signedButOdd are tokens that our own key has signed, with headers that it never writes.
func signedButOdd(t *testing.T, private crypto.Signer, k keyring.Key, url string) map[string]string {
	_, theirs, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":"%s"}`, encode(string(theirs.Public().(ed25519.PublicKey))))
	alg, kid, typ := `"alg":"`+string(k.Algorithm)+`"`, `"kid":"`+k.ID+`"`, `"typ":"at+jwt"`
	all := alg + "," + kid + "," + typ
	attacks := map[string]string{}
	for _, header := range []string{
		// Members that point elsewhere, or that change what is signed.
		`{` + all + `,"jku":"` + url + `"}`, `{` + all + `,"x5u":"` + url + `"}`, `{"jku":"` + url + `",` + all + `}`,
		`{` + all + `,"jwk":` + own + `}`, `{` + alg + `,"jwk":` + own + `,` + typ + `}`, `{` + all + `,"x5c":["MIIB"]}`,
		`{` + all + `,"crit":["b64"],"b64":true}`, `{` + all + `,"crit":["b64"],"b64":false}`, `{` + all + `,"b64":false}`,
		`{` + all + `,"crit":["exp"],"exp":1}`, `{` + all + `,"crit":[]}`, `{` + all + `,"cty":"JWT"}`, `{` + all + `,"zip":"DEF"}`,
		`{` + all + `,"nonce":"1"}`, `{` + all + `,"enc":"A128GCM"}`,
		// Twice the same, and what parsers disagree about.
		`{` + alg + `,` + all + `}`, `{` + all + `,` + alg + `}`, `{` + all + `,"alg":"none"}`, `{"alg":"none",` + all + `}`,
		`{` + all + `,` + kid + `}`, `{` + all + `,"kid":"other"}`, `{` + all + `,"typ":"JWT"}`, `{"ALG":"none",` + all + `}`,
		`{` + strings.Replace(all, "alg", `\u0061lg`, 1) + `}`, `{` + strings.Replace(all, "at+jwt", `at\u002bjwt`, 1) + `}`,
		` {` + all + `}`, `{` + all + `} `, `{` + all + "}\n", `{ ` + all + `}`, "\xef\xbb\xbf{" + all + `}`, `{` + all + `}{}`, `[{` + all + `}]`,
		`{` + kid + `,` + alg + `,` + typ + `}`, `{` + typ + `,` + alg + `,` + kid + `}`, `{}`, ``, `null`, `"` + k.ID + `"`,
		// Another algorithm, of the same family or none.
		`{"alg":"none",` + kid + `,` + typ + `}`, `{"alg":"NONE",` + kid + `,` + typ + `}`, `{"alg":"nOnE",` + kid + `,` + typ + `}`,
		`{"alg":"",` + kid + `,` + typ + `}`, `{"alg":null,` + kid + `,` + typ + `}`, `{"alg":["` + string(k.Algorithm) + `"],` + kid + `,` + typ + `}`,
		`{"alg":"HS256",` + kid + `,` + typ + `}`, `{"alg":"HS512",` + kid + `,` + typ + `}`, `{"alg":"PS256",` + kid + `,` + typ + `}`,
		`{"alg":"RS512",` + kid + `,` + typ + `}`, `{"alg":"ES384",` + kid + `,` + typ + `}`, `{"alg":"Ed25519",` + kid + `,` + typ + `}`,
		`{"alg":"` + strings.ToLower(string(k.Algorithm)) + `",` + kid + `,` + typ + `}`, `{` + kid + `,` + typ + `}`,
		// Another type, or none.
		`{` + alg + `,` + kid + `}`, `{` + alg + `,` + kid + `,"typ":"JWT"}`, `{` + alg + `,` + kid + `,"typ":"AT+JWT"}`,
		`{` + alg + `,` + kid + `,"typ":"application/at+jwt"}`, `{` + alg + `,` + kid + `,"typ":"id+jwt"}`, `{` + alg + `,` + kid + `,"typ":["at+jwt"]}`,
		`{` + alg + `,` + kid + `,"typ":"at jwt"}`,
		// Another key, or one that is no name.
		`{` + alg + `,` + typ + `}`, `{` + alg + `,"kid":null,` + typ + `}`, `{` + alg + `,"kid":["` + k.ID + `"],` + typ + `}`,
	} {
		attacks["header "+header] = forge(t, private, header, claims)
	}
	for _, other := range []string{
		"", "../../../../dev/null", "/dev/null", "..\\..\\nul", k.ID + "\x00", k.ID + "/../x", "' OR '1'='1", `' UNION SELECT 'key' --`, "$(id)", "|cat /etc/passwd",
		url, "file:///etc/passwd", "{{7*7}}", strings.ToLower(k.ID), " " + k.ID, k.ID + " ", k.ID[1:], k.ID + "=", "AAAAAAAAAAAAAAAA", "%s%s%n", "__proto__",
	} {
		quoted, err := json.Marshal(other)
		if err != nil {
			t.Fatal(err)
		}
		if other == k.ID { // which has no capital letters, once in a while
			continue
		}
		attacks["kid "+other] = forge(t, private, `{`+alg+`,"kid":`+string(quoted)+`,`+typ+`}`, claims)
	}
	attacks["a key of their own in the header"] = forge(t, theirs, `{"alg":"EdDSA","jwk":`+own+`,"kid":"`+k.ID+`","typ":"at+jwt"}`, claims)
	attacks["nested"] = forge(t, private, `{`+all+`,"cty":"JWT"}`, forge(t, private, headerOf(k), claims))
	attacks["too long"] = forge(t, private, headerOf(k), `{"x":"`+strings.Repeat("x", keyring.MaxToken)+`"}`)
	attacks["a huge header"] = forge(t, private, `{`+all+`,"x":"`+strings.Repeat("x", 1<<20)+`"}`, claims)
	return attacks
}

// unsigned are tokens without a signature, in every shape.
func unsigned(good string, k keyring.Key) map[string]string {
	parts := strings.Split(good, ".")
	attacks := map[string]string{
		"nothing": "", "a dot": ".", "two dots": "..", "three dots": "...", "four dots": "....", "braces": "{}", "a megabyte of dots": strings.Repeat(".", 1<<20),
		"empty signature":     parts[0] + "." + parts[1] + ".",
		"no signature":        parts[0] + "." + parts[1],
		"no claims":           parts[0] + ".." + parts[2],
		"no header":           "." + parts[1] + "." + parts[2],
		"five parts":          good + ".AAAA.AAAA",
		"flattened JSON":      fmt.Sprintf(`{"payload":"%s","protected":"%s","signature":"%s"}`, parts[1], parts[0], parts[2]),
		"general JSON":        fmt.Sprintf(`{"payload":"%s","signatures":[{"protected":"%s","signature":"%s"}]}`, parts[1], parts[0], parts[2]),
		"JSON behind a space": fmt.Sprintf(` {"payload":"%s","protected":"%s","signature":"%s"}`, parts[1], parts[0], parts[2]),
		"signature of zeros":  parts[0] + "." + parts[1] + "." + encode(strings.Repeat("\x00", 64)),
		"Bearer":              "Bearer " + good, "quoted": `"` + good + `"`, "twice": good + "," + good,
	}
	for _, none := range []string{"none", "NONE", "None", "nOnE"} {
		for _, signature := range []string{"", "AAAA", parts[2]} {
			for _, header := range []string{`{"alg":"%s"}`, `{"alg":"%s","typ":"JWT"}`, `{"alg":"%s","kid":"` + k.ID + `","typ":"at+jwt"}`} {
				header = fmt.Sprintf(header, none)
				attacks[header+signature] = encode(header) + "." + parts[1] + "." + signature
			}
		}
	}
	return attacks
}

// confused are tokens with a MAC in the place of a signature, under what is public.
func confused(t *testing.T, private crypto.Signer, k keyring.Key) map[string]string {
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	inPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	secrets := map[string][]byte{
		"DER": der, "PEM": inPEM, "PEM without its last line end": inPEM[:len(inPEM)-1], "kid": []byte(k.ID), "nothing": nil, "zeros": make([]byte, 32),
	}
	switch public := private.Public().(type) {
	case ed25519.PublicKey:
		secrets["raw"], secrets["text"] = public, []byte(base64.RawURLEncoding.EncodeToString(public))
	case *rsa.PublicKey:
		secrets["raw"], secrets["PKCS #1"] = public.N.Bytes(), x509.MarshalPKCS1PublicKey(public)
	case *ecdsa.PublicKey:
		if secrets["raw"], err = public.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	attacks := map[string]string{}
	for name, secret := range secrets {
		for _, header := range []string{headerOf(k), `{"alg":"HS256","kid":"` + k.ID + `","typ":"at+jwt"}`, `{"alg":"HS256","typ":"JWT"}`} {
			input := encode(header) + "." + encode(claims)
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(input))
			attacks["MAC under "+name+" with "+header] = input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		}
	}
	return attacks
}

// degenerate are tokens with signatures that careless arithmetic takes for good.
func degenerate(t *testing.T, private crypto.Signer, good string) map[string]string {
	at := strings.LastIndexByte(good, '.')
	made, err := base64.RawURLEncoding.DecodeString(good[at+1:])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	switch key := private.(type) {
	case *ecdsa.PrivateKey:
		n := elliptic.P256().Params().N
		numbers := map[string]*big.Int{
			"0": big.NewInt(0), "1": big.NewInt(1), "n": n, "n-1": new(big.Int).Sub(n, big.NewInt(1)), "n+1": new(big.Int).Add(n, big.NewInt(1)),
			"2^256-1": new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)), "p": elliptic.P256().Params().P,
			"r": new(big.Int).SetBytes(made[:32]), "s": new(big.Int).SetBytes(made[32:]),
		}
		for r, x := range numbers {
			for s, y := range numbers {
				if r != "r" || s != "s" {
					found["r = "+r+", s = "+s] = slices.Concat(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32)))
				}
			}
		}
		digest := sha256.Sum256([]byte(good[:at]))
		if found["ASN.1"], err = ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
			t.Fatal(err)
		}
	case ed25519.PrivateKey:
		// S + L gives the same point, and is no signature (RFC 8032, section 5.1.7).
		order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		s := slices.Clone(made[32:])
		slices.Reverse(s)
		big := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
		slices.Reverse(big)
		found["S + L"] = slices.Concat(made[:32], big)
		found["the neutral element"] = append([]byte{1}, make([]byte, 63)...)
		found["R alone"], found["S alone"] = slices.Concat(made[:32], make([]byte, 32)), slices.Concat(make([]byte, 32), made[32:])
	case *rsa.PrivateKey:
		size := key.Size()
		s := new(big.Int).SetBytes(made)
		found["0"], found["1"] = make([]byte, size), append(make([]byte, size-1), 1)
		found["n"] = key.N.FillBytes(make([]byte, size))
		found["n - 1"] = new(big.Int).Sub(key.N, big.NewInt(1)).FillBytes(make([]byte, size))
		found["-s"] = new(big.Int).Sub(key.N, s).FillBytes(make([]byte, size))
		found["s + n"] = new(big.Int).Add(key.N, s).Bytes()
		found["a zero in front"] = append([]byte{0}, made...)
	}
	for _, n := range []int{1, 31, 32, 63, 64, 65, 96, 128, 383, 384, 385} {
		found[fmt.Sprintf("%d zeros", n)] = make([]byte, n)
		found[fmt.Sprintf("%d times 255", n)] = slices.Repeat([]byte{255}, n)
	}
	attacks := map[string]string{}
	for name, signature := range found {
		attacks["signature "+name] = good[:at+1] + base64.RawURLEncoding.EncodeToString(signature)
	}
	return attacks
}
