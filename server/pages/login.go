package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/api"
)

const (
	loginPath    = "/login"
	logoutPath   = "/logout"
	registerPath = "/register"
	accountPath  = "/account"
)

// returnField is where somebody wants to be after a login: a parameter of the page, and a field of its form.
const returnField = "return_to"

// doorRoutes are the ways in and out.
func (p *Pages) doorRoutes() []api.Route {
	return []api.Route{
		{Path: loginPath, Methods: map[string]api.Method{
			http.MethodGet:  p.page(api.Public, "", (*visit).showLogin),
			http.MethodPost: p.page(api.Public, "", (*visit).login),
		}},
		{Path: logoutPath, Methods: map[string]api.Method{
			http.MethodGet:  p.page(api.Public, "", (*visit).showLogout),
			http.MethodPost: p.page(api.Public, "", (*visit).logout),
		}},
		{Path: registerPath, Methods: map[string]api.Method{
			http.MethodGet:  p.page(api.Public, "", (*visit).showRegister),
			http.MethodPost: p.page(api.Public, "", (*visit).register),
		}},
		p.proveRoute(),
	}
}

// loginURL returns the path of the login that leads back to where the request comes from.
func (v *visit) loginURL() string {
	path, back := v.path(loginPath), v.whereFrom()
	if back == v.home || back == v.path("/") && !v.isBefore || mayHoldSecret(back) {
		return path // which leads home
	}
	return path + "?" + url.Values{returnField: {back}}.Encode()
}

// mayHoldSecret reports whether a target may be a link that works once and was mistyped: what it says
// belongs into no other URL.
func mayHoldSecret(target string) bool {
	plain, err := url.PathUnescape(target)
	plain = strings.ToLower(plain)
	return err != nil || strings.Contains(plain, "setup") || strings.Contains(plain, "reset")
}

// target returns where a login leads, and whether somebody has asked for it. Whatever is not ours and not on the list
// is as good as nothing.
func (v *visit) target() (to string, isAsked bool) {
	asked := v.fields[returnField]
	if v.fields == nil {
		asked = v.r.URL.Query().Get(returnField)
	}
	if to, ok := v.returns.Resolve(asked); ok {
		return to, true
	}
	return v.home, false
}

func (v *visit) loginBody() loginBody {
	return loginBody{Email: v.fields["email"], ReturnTo: v.returnTo(), MayRegister: v.mayRegister()}
}

// returnTo returns the target that somebody has asked for; empty for none.
func (v *visit) returnTo() string {
	if to, isAsked := v.target(); isAsked {
		return to
	}
	return ""
}

func (v *visit) mayRegister() bool { return v.api.MayRegister != nil && v.api.MayRegister() }

func (v *visit) showLogin() error {
	if err := v.recognise(); err != nil {
		return err
	}
	if !v.who().IsZero() {
		to, _ := v.target()
		return v.seeOther(to)
	}
	return v.show(http.StatusOK, "login", v.loginBody())
}

// login takes our own form, and that of an app on our origin, which has email, password and perhaps return_to.
func (v *visit) login() error {
	if !v.isOwnForm() && !v.isFromOurOrigin() {
		return v.retry(errForm, "login", v.loginBody(), nil)
	}
	err := v.enterAs(v.fields["email"], v.fields["password"])
	if err == nil {
		to, _ := v.target()
		return v.goOn(onwardBody{to, "onward.title"})
	}
	if problem := api.ProblemOf(err); problem.Status == http.StatusUnauthorized {
		v.announce(problem)
		return v.showWith(problem.Status, "login", v.loginBody(), message{problem: v.say("login.refused")})
	}
	return v.retry(err, "login", v.loginBody(), nil)
}

// enterAs begins a session for who has just said, or chosen, this password.
func (v *visit) enterAs(email, plain string) error {
	_, err := v.api.SignIn(v.w, v.r, email, plain)
	return err
}

