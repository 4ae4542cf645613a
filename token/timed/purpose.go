package timed

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"
)

// A Purpose makes tokens that are good for one thing: to confirm an address, to leave a list. Each
// is for one subject, and bound to a state of it, so that it dies when that state changes: take
// what using the token changes, and it works once. It is safe for concurrent use.
//
// Nothing is stored for a token, so none can be counted or taken back one by one. Where that matters
// (a link that opens an account), keep its hash in a database instead.
type Purpose struct {
	signer *Signer
	states [][]byte // for each secret, the key of what stands for a state
}

// maxSubject is how many bytes a subject may have.
const maxSubject = 256

// NewPurpose returns a Purpose. Tokens of another name, or of a [Signer] with the same secret, are worth nothing to it.
// The first of secrets signs, and all of them verify. Its errors wrap [ErrShortSecret].
func NewPurpose(name string, secrets ...string) (*Purpose, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("tokens to %s: %w", name, ErrShortSecret)
	}
	p := &Purpose{}
	var keys []string
	for _, secret := range secrets {
		if len(secret) < minSecret {
			return nil, fmt.Errorf("tokens to %s: %w", name, ErrShortSecret)
		}
		both, err := hkdf.Key(sha256.New, []byte(secret), nil, "handstamp purpose "+name, 64)
		if err != nil {
			return nil, fmt.Errorf("tokens to %s: %w", name, err)
		}
		keys = append(keys, string(both[:32]))
		p.states = append(p.states, both[32:])
	}
	var err error
	p.signer, err = New(keys[0], Options{Algorithm: HS256, Older: keys[1:]})
	return p, err
}

// bound is the payload of a Purpose's token.
type bound struct {
	Subject string `json:"sub"`
	State   []byte `json:"st"` // what stands for it; nobody sees the state itself
}

// Sign returns a token for subject, which has at most 256 bytes in UTF-8, in the state that it has now. The token is good for
// lifetime, and consists of what needs no escape in a URL.
func (p *Purpose) Sign(subject, state string, lifetime time.Duration) (string, error) {
	if len(subject) > maxSubject || !utf8.ValidString(subject) {
		return "", fmt.Errorf("sign token: want a subject of at most %d bytes, in UTF-8", maxSubject)
	}
	return p.signer.Sign(bound{subject, p.print(0, subject, state)}, lifetime)
}

// Verify returns the subject of a good token. It asks stateOf for the state that the subject has now,
// and returns its error as it is. Its own are those of [Signer.Verify] and, if the state is another one,
// [ErrStateChanged].
func (p *Purpose) Verify(token string, stateOf func(subject string) (string, error)) (subject string, err error) {
	o, err := p.signer.open(token)
	if err != nil {
		return "", err
	}
	var b bound
	if err := o.unmarshal(&b); err != nil {
		return "", err
	}
	state, err := stateOf(b.Subject)
	if err != nil {
		return "", err
	}
	if !hmac.Equal(b.State, p.print(o.secret, b.Subject, state)) {
		return "", ErrStateChanged
	}
	return b.Subject, nil
}

// print stands for a state in a token. What comes first says its length, so that no two pairs are one text.
func (p *Purpose) print(secret int, subject, state string) []byte {
	mac := hmac.New(sha256.New, p.states[secret])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(subject))))
	mac.Write([]byte(subject))
	mac.Write([]byte(state))
	return mac.Sum(nil)[:16]
}
