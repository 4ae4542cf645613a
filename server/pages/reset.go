package pages

import (
	"net/http"

	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/server/api"
)

// resetRoutes is where somebody with a reset link chooses a new password.
func (p *Pages) resetRoutes() []api.Route {
	return []api.Route{
		{Path: "/reset/{secret}", Methods: map[string]api.Method{
			http.MethodGet:  {Access: api.Public, Do: p.resetForm},
			http.MethodPost: {Access: api.Public, Do: p.resetPassword},
		}},
	}
}

// A reset is what the form shows, and what comes after it.
type reset struct {
	Problem  string // what was wrong with the password; empty for nothing
	Name     string // whose it is
	Email    string // for the browser's memory of passwords
	Disabled bool
}

func (p *Pages) resetForm(w http.ResponseWriter, r *http.Request) {
	p.showReset(w, r, http.StatusOK, "")
}

// showReset shows the form for as long as the link is good.
func (p *Pages) showReset(w http.ResponseWriter, r *http.Request, status int, problem string) {
	u, err := p.API.People.ResetLink(r.Context(), secretOf(r))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, status, "reset.html", reset{Problem: problem, Name: u.DisplayName(), Email: u.Email})
}

// resetPassword sets the password, for a browser that sends the form and for a program.
func (p *Pages) resetPassword(w http.ResponseWriter, r *http.Request) {
	if jsonobject.IsJSON(r) || wantsJSON(r) {
		p.API.ResetPassword(w, r)
		return
	}
	fields, err := form.Read(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	u, err := p.API.People.Reset(r.Context(), secretOf(r), fields["password"])
	if err == nil {
		p.API.People.SetDevice(w, r, u)
		p.show(w, r, http.StatusOK, "resetdone.html", reset{Disabled: u.Disabled})
		return
	}
	problem := api.ProblemOf(err)
	if problem.Status != http.StatusBadRequest {
		p.fail(w, r, err)
		return
	}
	p.showReset(w, r, problem.Status, problem.Message)
}
