package timed

import (
	"encoding/json"
	"errors"
	"time"
)

// What may be wrong with a token. As with the exceptions of itsdangerous, [ErrExpired] and
// [ErrBadHeader] are an [ErrBadSignature], too, for [errors.Is]: whoever wants to tell them apart asks
// for them first. ErrBadPayload is not.
var (
	// ErrBadSignature means that no secret of ours has signed this, or that it says nothing of when
	// it expires.
	ErrBadSignature = errors.New("bad signature")

	// ErrBadHeader means that the signature is good, and the header is not one of ours: it cannot be
	// read, or names another algorithm, or a time that is none.
	ErrBadHeader error = badSignature("bad token header")

	// ErrExpired means that token was good once. The error is an [ExpiredError].
	ErrExpired error = badSignature("token expired")

	// ErrBadPayload means that the signature is good, and what it signs is not JSON in UTF-8, or does
	// not fit where the caller wants it.
	ErrBadPayload = errors.New("bad token payload")

	// ErrStateChanged means that the state to which a [Purpose] has bound a token is another one by now:
	// the token was used, or something else made it worthless.
	ErrStateChanged = errors.New("token is of an earlier state")
)

// What may be wrong with what a token is to be made of.
var (
	// ErrShortSecret means that a secret has less than 32 bytes.
	ErrShortSecret = errors.New("secret is shorter than 32 bytes")

	// ErrTooLong means that a token would have more than 8 KiB, and nobody would take it.
	ErrTooLong = errors.New("token would be too long")
)

// badSignature is a kind of bad signature.
type badSignature string

func (b badSignature) Error() string { return string(b) }

func (badSignature) Is(target error) bool { return target == ErrBadSignature }

// An ExpiredError is [ErrExpired], with what the token said: enough to offer another one.
type ExpiredError struct {
	IssuedAt  time.Time // zero where the token does not say
	ExpiresAt time.Time
	Payload   json.RawMessage
}

// Error implements error. It says nothing of the payload.
func (e *ExpiredError) Error() string { return ErrExpired.Error() }

// Unwrap returns ErrExpired.
func (e *ExpiredError) Unwrap() error { return ErrExpired }
