package pages

import (
	"net/http"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/server/api"
)

const (
	adminPath         = "/admin"
	adminUsersPath    = adminPath + "/users"
	adminSessionsPath = adminPath + "/sessions"
	adminAuditPath    = adminPath + "/audit"
)

// rowsPerPage is how long a list is before it goes on on another page.
const rowsPerPage = 50

// recentRows is how many events stand where the audit log is only touched upon.
const recentRows = 8

// adminRoutes are for administrators.
func (p *Pages) adminRoutes() []api.Route {
	page := func(section string, do func(v *visit) error) api.Method { return p.page(api.Admin, section, do) }
	get := func(path, section string, do func(v *visit) error) api.Route {
		return api.Route{Path: path, Methods: map[string]api.Method{http.MethodGet: page(section, do)}}
	}
	post := func(path, section string, back func(v *visit) string, do func(v *visit) error) api.Route {
		return api.Route{Path: path, Methods: map[string]api.Method{
			http.MethodGet: page(section, backTo(back)), http.MethodPost: page(section, do),
		}}
	}
	routes := []api.Route{
		get(adminPath, "overview", (*visit).showOverview),
		get(adminUsersPath, "users", (*visit).showUsers),
		{Path: adminUsersPath + "/new", Methods: map[string]api.Method{
			http.MethodGet:  page("users", (*visit).showNewUser),
			http.MethodPost: page("users", p.freshly("user-create", usersPath, (*visit).createUser)),
		}},
		get(adminUsersPath+"/{id}", "users", (*visit).showUser),
		get(adminSessionsPath, "sessions", (*visit).showSessions),
		post(adminSessionsPath+"/{id}/end", "sessions", func(v *visit) string { return v.path(adminSessionsPath) }, (*visit).endSession),
	}
	for name, act := range map[string]func(v *visit) error{
		"profile": (*visit).editUser, "role": (*visit).editRole, "disable": (*visit).disableUser, "enable": (*visit).enableUser,
		"reset-link": (*visit).makeResetLink, "delete": (*visit).deleteUser,
	} {
		routes = append(routes, post(adminUsersPath+"/{id}/"+name, "users", userPath, p.freshly("user-"+name, userPath, act)))
	}
	routes = append(routes, post(adminUsersPath+"/{id}/end-sessions", "users", userPath, (*visit).endUserSessions))
	if p.api.Audit != nil {
		routes = append(routes, get(adminAuditPath, "audit", (*visit).showAudit))
	}
	return routes
}

func (v *visit) showOverview() error {
	users, err := v.api.People.Count(v.r.Context())
	if err != nil {
		return err
	}
	body := overviewBody{Users: users}
	if v.node != nil {
		node := v.node(v.r.Context())
		body.Node, body.Sessions = &node, node.Sessions
	}
	if body.Recent, err = v.recent(audit.Filter{}); err != nil {
		return err
	}
	return v.show(http.StatusOK, "overview", body)
}
