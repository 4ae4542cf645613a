package caep_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/outbox/caep"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	issuer   = "https://id.example.com"
	audience = "https://receiver.example.com"
)

var (
	ann, admin, session = handstamp.NewID(), handstamp.NewID(), handstamp.NewID()
	at                  = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
)

func newKeys(t *testing.T, a keyring.Algorithm) *keyring.Keyring {
	t.Helper()
	keys, err := keyring.Open(t.Context(), memory.NewKeys(), make([]byte, 32), keyring.Config{Algorithm: a})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Close)
	return keys
}

// A receiver keeps what is pushed to it.
type receiver struct {
	url    string
	tokens []string
	header http.Header
	answer func(w http.ResponseWriter)
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{answer: func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		token, err := io.ReadAll(request.Body)
		if err != nil || request.Method != http.MethodPost {
			t.Error(err)
		}
		r.tokens, r.header = append(r.tokens, string(token)), request.Header
		r.answer(w)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func newPublisher(t *testing.T, keys *keyring.Keyring, r *receiver) *caep.Publisher {
	p := caep.New(keys, caep.Config{Endpoint: r.url, Audience: audience, Token: "s3cret", Issuer: issuer})
	t.Cleanup(func() { p.Close() })
	return p
}

func message(action handstamp.Action, change func(*handstamp.Event)) outbox.Message {
	e := handstamp.Event{At: at, Action: action, Outcome: handstamp.Success, ActorID: ann, UserID: ann, SessionID: session}
	if change != nil {
		change(&e)
	}
	return outbox.Message{ID: "0123", Event: e}
}

// read verifies a token as a receiver does: with go-jose and the keys that are published.
func read(t *testing.T, keys *keyring.Keyring, a jose.SignatureAlgorithm, token string) map[string]any {
	t.Helper()
	published, err := keys.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(published, &set); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{a})
	if err != nil {
		t.Fatal(err)
	}
	if typ := signed.Signatures[0].Protected.ExtraHeaders["typ"]; typ != "secevent+jwt" {
		t.Errorf("typ %v", typ)
	}
	text, err := signed.Verify(set)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	issued := time.Unix(int64(claims["iat"].(float64)), 0)
	if age := time.Since(issued); age < 0 || age > time.Minute {
		t.Errorf("issued at %s", issued)
	}
	delete(claims, "iat")
	return claims
}

// object reads JSON.
func object(t *testing.T, format string, args ...any) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal(fmt.Appendf(nil, format, args...), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestTokens: which events become which security events, about whom, and by whom.
func TestTokens(t *testing.T) {
	keys := newKeys(t, keyring.EdDSA)
	user := fmt.Sprintf(`{"format":"iss_sub","iss":%q,"sub":%q}`, issuer, ann)
	one := fmt.Sprintf(`{"format":"complex","user":%s,"session":{"format":"opaque","id":%q}}`, user, session)
	token := func(name, subject, event string) map[string]any {
		return object(t, `{"iss":%q,"aud":%q,"jti":"0123.%s","txn":"0123","sub_id":%s,"events":{"https://schemas.openid.net/secevent/caep/event-type/%s":%s}}`,
			issuer, audience, name, subject, name, event)
	}
	revoked := func(subject, by, why string) map[string]any {
		return token("session-revoked", subject, fmt.Sprintf(`{"event_timestamp":%d,"initiating_entity":%q,"reason_admin":{"en":%q}}`, at.Unix(), by, why))
	}
	byAdmin := func(e *handstamp.Event) { e.ActorID = admin }
	for name, row := range map[string]struct {
		m    outbox.Message
		want []map[string]any
	}{
		"logout": {message(handstamp.ActionLogout, nil), []map[string]any{revoked(one, "user", "logout")}},
		"one session, by an operator": {
			message(handstamp.ActionSessionEnd, func(e *handstamp.Event) { e.ActorID, e.Actor = handstamp.ID{}, "operator" }),
			[]map[string]any{revoked(one, "admin", "session-end")},
		},
		"all sessions": {
			message(handstamp.ActionSessionEnd, func(e *handstamp.Event) { e.SessionID, e.Reason = handstamp.ID{}, "all sessions" }),
			[]map[string]any{revoked(user, "user", "session-end: all sessions")},
		},
		"a token used twice": {
			message(handstamp.ActionTokenReuse, func(e *handstamp.Event) { e.ActorID, e.Outcome = handstamp.ID{}, handstamp.Failure }),
			[]map[string]any{revoked(one, "system", "token-reuse")},
		},
		"disabled": {message(handstamp.ActionUserDisable, byAdmin), []map[string]any{revoked(user, "admin", "user-disable")}},
		"deleted":  {message(handstamp.ActionUserDelete, byAdmin), []map[string]any{revoked(user, "admin", "user-delete")}},
		"role": {
			message(handstamp.ActionRoleChange, func(e *handstamp.Event) { e.ActorID, e.Reason = admin, "user to admin" }),
			[]map[string]any{revoked(user, "admin", "role-change: user to admin")},
		},
		"email": {message(handstamp.ActionEmailChange, nil), []map[string]any{revoked(user, "user", "email-change")}},
		"password": {message(handstamp.ActionPasswordChange, nil), []map[string]any{
			token("credential-change", user, fmt.Sprintf(`{"credential_type":"password","change_type":"update","event_timestamp":%d,`+
				`"initiating_entity":"user","reason_admin":{"en":"password-change"}}`, at.Unix())),
			revoked(user, "user", "password-change"),
		}},
		"login":           {message(handstamp.ActionLogin, nil), nil},
		"a failed logout": {message(handstamp.ActionLogout, func(e *handstamp.Event) { e.Outcome = handstamp.Failure }), nil},
		"a new name":      {message(handstamp.ActionUserUpdate, nil), nil},
		"nobody":          {message(handstamp.ActionLogout, func(e *handstamp.Event) { e.UserID = handstamp.ID{} }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			if err := newPublisher(t, keys, r).Publish(t.Context(), row.m); err != nil {
				t.Fatal(err)
			}
			var got []map[string]any
			for _, token := range r.tokens {
				got = append(got, read(t, keys, jose.EdDSA, token))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
			if caep.Wants(row.m) != (len(row.want) > 0) {
				t.Error("Wants says something else")
			}
			if len(got) > 0 && (r.header.Get("Content-Type") != "application/secevent+jwt" || r.header.Get("Accept") != "application/json" ||
				r.header.Get("Authorization") != "Bearer s3cret") {
				t.Errorf("headers %v", r.header)
			}
		})
	}
}

// TestInteroperable: with RS256, which the interoperability profile of CAEP asks for.
func TestInteroperable(t *testing.T) {
	keys, r := newKeys(t, keyring.RS256), newReceiver(t)
	if err := newPublisher(t, keys, r).Publish(t.Context(), message(handstamp.ActionLogout, nil)); err != nil {
		t.Fatal(err)
	}
	read(t, keys, jose.RS256, r.tokens[0])
}

// TestNobodyIsLetInByAnEvent: a security event is signed by the same key as tokens are, and is none.
func TestNobodyIsLetInByAnEvent(t *testing.T) {
	keys, r := newKeys(t, keyring.EdDSA), newReceiver(t)
	if err := newPublisher(t, keys, r).Publish(t.Context(), message(handstamp.ActionLogout, nil)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := keys.Verify(r.tokens[0]); !errors.Is(err, keyring.ErrToken) {
		t.Errorf("verified as a token: %v", err)
	}
}

// TestRefusals: whoever does not take a token is asked again, and the log says why.
func TestRefusals(t *testing.T) {
	keys, r := newKeys(t, keyring.EdDSA), newReceiver(t)
	p := newPublisher(t, keys, r)
	for body, want := range map[string]string{
		`{"err":"invalid_audience","description":"s3cret"}`: "push session-revoked: answered with status 400: invalid_audience",
		`{"err":"<script>"}`: "push session-revoked: answered with status 400",
		`no JSON`:            "push session-revoked: answered with status 400",
	} {
		r.answer = func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		}
		if err := p.Publish(t.Context(), message(handstamp.ActionLogout, nil)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
	r.answer = func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	var delay *outbox.DelayError
	if err := p.Publish(t.Context(), message(handstamp.ActionLogout, nil)); !errors.As(err, &delay) || delay.After != time.Minute {
		t.Errorf("got %v", err)
	}
	r.tokens = nil
	n := 0
	r.answer = func(w http.ResponseWriter) {
		if n++; n == 2 { // of the two events of a new password the second one is not taken
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
	for _, isTaken := range []bool{false, true} {
		if err := p.Publish(t.Context(), message(handstamp.ActionPasswordChange, nil)); (err == nil) != isTaken {
			t.Errorf("got %v", err)
		}
	}
	var ids []string
	for _, token := range r.tokens {
		ids = append(ids, read(t, keys, jose.EdDSA, token)["jti"].(string))
	}
	if got := strings.Join(ids, " "); got != "0123.credential-change 0123.session-revoked 0123.credential-change 0123.session-revoked" {
		t.Errorf("pushed %s", got)
	}
}
