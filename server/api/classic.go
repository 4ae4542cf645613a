package api

import "net/http"

// classic is the founding API, weaknesses included: everybody who is signed in may do everything.
type classic struct{ *API }

// What only the founding API answers.
var (
	noSessions   = problem(http.StatusNotImplemented, "", "Session management is not supported")
	emailMissing = problem(http.StatusBadRequest, "", "email missing")
	passMissing  = problem(http.StatusBadRequest, "", "password missing")
	passTooLong  = problem(http.StatusBadRequest, "", "password too long")
)

// ClassicRoutes returns what the founding API answers.
func (a *API) ClassicRoutes() []Route {
	c := classic{a}
	signIn := Method{Public, c.signIn}
	return append(a.statusRoutes(SignedIn),
		Route{Prefix + "/users", map[string]Method{
			http.MethodGet:  {SignedIn, c.listUsers},
			http.MethodPost: {SignedIn, c.createUser},
		}},
		Route{Prefix + "/users/{id}", map[string]Method{
			http.MethodGet:    {SignedIn, c.showUser},
			http.MethodPut:    {SignedIn, c.renameUser},
			http.MethodDelete: {SignedIn, c.deleteUser},
		}},
		Route{Prefix + "/auth_session/login", map[string]Method{
			http.MethodPost: signIn,
		}},
		Route{Prefix + "/auth_session/logout", map[string]Method{
			http.MethodDelete: {SignedIn, c.signOut},
		}},
		// The second founding document has login and logout on one path. It is public for the
		// sake of login, so that logout has to look by itself who is asking.
		Route{Prefix + "/auth_session", map[string]Method{
			http.MethodPost:   signIn,
			http.MethodDelete: {Public, c.signOutAlias},
		}},
	)
}