// showLogout asks, as nobody should be signed out by a link.
func (v *visit) showLogout() error {
	if err := v.recognise(); err != nil {
		return err
	}
	to := v.returnTo()
	switch {
	case v.who().IsZero() && to != "":
		return v.seeOther(to)
	case v.who().IsZero():
		return v.seeOther(v.path(loginPath))
	}
	return v.show(http.StatusOK, "logout", logoutBody{to})
}

// logout ends the session, and leads to where somebody has asked for. Where there is no session any more, the browser
// forgets what is left of it.
func (v *visit) logout() error {
	if err := v.recognise(); err != nil {
		return err
	}
	if v.who().IsZero() {
		v.api.Forget(v.w)
		return v.leave()
	}
	if !v.isOwnForm() {
		return errForm
	}
	if err := v.api.SignOut(v.w, v.r); err != nil {
		return err
	}
	v.r = v.r.WithContext(handstamp.WithIdentity(v.r.Context(), handstamp.Identity{})) // the next page is a stranger's
	return v.leave()
}

// leave leads on from a logout.
func (v *visit) leave() error {
	if to := v.returnTo(); to != "" {
		return v.goOn(onwardBody{to, "onward.signed-out"})
	}
	return v.done(v.path(loginPath), "signed-out")
}

func (v *visit) accountForm() accountForm {
	typed := v.typed()
	return accountForm{
		Email: typed.Email, FirstName: typed.FirstName, LastName: typed.LastName,
		ReturnTo: v.returnTo(), MinLength: v.minLength(),
	}
}

// minLength returns how long a new password must be, in code points.
func (v *visit) minLength() int {
	if v.api.People.Rules == nil {
		return 0
	}
	return v.api.People.Rules().Least()
}

func (v *visit) showRegister() error {
	if !v.mayRegister() {
		return api.RegistrationClosed
	}
	return v.show(http.StatusOK, "register", v.accountForm())
}

// register makes an account for a stranger, and signs in to it.
func (v *visit) register() error {
	if !v.mayRegister() {
		return api.RegistrationClosed
	}
	if !v.isOwnForm() {
		return v.retry(errForm, "register", v.accountForm(), nil)
	}
	details := api.DetailsOf(v.fields)
	details.Role = api.UserRole
	if _, err := v.api.People.Register(v.withRequest(), details); err != nil {
		return v.retry(err, "register", v.accountForm(), nil)
	}
	return v.enterNew(details.Email, details.Password, "welcome", "registered")
}

// enterNew signs in to an account that was just made, or whose password was just chosen, and says key. Where that
// fails, the account is there all the same, and the login says outside.
func (v *visit) enterNew(email, plain, key, outside string) error {
	if !v.signIn {
		return v.show(http.StatusOK, "finished", finishedBody{outside})
	}
	to, isAsked := v.target()
	if err := v.enterAs(email, plain); err != nil {
		if handstamp.StatusOf(err) == http.StatusServiceUnavailable {
			v.api.LogFailure(v.r, "cannot sign in to a new account", err)
		}
		return v.done(v.path(loginPath), outside)
	}
	if isAsked {
		return v.goOn(onwardBody{to, "onward.title"})
	}
	return v.done(v.path(accountPath), key)
}

// goOn leads from a form to its target. To an app it leads by way of a page: browsers hold the whole chain of redirects
// behind a form against the page's form-action, and where an app sends people on to is not known here.
func (v *visit) goOn(to onwardBody) error {
	if u, err := url.Parse(to.Target); err == nil && u.Host == "" &&
		(strings.HasPrefix(u.Path+"/", v.path(accountPath, "/")) || strings.HasPrefix(u.Path+"/", v.path(adminPath, "/"))) {
		return v.seeOther(to.Target)
	}
	v.w.Header().Set("Refresh", "0; url="+to.Target)
	return v.show(http.StatusOK, "onward", to)
}
