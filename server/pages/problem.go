package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/api"
)

// Refuse answers a request that gets nowhere with a page, and reports whether it has: not for the
// JSON interface, and not for programs. A stranger is sent to the login, and back from there.
func (p *Pages) Refuse(w http.ResponseWriter, r *http.Request, problem api.Problem) bool {
	if !p.asksForPage(r) || problem.Status == http.StatusUnauthorized && !p.signIn { // which browsers ask for by themselves
		return false
	}
	v := p.visit(w, r)
	switch problem.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		// Links to other languages lead to the page itself, where nothing else follows them. From an app's, the login
		// leads back with all that the app is asked for.
		isApps := p.isBefore && problem.Status == http.StatusUnauthorized && !p.patterns[r.Pattern]
		if !isApps && (r.Method == http.MethodGet || r.Method == http.MethodHead) && v.switchLanguage() {
			return true
		}
	}
	if problem.Status == http.StatusUnauthorized {
		_ = v.seeOther(v.loginURL())
		return true
	}
	v.showProblem(problem, nil)
	return true
}

// asksForPage reports whether a person in front of a browser is likely to see the answer.
func (p *Pages) asksForPage(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, p.api.Base+api.Prefix+"/") || wantsJSON(r) {
		return false
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html") || p.patterns[r.Pattern]
}

// wantsJSON reports whether r asks for JSON, and not as for anything else, too.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// whereFrom returns the path of the page that asks, or from which a form was sent.
func (v *visit) whereFrom() string {
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		return v.r.URL.RequestURI()
	}
	// Not every browser says it, or more than the site, of which the pages may be a part. The path of a form leads there, too.
	from, err := url.Parse(v.r.Header.Get("Referer"))
	if err != nil || !strings.HasPrefix(from.Path, v.path("/")) {
		from = v.r.URL
	}
	if target, ok := v.returns.Resolve(from.RequestURI()); ok { // a path, and so ours
		return target
	}
	return v.path(accountPath)
}

// fail answers with a page that says what err means.
func (v *visit) fail(err error) {
	if errors.Is(err, errForm) {
		err = formExpired
	}
	problem := api.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		v.api.LogFailure(v.r, "cannot show a page", err)
	}
	if problem.Status == http.StatusUnauthorized {
		_ = v.seeOther(v.loginURL())
		return
	}
	v.showProblem(problem, err)
}

// formExpired is what errForm says.
var formExpired = api.Problem{Status: http.StatusForbidden, Code: "form_expired", Message: "This form is not good any more"}

func (v *visit) showProblem(problem api.Problem, err error) {
	v.announce(problem)
	_ = v.show(problem.Status, "problem", problemBody{
		Status: problem.Status,
		Title:  v.say("status." + strconv.Itoa(problem.Status)),
		Text:   v.explain(problem, err),
		Back:   v.path("/"),
	})
}

// announce sets the headers that go with a problem.
func (v *visit) announce(problem api.Problem) {
	if seconds := problem.RetryAfterSeconds(); seconds > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if problem.Status == http.StatusUnauthorized {
		v.w.Header().Set("WWW-Authenticate", api.SessionChallenge) // for which browsers have no window
	}
}

// explain says what a problem means, and what to do about it. err is what it was made of, or nil.
func (v *visit) explain(problem api.Problem, err error) string {
	var args []any
	if short, ok := errors.AsType[*password.TooShortError](err); ok {
		args = []any{"min", short.Min}
	} else if problem.Status == http.StatusTooManyRequests {
		wait, _ := v.language.Duration(problem.RetryAfter)
		args = []any{"wait", wait}
	}
	text, err := v.language.Text("problem."+problem.Code, args...)
	if err != nil {
		v.api.LogFailure(v.r, "a problem without words", err)
		return problem.Message
	}
	return text
}

// say returns a text of the catalogue, or "" where a bug has asked for one that is not there.
func (v *visit) say(key string, args ...any) string {
	text, err := v.language.Text(key, args...)
	if err != nil {
		v.api.LogFailure(v.r, "a page without words", err)
	}
	return text
}

// fieldOf says which field of a form a problem is about, by its code. What is in none of them is about the form.
var fieldOf = map[string]string{
	"email_not_acceptable":    "email",
	"email_taken":             "email",
	"name_too_long":           "first_name",
	"password_not_acceptable": "password",
	"password_too_short":      "password",
	"password_too_common":     "password",
	"password_too_long":       "password",
	"role_unknown":            "role",
}

// retry answers a form that could not be carried out with the same form, in which stands what was typed and what was
// wrong with it. names says how the form calls fields that are called otherwise in fieldOf.
func (v *visit) retry(err error, name string, body any, names map[string]string) error {
	if errors.Is(err, errForm) {
		err = formExpired
	}
	problem := api.ProblemOf(err)
	if problem.Status == http.StatusNotFound {
		return err // what the form was for is not there
	}
	if problem.Status >= http.StatusInternalServerError {
		v.api.LogFailure(v.r, "cannot carry out a form", err)
	}
	v.announce(problem)
	text := v.explain(problem, err)
	m := message{problem: text}
	field := fieldOf[problem.Code]
	if first, last := v.fields["first_name"], v.fields["last_name"]; field == "first_name" && utf8.RuneCountInString(last) > utf8.RuneCountInString(first) {
		field = "last_name" // one of them is too long, and so the longer one is
	}
	if named, ok := names[field]; ok {
		field = named
	} else if named, ok := names[problem.Code]; ok {
		field = named
	}
	if field != "" {
		m = message{errors: map[string]string{field: text}}
	}
	return v.showWith(problem.Status, name, body, m)
}
