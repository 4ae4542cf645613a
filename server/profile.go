package server

import (
	"net/http"

	"github.com/handstamp/handstamp/server/api"
)

// A Profile is all that differs between the ways in which the server can speak.
type Profile struct {
	// API is how the JSON interface speaks.
	API api.Style

	// Refusal says how to answer a request that may not pass; err is the Guard's.
	Refusal func(r *http.Request, err error) api.Problem

	// Origins adds the headers for pages of other origins (CORS). It may be nil.
	Origins func(w http.ResponseWriter, r *http.Request)

	// InternalError is the page for a bug in the server, in HTML.
	InternalError []byte
}
