package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// setupRoutes is where the first administrator comes from: whoever has a setup link.
func (p *Pages) setupRoutes() []api.Route {
	return []api.Route{
		{Path: "/setup/{secret}", Methods: map[string]api.Method{
			http.MethodGet:  {Access: api.Public, Do: p.setupForm},
			http.MethodPost: {Access: api.Public, Do: p.setUp},
		}},
	}
}

// A setup is what the form shows. What was typed stays, but for the password.
type setup struct {
	Problem                    string // what was wrong with it; empty for nothing
	Email, FirstName, LastName string
}

func (p *Pages) setupForm(w http.ResponseWriter, r *http.Request) {
	switch ok, err := p.API.People.IsSetupLink(r.Context(), secretOf(r)); {
	case err != nil:
		p.fail(w, r, err)
	case !ok:
		p.fail(w, r, account.ErrNoLink)
	default:
		p.show(w, r, http.StatusOK, "setup.html", setup{})
	}
}

func secretOf(r *http.Request) session.Token { return session.Token(r.PathValue("secret")) }

// setUp makes an administrator, for a browser that sends the form and for a program.
func (p *Pages) setUp(w http.ResponseWriter, r *http.Request) {
	if jsonobject.IsJSON(r) || wantsJSON(r) {
		p.API.SetUp(w, r)
		return
	}
	fields, err := form.Read(r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	_, err = p.API.People.SetUp(r.Context(), secretOf(r), api.DetailsOf(fields))
	if err == nil {
		p.show(w, r, http.StatusCreated, "done.html", nil)
		return
	}
	problem := api.ProblemOf(err)
	if problem.Status != http.StatusBadRequest && problem.Status != http.StatusConflict {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, problem.Status, "setup.html", setup{
		Problem:   problem.Message,
		Email:     fields["email"],
		FirstName: fields["first_name"],
		LastName:  fields["last_name"],
	})
}

// wantsJSON reports whether r asks for JSON, and not as for anything else, too.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// fail answers with a page that says what err means.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	problem := api.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		p.API.LogFailure(r, "cannot show a page", err)
	}
	if seconds := problem.RetryAfterSeconds(); seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	p.show(w, r, problem.Status, "problem.html", problem.Message)
}
