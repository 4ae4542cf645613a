package api

import (
	_ "embed"
	"net/http"
)

// statusRoutes are those about the server as a whole, which both profiles have.
func (a *API) statusRoutes(stats Access) []Route {
	return []Route{
		{Prefix + "/status", map[string]Method{
			http.MethodGet: {Public, func(w http.ResponseWriter, _ *http.Request) {
				a.answer(w, http.StatusOK, map[string]string{"status": "OK"})
			}},
		}},
		{Prefix + "/unauthorized", map[string]Method{
			http.MethodGet: {Public, func(w http.ResponseWriter, _ *http.Request) { a.Refuse(w, Unauthorized) }},
		}},
		{Prefix + "/forbidden", map[string]Method{
			http.MethodGet: {Public, func(w http.ResponseWriter, _ *http.Request) { a.Refuse(w, Forbidden) }},
		}},
		{Prefix + "/stats", map[string]Method{
			http.MethodGet: {stats, a.stats},
		}},
	}
}

// Description is the interface in the words of OpenAPI 3.0 (https://spec.openapis.org/oas/v3.0.3).
//
//go:embed openapi.yaml
var Description []byte

func (a *API) describe(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "application/yaml", Description)
}

func (a *API) stats(w http.ResponseWriter, r *http.Request) {
	n, err := a.People.Count(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, http.StatusOK, map[string]int{"users": n})
}
