package api

import "net/http"

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

func (a *API) stats(w http.ResponseWriter, r *http.Request) {
	n, err := a.People.Count(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, http.StatusOK, map[string]int{"users": n})
}
