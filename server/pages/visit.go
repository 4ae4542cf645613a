package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// A visit is one request for a page.
type visit struct {
	*Pages
	w        http.ResponseWriter
	r        *http.Request
	language *texts.Language
	fields   form.Fields // what a form has sent; nil for none
	section  string      // which entry of the navigation the page belongs to
}

// who says who is asking; zero for nobody.
func (v *visit) who() handstamp.Identity {
	who, _ := handstamp.From(v.r.Context())
	return who
}

// page is a route's method for access: do answers, or returns why it does not.
func (p *Pages) page(access api.Access, section string, do func(v *visit) error) api.Method {
	return api.Method{Access: access, Do: func(w http.ResponseWriter, r *http.Request) {
		v := p.visit(w, r)
		v.section = section
		if err := v.enter(access); err != nil {
			v.fail(err)
			return
		}
		if r.Method != http.MethodPost && v.switchLanguage() {
			return
		}
		if err := do(v); err != nil {
			v.fail(err)
		}
	}}
}

func (p *Pages) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Pages: p, w: w, r: r, language: p.languageOf(r)}
}

// enter lets pass who may do what the request asks for: by a session, as a password that a browser sends along by itself
// is no sign of what its user wants, and with a form that is ours.
func (v *visit) enter(access api.Access) error {
	if access != api.Public && v.who().Method != handstamp.MethodSession {
		return handstamp.ErrNoCredential
	}
	if v.r.Method != http.MethodPost {
		return nil
	}
	fields, err := form.Read(v.r)
	if err != nil {
		return err
	}
	v.fields = fields
	if access == api.Public {
		return nil // these forms come back with what was typed, and say what to do
	}
	if !v.isOwnForm() {
		return errForm
	}
	return nil
}

// recognise says who is signed in, where nobody has to be.
func (v *visit) recognise() error {
	who, err := v.api.Guard.Identify(v.r)
	switch {
	case err == nil && who.Method == handstamp.MethodSession:
		v.r = v.r.WithContext(handstamp.WithIdentity(v.r.Context(), who))
		return nil
	case err == nil, errors.Is(err, handstamp.ErrBadCredential), errors.Is(err, handstamp.ErrNoCredential):
		return nil
	default:
		return err
	}
}

// user returns who is signed in.
func (v *visit) user() (account.User, error) { return v.api.People.User(v.r.Context(), v.who().UserID) }

// path returns a path of ours for a link.
func (v *visit) path(parts ...string) string { return v.api.Base + strings.Join(parts, "") }

// done answers what has succeeded: by the page at path, which says so in the words of "done."+key.
func (v *visit) done(path, key string) error {
	if key != "" {
		path += "?" + url.Values{doneParameter: {key}}.Encode()
	}
	return v.seeOther(path)
}

// doneParameter is the parameter of a page that says what was just done.
const doneParameter = "done"

// seeOther sends the browser to a target, which must be ours or have been judged.
func (v *visit) seeOther(target string) error {
	v.w.Header().Set("Location", target)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// backTo leads to the page on which a form stands. The path of the form is in the address bar where it comes back with
// what was wrong with it, and so in links to other languages and in the way back from a login.
func backTo(page func(v *visit) string) func(v *visit) error {
	return func(v *visit) error { return v.seeOther(page(v)) }
}

// typed returns the profile in the form.
func (v *visit) typed() profile {
	return profile{Email: v.fields["email"], FirstName: v.fields["first_name"], LastName: v.fields["last_name"]}
}
