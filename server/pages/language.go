package pages

import (
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp/server/pages/texts"
)

const (
	languageParameter = "lang"
	languageCookie    = "language"
	languageSeconds   = 365 * 24 * 60 * 60
)

// languageOf returns the language of who asks: chosen by a switch of ours, else the browser's.
func (p *Pages) languageOf(r *http.Request) *texts.Language {
	chosen := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	return p.texts.Choose(chosen, r.Header.Get("Accept-Language"))
}

// switchLanguage answers a link that switches the language: by the same page in that one.
func (v *visit) switchLanguage() bool {
	query := v.r.URL.Query()
	tag := query.Get(languageParameter)
	if tag == "" {
		return false
	}
	for _, known := range v.texts.Languages() {
		if known.Tag() == tag {
			http.SetCookie(v.w, &http.Cookie{
				Name: languageCookie, Value: tag, Path: v.path("/"), MaxAge: languageSeconds,
				HttpOnly: true, Secure: !v.insecure, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	query.Del(languageParameter)
	target, ok := v.returns.Resolve(pathWith(v.r.URL, query))
	if !ok { // an odd path, which browsers might read as another site
		target = v.path(accountPath)
	}
	_ = v.seeOther(target)
	return true
}

// choices are the links that switch the language of the page that is shown. They are relative to it, unless it is the
// answer to a form: then they lead to the page on which that stood.
func (v *visit) choices() []language {
	page := &url.URL{RawQuery: v.r.URL.RawQuery}
	if v.r.Method == http.MethodPost {
		page, _ = url.Parse(v.whereFrom()) // which is ours, and so can be read
	}
	var choices []language
	for _, known := range v.texts.Languages() {
		query := page.Query()
		query.Set(languageParameter, known.Tag())
		choices = append(choices, language{
			Tag: known.Tag(), Name: known.Name(), URL: pathWith(page, query), IsCurrent: known.Tag() == v.language.Tag(),
		})
	}
	return choices
}

// pathWith returns the path of u with another query.
func pathWith(u *url.URL, query url.Values) string {
	target := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: query.Encode()}
	return target.String()
}
