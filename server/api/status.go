package api

import "net/http"

func (a *API) statusRoutes() []Route {
	return []Route{
		{Path: Prefix + "/status", Public: true, Methods: map[string]http.HandlerFunc{
			http.MethodGet: func(w http.ResponseWriter, _ *http.Request) {
				a.answer(w, http.StatusOK, map[string]string{"status": "OK"})
			},
		}},
		{Path: Prefix + "/unauthorized", Public: true, Methods: map[string]http.HandlerFunc{
			http.MethodGet: func(w http.ResponseWriter, _ *http.Request) { a.Refuse(w, Unauthorized) },
		}},
		{Path: Prefix + "/forbidden", Public: true, Methods: map[string]http.HandlerFunc{
			http.MethodGet: func(w http.ResponseWriter, _ *http.Request) { a.Refuse(w, Forbidden) },
		}},
		{Path: Prefix + "/stats", Methods: map[string]http.HandlerFunc{http.MethodGet: a.stats}},
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
