package server

import (
	"net/http"
	"slices"

	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages"
)

// Product returns the profile of serve: everybody sees and changes what is theirs, administrators
// everything, and a stranger learns nothing.
func Product() Profile {
	return Profile{
		Routes: func(a *api.API) []api.Route {
			return slices.Concat(a.Routes(), (&pages.Pages{API: a}).Routes())
		},
		Refusal:           func(_ *http.Request, err error) api.Problem { return api.ProblemOf(err) },
		InternalError:     []byte(`{"error":"Internal error","code":"internal"}` + "\n"),
		InternalErrorType: "application/json",
		NeedsWeb:          true,
	}
}
