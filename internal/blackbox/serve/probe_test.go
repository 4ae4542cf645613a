package serve_test

// A probe is a request by which it shows whether a credential is good.
type probe struct {
	credential         string
	method, path, body string
	isHeavy            bool // the server may have to hash a password for it
	at                 door
}

// A door is where it is asked.
type door int

const (
	byAPI          door = iota
	byPage              // as a browser
	byProxy             // for an app: the path is the app's
	byIntrospector      // a service asks about the token
)

// A form that ends a session that is nobody's: whoever may send it learns that there is none.
const endNobodys = "/account/sessions/00000000-0000-4000-8000-000000000000/end"

// probesOf returns the probes of all credentials.
func (s *scene) probes() (all []probe) {
	for _, credential := range []string{actor, other, bystander, admin} {
		all = append(all,
			probe{credential: credential, method: "GET", path: api + "/users/me"},                       // the cache
			probe{credential: credential, method: "GET", path: api + "/auth_session"},                   // the cache, then the store
			probe{credential: credential, method: "GET", path: api + "/auth_session/data"},              // the bag
			probe{credential: credential, method: "PUT", path: api + "/auth_session/data/k", body: "1"}, // a write, which must bring nothing back
			probe{credential: credential, method: "GET", path: "/account", at: byPage},
			probe{credential: credential, method: "POST", path: endNobodys, at: byPage},
			probe{credential: credential, path: "/", at: byProxy},
		)
	}
	for _, credential := range []string{bearerToken, otherToken} {
		all = append(all,
			probe{credential: credential, method: "GET", path: api + "/users/me"},
			probe{credential: credential, method: "GET", path: api + "/auth_session"},
			probe{credential: credential, method: "GET", path: api + "/auth_session/data"},
			probe{credential: credential, method: "PUT", path: api + "/auth_session/data/k", body: "1"},
			probe{credential: credential, path: "/", at: byProxy},
		)
		if s.service != nil {
			all = append(all, probe{credential: credential, at: byIntrospector})
		}
	}
	return append(all,
		probe{credential: pair, method: "GET", path: api + "/users/me", isHeavy: true},
		probe{credential: pair, path: "/", at: byProxy, isHeavy: true},
		probe{credential: rights, method: "GET", path: api + "/stats", isHeavy: true},
		probe{credential: rights, path: "/admin/", at: byProxy, isHeavy: true},
	)
}

// isIn sends the probe and says whether it was let in. Any answer but those that there may be is an
// error.
func (s *scene) isIn(p probe, answered bool) bool {
	s.t.Helper()
	switch p.at {
	case byPage:
		return s.isInPage(p, answered)
	case byProxy:
		return s.isInApp(p)
	case byIntrospector:
		return s.service.isActive(s.credentials[p.credential].jwt())
	}
	got := s.credentials[p.credential].copied().do(p.method, p.path, p.body)
	switch {
	case got.status == 200 || got.status == 204:
		return true
	case got.status == 401, got.status == 403 && p.credential == rights:
		return false
	case got.status == 404 && !answered: // the user is gone, and the session is about to be
		return false
	}
	s.t.Errorf("%s: %d %s", p, got.status, got.body)
	return false
}

// String names the probe.
func (p probe) String() string {
	if p.at == byIntrospector {
		return p.credential + ", introspected"
	}
	if p.at == byProxy {
		return p.credential + ", in an app"
	}
	return p.credential + ", " + p.method + " " + p.path
}

// isInApp is isIn for an app behind a proxy: it learns nothing of who is not let in. The contract looks at
// the headers.
func (s *scene) isInApp(p probe) bool {
	s.t.Helper()
	got := s.credentials[p.credential].copied().verify(p.path)
	switch {
	case got.status == 200:
		if (p.credential == bystander || p.credential == admin) != (got.header.Get("X-Auth-User") != s.victim.id) {
			s.t.Errorf("%s is user %q", p, got.header.Get("X-Auth-User"))
		}
		return true
	case got.status == 401, got.status == 403 && p.credential == rights:
		return false
	}
	s.t.Errorf("%s: %d %s", p, got.status, got.body)
	return false
}

// isInPage is isIn for pages: who is not let in gets the login, and nothing to see.
func (s *scene) isInPage(p probe, answered bool) bool {
	s.t.Helper()
	headers := []string{"Accept", "text/html"}
	if p.method == "POST" {
		headers = append(headers, "Content-Type", formType)
		p.body = s.forms[p.credential]
	}
	got := s.credentials[p.credential].copied().do(p.method, p.path, p.body, headers...)
	switch {
	case got.status == 200 && p.method == "GET", got.status == 404 && p.method == "POST":
		return true
	case got.isLogin(s.target):
		return false
	case got.status == 404 && !answered: // the user is gone, and the session is about to be
		return false
	}
	s.t.Errorf("%s: %d %s %s", p, got.status, got.header.Get("Location"), got.body)
	return false
}
