package keyring

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-jose/go-jose/v4"
)

// material is the part of a key that nobody may see.
type material struct {
	header string      // the first part of every token that it signs; empty for a secret of Plone's format
	signer jose.Signer // likewise nil
	events jose.Signer // of security events; likewise nil
	public any         // likewise nil
	secret []byte      // of Plone's format
}

// What is signed says what it is, so that nothing can be taken for another thing (RFC 8725, section 3.11).
const (
	tokenType = "at+jwt"       // our tokens (RFC 9068, section 2.1)
	eventType = "secevent+jwt" // security events (RFC 8417, section 2.3)
)

// newMaterial makes a key usable for its one algorithm.
func newMaterial(k Key, plain []byte) (*material, error) {
	if k.Algorithm == HS256 {
		return &material{secret: plain}, nil
	}
	private, public, err := parsePrivate(k.Algorithm, plain)
	if err != nil {
		return nil, err
	}
	signer, err := newSigner(k, private, tokenType)
	if err != nil {
		return nil, err
	}
	events, err := newSigner(k, private, eventType)
	if err != nil {
		return nil, err
	}
	return &material{header: headerOf(k.Algorithm, k.ID), signer: signer, events: events, public: public}, nil
}

func newSigner(k Key, private any, typ jose.ContentType) (jose.Signer, error) {
	return jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: jose.JSONWebKey{Key: private, KeyID: k.ID}},
		(&jose.SignerOptions{}).WithType(typ))
}

// headerOf returns the first part of every token that a key signs, as go-jose writes it.
func headerOf(a Algorithm, id string) string {
	return base64.RawURLEncoding.EncodeToString(
		fmt.Appendf(nil, `{"alg":"%s","kid":"%s","typ":"%s"}`, a, id, tokenType))
}

// couldBeOurs reports whether a header is that of some key of ours, be it one that is not known here.
func couldBeOurs(header string) bool {
	text, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		return false
	}
	for _, a := range []Algorithm{EdDSA, ES256, RS256} {
		before := len(`{"alg":"","kid":"`) + len(a)
		if len(text) <= before+idLength {
			continue
		}
		id := text[before : before+idLength]
		if _, err := base64.RawURLEncoding.DecodeString(string(id)); err == nil && header == headerOf(a, string(id)) {
			return true
		}
	}
	return false
}

const hidden = "•••"

// Format implements [fmt.Formatter] and hides the key.
func (material) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// Format implements [fmt.Formatter] and hides the keys.
func (*Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements [slog.LogValuer] and hides the keys.
func (*Keyring) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the keys from encoders.
func (*Keyring) MarshalText() ([]byte, error) { return []byte(hidden), nil }
