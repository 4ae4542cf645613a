package server

import (
	"net/http"

	"github.com/handstamp/handstamp/server/api"
)

// A Profile is all that differs between the ways in which the server can speak.
type Profile struct {
	// Routes is the table of what there is of the JSON interface.
	Routes func(*api.API) []api.Route

	// Pages says that there are pages for people in front of a browser, too.
	Pages bool

	// API is how the JSON interface speaks.
	API api.Style

	// Refusal says how to answer a request that may not pass; err is the Guard's.
	Refusal func(r *http.Request, err error) api.Problem

	// Origins adds the headers for pages of other origins (CORS). It may be nil.
	Origins func(w http.ResponseWriter, r *http.Request)

	// InternalError is what is answered where the server has a bug, of the type InternalErrorType.
	InternalError     []byte
	InternalErrorType string

	// NeedsWeb says that the server must know how it is reached.
	NeedsWeb bool

	// NoChallenges leaves out what a 401 has to ask for.
	NoChallenges bool

	// AnySlash takes an escaped slash at the end of a path for a plain one.
	AnySlash bool
}
