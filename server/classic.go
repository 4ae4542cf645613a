package server

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// Classic returns the profile of the founding API, weaknesses included. cookie is the session
// cookie, whether sessions are kept or not: that one came changes what a stranger is told.
func Classic(cookie session.Cookie) Profile {
	return Profile{
		Routes: (*api.API).ClassicRoutes,
		API: api.Style{
			Format:           func(w io.Writer) io.Writer { return &classicJSON{out: w} },
			NoCodes:          true,
			MethodNotAllowed: classicPage("405 Method Not Allowed", "The method is not allowed for the requested URL."),
			SignInProblem:    classicSignInProblem,
		},
		Refusal: func(r *http.Request, err error) api.Problem { return classicRefusal(cookie, r, err) },
		Origins: classicOrigins,
		InternalError: classicPage("500 Internal Server Error", "The server encountered an internal error and "+
			"was unable to complete your request. Either the server is overloaded or there is an error in the application."),
		InternalErrorType: "text/html; charset=utf-8",
		NoChallenges:      true,
		AnySlash:          true,
	}
}

// classicPage returns one of the framework's pages for errors.
func classicPage(title, text string) []byte {
	_, name, _ := strings.Cut(title, " ")
	return []byte("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n" +
		"<title>" + title + "</title>\n<h1>" + name + "</h1>\n<p>" + text + "</p>\n")
}

// classicSignInProblem tells strangers who has an account here, as the founding API did.
func classicSignInProblem(err error) api.Problem {
	if errors.Is(err, account.ErrUnknownUser) {
		return api.Problem{Status: http.StatusNotFound, Message: "no user found for this email"}
	}
	return api.Problem{Status: http.StatusUnauthorized, Message: "wrong password"}
}

// classicRefusal says 401 to those who bring nothing and 403 to those who bring anything at all,
// be it a kind of credential that is not in force.
func classicRefusal(cookie session.Cookie, r *http.Request, err error) api.Problem {
	if handstamp.StatusOf(err) == http.StatusServiceUnavailable {
		return api.Unavailable
	}
	_, hasCookie := cookie.Read(r.Header)
	if !hasCookie && r.Header.Get("Authorization") == "" {
		return api.Unauthorized
	}
	return api.Forbidden
}

// classicOrigins lets pages of every origin use the API, though never with a cookie of theirs. A
// preflight that needs a credential is refused by the gate, as it carries none.
func classicOrigins(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return
	}
	header.Set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		names := strings.FieldsFunc(asked, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
		slices.Sort(names)
		header.Set("Access-Control-Allow-Headers", strings.Join(names, ", "))
	}
}
