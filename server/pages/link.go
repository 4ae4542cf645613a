package pages

import (
	"context"
	"net/http"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// linkRoutes are those of links that work once: for the first administrator, and for who needs a new password.
// Programs get the answers of the JSON interface.
func (p *Pages) linkRoutes() []api.Route {
	return []api.Route{
		{Path: "/setup/{secret}", Methods: map[string]api.Method{
			http.MethodGet:  p.page(api.Public, "", (*visit).showSetup),
			http.MethodPost: p.forPrograms(p.api.SetUp, p.page(api.Public, "", (*visit).setUp)),
		}},
		{Path: "/reset/{secret}", Methods: map[string]api.Method{
			http.MethodGet:  p.page(api.Public, "", (*visit).showReset),
			http.MethodPost: p.forPrograms(p.api.ResetPassword, p.page(api.Public, "", (*visit).reset)),
		}},
	}
}

// forPrograms lets program answer who sends or wants JSON, and page everybody else. The secret in the path shows
// that it is no other site that asks.
func (p *Pages) forPrograms(program http.HandlerFunc, page api.Method) api.Method {
	return api.Method{Access: page.Access, Do: func(w http.ResponseWriter, r *http.Request) {
		if jsonobject.IsJSON(r) || wantsJSON(r) {
			program(w, r)
			return
		}
		page.Do(w, r)
	}}
}

func (v *visit) secret() session.Token { return session.Token(v.r.PathValue("secret")) }

// withRequest returns the context for whatever is charged to who asks.
func (v *visit) withRequest() context.Context { return account.WithRequest(v.r.Context(), v.r) }

func (v *visit) showSetup() error {
	ok, err := v.api.People.IsSetupLink(v.r.Context(), v.secret())
	if err != nil {
		return err
	}
	if !ok {
		return account.ErrNoLink
	}
	return v.show(http.StatusOK, "setup", v.accountForm())
}

// setUp makes an administrator, and signs in.
func (v *visit) setUp() error {
	if !v.isOwnForm() {
		return v.retry(errForm, "setup", v.accountForm(), nil)
	}
	details := api.DetailsOf(v.fields)
	if _, err := v.api.People.SetUp(v.r.Context(), v.secret(), details); err != nil {
		return v.retry(err, "setup", v.accountForm(), nil)
	}
	return v.enterNew(details.Email, details.Password, "welcome", "registered")
}

func (v *visit) showReset() error {
	u, err := v.api.People.ResetLink(v.r.Context(), v.secret())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "reset", v.resetBody(u))
}

func (v *visit) resetBody(u account.User) resetBody {
	return resetBody{Email: u.Email, MinLength: v.minLength()}
}

// reset gives the user of a link a new password, and signs in with it.
func (v *visit) reset() error {
	u, err := v.api.People.ResetLink(v.r.Context(), v.secret())
	if err != nil {
		return err
	}
	if !v.isOwnForm() {
		return v.retry(errForm, "reset", v.resetBody(u), nil)
	}
	plain := v.fields["new_password"]
	if u, err = v.api.People.Reset(v.r.Context(), v.secret(), plain); err != nil {
		return v.retry(err, "reset", v.resetBody(u), map[string]string{"password": "new_password"})
	}
	return v.enterNew(u.Email, plain, "new-password", "reset")
}
