package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
)

// errForm means that a form was not made by a page of ours for who sends it.
var errForm = errors.New("form is not one of ours")

// tokenField is the hidden field of every form.
const tokenField = "form_token"

// minFormKey is how many bytes a key of forms has at least: as many as what it makes.
const minFormKey = sha256.Size

// formTokens makes what shows that a form is ours, beside that browsers say which site a request
// comes from. A token is bound to the session, or, before there is one, to a cookie for visitors.
type formTokens struct{ key []byte }

func (f formTokens) of(kind, value string) string {
	mac := hmac.New(sha256.New, f.key)
	mac.Write([]byte(kind + "\x00" + value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// VisitorCookie returns the name of the cookie for those who are not signed in. With HTTPS nobody
// but this host can set it; insecure is for a site without.
func VisitorCookie(insecure bool) string {
	if insecure {
		return "visitor"
	}
	return "__Host-visitor"
}

// token returns the token of the forms for who asks, or "" where there is nothing to bind it to.
func (v *visit) token() string {
	if who := v.who(); !who.SessionID.IsZero() {
		return v.tokens.of("session", who.SessionID.String())
	}
	if cookies := v.r.CookiesNamed(VisitorCookie(v.insecure)); len(cookies) == 1 && cookies[0].Value != "" {
		return v.tokens.of("visitor", cookies[0].Value)
	}
	return ""
}

// newToken returns the token of the forms for a visitor, who gets a cookie to bind it to.
func (v *visit) newToken() string {
	cookie := &http.Cookie{
		Name: VisitorCookie(v.insecure), Value: rand.Text(), Path: "/",
		HttpOnly: true, Secure: !v.insecure, SameSite: http.SameSiteLaxMode,
	}
	http.SetCookie(v.w, cookie)
	return v.tokens.of("visitor", cookie.Value)
}

// isOwnForm reports whether the form that was sent is ours.
func (v *visit) isOwnForm() bool {
	want := v.token()
	return want != "" && hmac.Equal([]byte(want), []byte(v.fields[tokenField]))
}

// isFromOurOrigin reports whether a form without a token comes from a page of our own origin, as an app has one that
// shares it. No page can make a browser say so of another one (Fetch Metadata; Sec-Fetch-Site is a header that scripts
// cannot set), and a page of our origin could read a token from ours anyway.
func (v *visit) isFromOurOrigin() bool {
	_, hasToken := v.fields[tokenField]
	sites := v.r.Header["Sec-Fetch-Site"]
	return !hasToken && len(sites) == 1 && sites[0] == "same-origin"
}
