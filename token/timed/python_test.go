package timed_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/token/timed"
)

// A question is what testdata/itsdangerous.py is asked: for a token, or what it thinks of one.
type question struct {
	Algorithm timed.Algorithm `json:"algorithm"`
	Secret    string          `json:"secret"`
	Salt      *string         `json:"salt"`
	ASCII     bool            `json:"ascii"`
	Now       int64           `json:"now"`

	Payload json.RawMessage `json:"payload,omitempty"`
	Issued  int64           `json:"iat"`
	Expires int64           `json:"exp"`

	Token string `json:"token,omitempty"`
}

type answer struct {
	Token, Error string
	Header       [][2]any
	Payload      any
}

// askPython returns the answers of Debian's Python, not of another one on the PATH.
func askPython(t *testing.T, questions []question) []answer {
	t.Helper()
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, q := range questions {
		if err := encoder.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "testdata/itsdangerous.py")
	cmd.Stdin, cmd.Stderr = &lines, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	var answers []answer
	for line := range bytes.Lines(out) {
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

// randomPayload writes a value as Python would.
func randomPayload(r *rand.Rand, depth int) string {
	texts := []string{
		`""`, `"ada"`, `"Zoé"`, `"日本語"`, `"😀 and more"`, `"<&>'"`, `"\"\\/\b\f\n\r\t\u0001\u001f"`, "\"\u2028\u2029\x7f\ufffd\"", `"\\u2028"`,
	}
	numbers := []string{"0", "-1", "42", "2.5", "-0.125", "9007199254740991", "123456789012345678901234567890", "1e+22"}
	list := func(item func() string) string {
		items := make([]string, r.IntN(4))
		for i := range items {
			items[i] = item()
		}
		return strings.Join(items, ",")
	}
	kind := r.IntN(6)
	if depth == 0 {
		kind = r.IntN(4)
	}
	switch kind {
	case 0, 1:
		return texts[r.IntN(len(texts))]
	case 2:
		return numbers[r.IntN(len(numbers))]
	case 3:
		return []string{"null", "true", "false"}[r.IntN(3)]
	case 4:
		return "[" + list(func() string { return randomPayload(r, depth-1) }) + "]"
	default:
		names := r.Perm(len(texts))
		n := 0
		return "{" + list(func() string { n++; return texts[names[n]] + ":" + randomPayload(r, depth-1) }) + "}"
	}
}

// randomQuestion returns a question without a payload or a token, and the Signer that does the same.
func randomQuestion(t *testing.T, r *rand.Rand) (question, *timed.Signer) {
	secret := strings.Repeat("a", 20+r.IntN(100)) + "é"
	algorithm := []timed.Algorithm{timed.HS256, timed.HS384, timed.HS512}[r.IntN(3)]
	q := question{Algorithm: algorithm, Secret: secret, ASCII: r.IntN(2) == 0, Now: time.Now().Unix()}
	o := timed.Options{Algorithm: algorithm, ASCII: q.ASCII, AllowShortSecrets: true}
	if r.IntN(2) == 0 {
		o.Salt = []string{"activate", "itsdangerous", "ü"}[r.IntN(3)]
		q.Salt = &o.Salt
	}
	return q, newSigner(t, secret, o)
}

// Whatever we sign, Python verifies, and would have signed the same bytes.
func TestPythonVerifiesOurs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Debian's Python")
	}
	r := rand.New(rand.NewPCG(1, 2))
	var questions []question
	for range 400 {
		q, signer := randomQuestion(t, r)
		q.Token = sign(t, signer, json.RawMessage(randomPayload(r, 3)), time.Hour)
		questions = append(questions, q)
	}
	answers := askPython(t, questions)
	again := make([]question, len(questions))
	for i, a := range answers {
		if a.Error != "" {
			t.Fatalf("%s: Python says %s", questions[i].Token, a.Error)
		}
		again[i] = questions[i]
		again[i].Token, again[i].Payload = "", json.RawMessage(payloadOf(t, questions[i].Token))
		again[i].Issued, again[i].Expires = int64(a.Header[1][1].(float64)), int64(a.Header[2][1].(float64))
		if lifetime := again[i].Expires - again[i].Issued; lifetime != 3600 {
			t.Errorf("%s: a lifetime of %d seconds", questions[i].Token, lifetime)
		}
	}
	for i, a := range askPython(t, again) {
		if a.Token != questions[i].Token {
			t.Errorf("%s:\nwe sign     %s\nPython says %s", again[i].Payload, questions[i].Token, a.Token)
		}
	}
}

// Whatever Python signs, we verify, and read the same from it.
func TestWeVerifyPythons(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Debian's Python")
	}
	r := rand.New(rand.NewPCG(3, 4))
	var questions []question
	var signers []*timed.Signer
	for range 400 {
		q, signer := randomQuestion(t, r)
		q.Payload = json.RawMessage(randomPayload(r, 3))
		q.Issued = q.Now - 1000
		q.Expires = q.Now + 3600
		if r.IntN(4) == 0 {
			q.Expires = q.Now - 1 - r.Int64N(500)
		}
		questions, signers = append(questions, q), append(signers, signer)
	}
	for i, a := range askPython(t, questions) {
		q := questions[i]
		var got, want any
		err := signers[i].Verify(a.Token, &got)
		if q.Expires < q.Now {
			expired, ok := errors.AsType[*timed.ExpiredError](err)
			if !ok || expired.IssuedAt.Unix() != q.Issued || expired.ExpiresAt.Unix() != q.Expires {
				t.Errorf("%s: %v, %+v, want ErrExpired", a.Token, err, expired)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", a.Token, err)
			continue
		}
		if err := json.Unmarshal(q.Payload, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", a.Token, diff)
		}
	}
}
