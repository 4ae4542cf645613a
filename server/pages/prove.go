package pages

import (
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/server/api"
)

const confirmPath = "/confirm"

// proveRoute is for apps that want a password to have been proved a short while ago: they lead here, and the way leads back.
func (p *Pages) proveRoute() api.Route {
	return api.Route{Path: confirmPath, Methods: map[string]api.Method{
		http.MethodGet:  p.page(api.Public, "", (*visit).prove),
		http.MethodPost: p.page(api.Public, "", (*visit).prove),
	}}
}

// prove leads back who is fresh, and asks everybody else for the password: by the login who is not signed in, which
// leads back as well.
func (v *visit) prove() error {
	if err := v.recognise(); err != nil {
		return err
	}
	to, isAsked := v.target()
	isForm := v.fields != nil
	switch {
	case v.who().IsZero() && isAsked:
		return v.seeOther(v.path(loginPath) + "?" + url.Values{returnField: {to}}.Encode())
	case v.who().IsZero():
		return v.seeOther(v.path(loginPath))
	case !isForm && v.api.IsFresh(v.who()):
		return v.seeOther(to)
	case isForm && !v.isOwnForm():
		return errForm
	}
	if !isForm { // what the confirm step carries along is what a form has sent
		v.fields = form.Fields{returnField: to}
	}
	return v.freshly("return", toAccount, func(v *visit) error { return v.goOn(onwardBody{to, "onward.title"}) })(v)
}
