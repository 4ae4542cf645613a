package server

import (
	"net/http"

	"github.com/handstamp/handstamp/server/api"
)

// Product returns the profile of serve: everybody sees and changes what is theirs, administrators
// everything, and a stranger learns nothing.
func Product() Profile {
	return Profile{
		Routes:            (*api.API).Routes,
		Pages:             true,
		Refusal:           func(_ *http.Request, err error) api.Problem { return api.ProblemOf(err) },
		InternalError:     []byte(`{"error":"Internal error","code":"internal"}` + "\n"),
		InternalErrorType: "application/json",
		NeedsWeb:          true,
	}
}
