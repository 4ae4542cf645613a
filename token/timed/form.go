package timed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/handstamp/handstamp/internal/form"
)

// maxBody is how many bytes the form may have in which a token stands.
const maxBody = 64 << 10

// Require returns a handler that lets a request pass to next when the field token of its form is a
// good token. The handler finds its payload by [Payload], and the body as it came. A form is read from the body of at most
// 64 KiB, whatever the method. What is in the URL does not count: URLs end up in logs.
//
// A request with another token, or without any, is answered by status 200 and one of
//
//	{"status":"fail","data":{"msg":"expired token"}}
//	{"status":"fail","data":{"msg":"useless token"}}
//
// which is what the clients of such forms know. A body that is too large gets 413, and one that
// cannot be read 400, in the same form.
func (s *Signer) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			fail(w, http.StatusRequestEntityTooLarge, "body too large")
			return
		}
		if err != nil {
			fail(w, http.StatusBadRequest, "unreadable body")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		fields, err := form.Read(r)
		if err != nil {
			fail(w, http.StatusBadRequest, "unreadable body")
			return
		}
		o, err := s.open(fields["token"])
		switch {
		case errors.Is(err, ErrExpired):
			fail(w, http.StatusOK, "expired token")
		case err != nil:
			fail(w, http.StatusOK, "useless token")
		default:
			r = r.WithContext(context.WithValue(r.Context(), payloadKey{}, o.payload))
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		}
	})
}

// fail writes an answer in the form of JSend (https://github.com/omniti-labs/jsend).
func fail(w http.ResponseWriter, status int, message string) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"status":"fail","data":{"msg":"%s"}}`, message)
}

type payloadKey struct{}

// Payload returns the payload of the token that [Signer.Require] has found in the request which ctx belongs to. It
// is false where no Require stood in front.
func Payload(ctx context.Context) (json.RawMessage, bool) {
	payload, ok := ctx.Value(payloadKey{}).(json.RawMessage)
	return payload, ok
}
