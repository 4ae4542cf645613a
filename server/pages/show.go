package pages

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// policy is what a page may do (Content Security Policy): load what is ours, and send its forms home.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// doneKeys are what pages say that was just done; no link can make them say anything else.
var doneKeys = []string{
	"profile", "email", "password", "session-ended", "others-ended", "user-created", "user-saved", "user-disabled", "user-enabled",
	"role", "sessions-ended", "user-deleted", "account-deleted", "signed-out", "registered", "reset", "welcome", "new-password",
}

// A message is what a page says about a form that could not be carried out.
type message struct {
	problem string            // of the form as a whole
	errors  map[string]string // of single fields
}

// show answers with a page.
func (v *visit) show(status int, name string, body any) error {
	return v.showWith(status, name, body, message{})
}

func (v *visit) showWith(status int, name string, body any, m message) error {
	shown := view{
		Language: v.language,
		Name:     name,
		Base:     v.api.Base,
		Brand:    v.brand,
		Choices:  v.choices(),
		IsAdmin:  v.api.IsAdmin(v.who()),
		HasAudit: v.api.Audit != nil,
		Section:  v.section,
		Token:    v.token(),
		Problem:  m.problem,
		Errors:   m.errors,
		Body:     body,
	}
	if shown.Token == "" && name != "problem" { // which has no form for strangers
		shown.Token = v.newToken()
	}
	if v.who().Method == handstamp.MethodSession { // who came in another way cannot sign out of it
		if u, err := v.user(); err == nil { // else the page says less
			shown.Who = &u
		}
	}
	if done := v.r.URL.Query().Get(doneParameter); v.r.Method != http.MethodPost && slices.Contains(doneKeys, done) {
		shown.Done = done
	}
	var text bytes.Buffer
	if err := shown.writeTo(&text); err != nil {
		v.api.LogFailure(v.r, "cannot make a page", err)
		text.Reset()
		status = http.StatusInternalServerError
	}
	header := v.w.Header()
	if status != http.StatusUnauthorized {
		header.Del("WWW-Authenticate") // which a wrong password has left for the JSON interface
	}
	v.headers()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(text.Len()))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(text.Bytes()) // a client that is gone needs no answer
	return nil
}

// headers sets those that all pages have, beside those of every answer.
func (v *visit) headers() {
	header := v.w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Content-Language", v.language.Tag())
	header.Add("Vary", "Accept-Language")
	// Paths may hold a secret, so other sites learn nothing. To our own, a form has to say from which origin
	// it comes, which browsers leave out under "no-referrer".
	header.Set("Referrer-Policy", "same-origin")
}

// profileOf returns what a form shows of a user.
func profileOf(u account.User) profile {
	typed := profile{Email: u.Email}
	if u.FirstName != nil {
		typed.FirstName = *u.FirstName
	}
	if u.LastName != nil {
		typed.LastName = *u.LastName
	}
	return typed
}
