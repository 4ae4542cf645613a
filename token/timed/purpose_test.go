package timed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

func newPurpose(t *testing.T, name string, secrets ...string) *timed.Purpose {
	t.Helper()
	p, err := timed.NewPurpose(name, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// always is the state of everybody.
func always(state string) func(string) (string, error) {
	return func(string) (string, error) { return state, nil }
}

func TestPurpose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPurpose(t, "confirm email", secret)
		token, err := p.Sign("ada", "epoch 7", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if plain := strings.Trim(token, "-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"); plain != "" {
			t.Errorf("%s has %q, which URLs escape", token, plain)
		}

		errNobody := errors.New("no such user")
		for _, c := range []struct {
			name    string
			purpose *timed.Purpose
			state   func(string) (string, error)
			want    error
		}{
			{"same state", p, always("epoch 7"), nil},
			{"later state", p, always("epoch 8"), timed.ErrStateChanged},
			{"empty state", p, always(""), timed.ErrStateChanged},
			{"subject is gone", p, func(string) (string, error) { return "", errNobody }, errNobody},
			{"another purpose", newPurpose(t, "leave list", secret), always("epoch 7"), timed.ErrBadSignature},
			{"another secret", newPurpose(t, "confirm email", another), always("epoch 7"), timed.ErrBadSignature},
			{"newer secret", newPurpose(t, "confirm email", another, secret), always("epoch 7"), nil},
			{"newer secret, later state", newPurpose(t, "confirm email", another, secret), always("epoch 8"), timed.ErrStateChanged},
		} {
			subject, err := c.purpose.Verify(token, c.state)
			if !errors.Is(err, c.want) || (err == nil) != (subject == "ada") || err != nil && subject != "" {
				t.Errorf("%s: subject %q, error %v, want %v", c.name, subject, err, c.want)
			}
		}
		if _, err := p.Verify(token+"x", func(string) (string, error) {
			t.Error("the state of somebody was asked for whom nobody has signed")
			return "", nil
		}); !errors.Is(err, timed.ErrBadSignature) {
			t.Errorf("changed: %v", err)
		}

		time.Sleep(time.Hour + time.Second)
		if _, err := p.Verify(token, always("epoch 7")); !errors.Is(err, timed.ErrExpired) {
			t.Errorf("later: %v, want ErrExpired", err)
		}
	})
}

// A subject and a state are two things: where one ends is not for an attacker to choose.
func TestPurposeKeepsSubjectAndStateApart(t *testing.T) {
	p := newPurpose(t, "confirm email", secret)
	states := make(map[string]bool)
	for _, of := range [][2]string{{"ada", "1x"}, {"ada1", "x"}, {"", "ada1x"}, {"ada1x", ""}} {
		token, err := p.Sign(of[0], of[1], time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		var payload struct{ St string }
		if err := json.Unmarshal(text, &payload); err != nil {
			t.Fatal(err)
		}
		if states[payload.St] {
			t.Errorf("%q: its state looks like that of another pair", of)
		}
		states[payload.St] = true
	}
}

func TestPurposeShowsNoState(t *testing.T) {
	token, err := newPurpose(t, "confirm email", secret).Sign("ada", "the hash of a password", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if text := payloadOf(t, token); strings.Contains(text, "hash") {
		t.Errorf("the token says %s", text)
	}
}

// What a Signer has signed under the same secret is nothing to a Purpose, whatever is in it.
func TestPurposeRefusesOtherTokensOfItsSecret(t *testing.T) {
	p := newPurpose(t, "activate", secret)
	token := sign(t, newSigner(t, secret, timed.Options{Algorithm: timed.HS256, Salt: "activate"}), map[string]string{"sub": "ada"}, time.Hour)
	if _, err := p.Verify(token, always("")); !errors.Is(err, timed.ErrBadSignature) {
		t.Errorf("%v, want ErrBadSignature", err)
	}
}

func TestPurposeRefusesWeakSettings(t *testing.T) {
	for name, secrets := range map[string][]string{"none": nil, "short": {"secret"}, "short later": {secret, "secret"}} {
		if _, err := timed.NewPurpose("test", secrets...); !errors.Is(err, timed.ErrShortSecret) {
			t.Errorf("%s: %v, want ErrShortSecret", name, err)
		}
	}
	p := newPurpose(t, "test", secret)
	for _, subject := range []string{"\xff", strings.Repeat("x", 257)} {
		if token, err := p.Sign(subject, "", time.Hour); err == nil {
			t.Errorf("a token for %q: %s", subject, token)
		}
	}
}
