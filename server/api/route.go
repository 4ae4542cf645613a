package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/handstamp/handstamp"
)

// Prefix is where the path of every route of the interface begins.
const Prefix = "/api/v1"

// A Route is a path and what it does for each method. A final slash makes no difference, unless it is
// spelled out as "/{$}". Every route also answers OPTIONS, and HEAD where it answers GET.
type Route struct {
	Path    string // a pattern of [http.ServeMux], without a method
	Methods map[string]Method
}

// A Method is what a route does for one method, and for whom.
type Method struct {
	Access Access
	Do     http.HandlerFunc
}

// An Access says who may call a method.
type Access int

// Who may call a method. What depends on whose object it is, the method decides by itself.
const (
	Public   Access = iota + 1 // everybody, and nobody is asked who it is
	Client                     // services that may ask about tokens; the method finds out by itself
	SignedIn                   // whoever has a good credential
	Session                    // whoever has a session, by its cookie or a bearer token
	Cookie                     // whoever has the cookie of a session
	Fresh                      // whoever has proved the password a short while ago
	Admin                      // administrators
)

// isGuarded reports whether the guard asks who wants to call it: the credential of a user.
func (access Access) isGuarded() bool { return access != Public && access != Client }

// policies returns what an Access requires.
func (a *API) policies(access Access) []handstamp.Policy {
	switch access {
	case SignedIn:
		return []handstamp.Policy{anybody}
	case Session:
		return []handstamp.Policy{bySession}
	case Cookie:
		return []handstamp.Policy{byCookie}
	case Fresh:
		return []handstamp.Policy{handstamp.Fresh(a.FreshFor)}
	case Admin:
		return []handstamp.Policy{a.administrator}
	default:
		return []handstamp.Policy{nobody}
	}
}

func anybody(context.Context, handstamp.Identity) error { return nil }

func nobody(context.Context, handstamp.Identity) error { return handstamp.ErrForbidden }

// bySession is a Policy for what a session is for, and not its user.
func bySession(_ context.Context, who handstamp.Identity) error {
	if !hasSession(who) {
		return handstamp.ErrNoCredential
	}
	return nil
}

// byCookie is a Policy for what is about the cookie itself.
func byCookie(ctx context.Context, who handstamp.Identity) error {
	if who.Method == handstamp.MethodBearer {
		return cookieNeeded
	}
	return bySession(ctx, who)
}

// administrator is a Policy.
func (a *API) administrator(_ context.Context, who handstamp.Identity) error {
	if !a.IsAdmin(who) {
		return handstamp.ErrForbidden
	}
	return nil
}

// IsAdmin reports whether who is an administrator here.
func (a *API) IsAdmin(who handstamp.Identity) bool {
	return !a.NoAdmin && a.People.AdminRole != "" && who.Role == a.People.AdminRole
}

// PublicPaths returns the paths under base at which somebody is welcome without a credential, for
// the field of that name of a [handstamp.Guard].
func PublicPaths(base string, routes []Route) []string {
	var paths []string
	for _, route := range routes {
		for _, method := range route.Methods {
			if !method.Access.isGuarded() {
				path, _, hasWildcard := strings.Cut(base+strings.TrimSuffix(route.Path, "{$}"), "{")
				if hasWildcard {
					path += "*"
				}
				paths = append(paths, path)
				break
			}
		}
	}
	return paths
}

// Mux returns the mux of routes under base. guard lets pass who may call a method; without one
// everybody may. Whatever is no route is 404 or 405.
func (a *API) Mux(base string, routes []Route, guard *handstamp.Guard) *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range routes {
		handler := a.dispatch(base+route.Path, route.Methods, guard)
		mux.Handle(base+route.Path, handler)
		if !strings.HasSuffix(route.Path, "/{$}") {
			mux.Handle(base+route.Path+"/{$}", handler)
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.TurnAway(w, r, NotFound) })
	return mux
}

func (a *API) dispatch(pattern string, methods map[string]Method, guard *handstamp.Guard) http.Handler {
	handlers := make(map[string]http.Handler)
	allowed := []string{http.MethodOptions}
	for name, method := range methods {
		handlers[name] = method.Do
		if method.Access.isGuarded() && guard != nil {
			handlers[name] = guard.Require(a.policies(method.Access)...)(method.Do)
		}
		allowed = append(allowed, name)
	}
	if get := handlers[http.MethodGet]; get != nil {
		handlers[http.MethodHead] = get // net/http drops the body
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = pattern // with and without a final slash it is the same route
		if handler := handlers[r.Method]; handler != nil {
			handler.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		switch page := a.Style.MethodNotAllowed; {
		case r.Method == http.MethodOptions && page == nil:
			w.WriteHeader(http.StatusNoContent)
		case r.Method == http.MethodOptions:
			write(w, http.StatusOK, htmlType, nil)
		case page == nil:
			a.TurnAway(w, r, MethodNotAllowed)
		default:
			write(w, http.StatusMethodNotAllowed, htmlType, page)
		}
	})
}
