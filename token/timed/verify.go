package timed

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handstamp/handstamp/internal/jsonobject"
)

// Verify returns nil if token was made under one of the secrets and is still good, which it is in the
// very second in which it expires, and puts its payload into what into points to, as [json.Unmarshal]
// does: a [json.RawMessage] gets it as it was signed. into may be nil.
//
// Its errors are [ErrBadSignature], [ErrBadHeader], [ErrBadPayload] and [ErrExpired], or wrap them. The signature
// comes first: nothing is read that we have not signed.
func (s *Signer) Verify(token string, into any) error {
	o, err := s.open(token)
	if err != nil || into == nil {
		return err
	}
	return o.unmarshal(into)
}

// opened is what a good token says.
type opened struct {
	payload json.RawMessage
	secret  int // the index of that which has signed it
}

func (o opened) unmarshal(into any) error {
	if err := json.Unmarshal(o.payload, into); err != nil {
		return fmt.Errorf("%w: %w", ErrBadPayload, err)
	}
	return nil
}

func (s *Signer) open(token string) (opened, error) {
	signed, secret, err := s.checkSignature(token)
	if err != nil {
		return opened{}, err
	}
	first, second, ok := strings.Cut(signed, ".")
	if !ok {
		return opened{}, fmt.Errorf("%w: it has no payload", ErrBadPayload)
	}
	header, err := parseHeader(first)
	if err != nil {
		return opened{}, err
	}
	payload, err := decode(second)
	if err != nil || !utf8.Valid(payload) || !json.Valid(payload) {
		return opened{}, fmt.Errorf("%w: it is not JSON", ErrBadPayload)
	}
	if err := s.judge(header, payload); err != nil {
		return opened{}, err
	}
	return opened{payload, secret}, nil
}

// checkSignature returns what is signed, and the index of the secret that it was signed under.
func (s *Signer) checkSignature(token string) (signed string, secret int, err error) {
	end := strings.LastIndexByte(token, '.')
	if len(token) > maxToken || end < 0 {
		return "", 0, ErrBadSignature
	}
	mac, err := decode(token[end+1:])
	if err != nil {
		return "", 0, ErrBadSignature
	}
	for secret := range s.macs {
		if hmac.Equal(mac, s.sum(secret, token[:end])) {
			return token[:end], secret, nil
		}
	}
	return "", 0, ErrBadSignature
}

// decode reads one part of a token. Package base64 passes over line breaks, even where it is strict.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("a line break")
	}
	return segment.DecodeString(text)
}

// parseHeader reads a header that was signed. Extensions that a reader must understand (RFC 7515, section
// 4.1.11) are not known here, and those that he need not are ignored.
func parseHeader(text string) (jsonobject.Object, error) {
	decoded, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64url", ErrBadHeader)
	}
	header, err := jsonobject.ParseStrict(decoded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadHeader, err)
	}
	if _, ok := header["crit"]; ok {
		return nil, fmt.Errorf("%w: unknown extensions", ErrBadHeader)
	}
	return header, nil
}

// judge says whether a token with that header is good now.
func (s *Signer) judge(header jsonobject.Object, payload json.RawMessage) error {
	if algorithm, err := header.Text("alg"); err != nil || algorithm == nil || Algorithm(*algorithm) != s.algorithm {
		return fmt.Errorf("%w: another algorithm", ErrBadHeader)
	}
	if _, ok := header["exp"]; !ok {
		return fmt.Errorf("%w: no time at which it expires", ErrBadSignature)
	}
	expires, ok := seconds(header["exp"])
	if !ok {
		return fmt.Errorf("%w: no time at which it expires", ErrBadHeader)
	}
	if expires >= time.Now().Unix() {
		return nil
	}
	expired := &ExpiredError{ExpiresAt: time.Unix(expires, 0), Payload: payload}
	if issued, ok := seconds(header["iat"]); ok {
		expired.IssuedAt = time.Unix(issued, 0)
	}
	return expired
}

// seconds reads a Unix time. It has decimals if a program in Python computed its lifetime so; as there, they do not
// count.
func seconds(text json.RawMessage) (int64, bool) {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return n, n >= 0
	}
	var f float64
	if string(text) == "null" || json.Unmarshal(text, &f) != nil || f < 0 || f >= math.MaxInt64 {
		return 0, false
	}
	return int64(f), true
}
