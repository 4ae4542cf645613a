package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/token"
)

// ploneRoutes are those with which programs get bearer tokens, in the words of plone.restapi
// (https://plonerestapi.readthedocs.io/en/latest/usage/authentication.html). They are public, as each looks by
// itself for the credential that it is about.
func (a *API) ploneRoutes() []Route {
	var routes []Route
	for _, base := range []string{"", Prefix} {
		routes = append(routes,
			Route{base + "/@login", map[string]Method{http.MethodPost: {Public, a.plone(a.ploneLogin)}}},
			Route{base + "/@login-renew", map[string]Method{http.MethodPost: {Public, a.plone(a.ploneRenew)}}},
			Route{base + "/@logout", map[string]Method{http.MethodPost: {Public, a.plone(a.ploneLogout)}}},
		)
	}
	return routes
}

// A ploneProblem is an error in Plone's words.
type ploneProblem struct {
	Message string `json:"message"` // in the order of the alphabet, as Plone writes them
	Type    string `json:"type"`

	status int
	isBare bool // not wrapped into a member "error"
}

// Error implements error.
func (p ploneProblem) Error() string { return p.Message }

// What plone.restapi answers, to the letter.
var (
	ploneNoPair    = ploneProblem{"Login and password must be provided in body.", "Missing credentials", http.StatusBadRequest, false}
	ploneNotJSON   = ploneProblem{"No JSON object could be decoded", "DeserializationError", http.StatusBadRequest, true}
	ploneMalformed = ploneProblem{"Malformed body", "DeserializationError", http.StatusBadRequest, true}
	ploneWrongPair = ploneProblem{"Wrong login and/or password.", "Invalid credentials", http.StatusUnauthorized, false}
	ploneNotGood   = ploneProblem{"The authentication token is invalid or expired.", "Invalid or expired authentication token", http.StatusUnauthorized, false}
	ploneUnknown   = ploneProblem{"Unknown token", "Logout failed", http.StatusBadRequest, false}
)

// ploneToken is the answer that has a token.
type ploneToken struct {
	Token string `json:"token"`
}

// ploneError wraps a problem.
type ploneError struct {
	Error ploneProblem `json:"error"`
}

// ploneLogin begins a session for a program, which gets a token and no cookie: neither the session's nor one
// by which the device would be known.
func (a *API) ploneLogin(w http.ResponseWriter, r *http.Request) error {
	email, plain, err := readPlonePair(r)
	if err != nil {
		return err
	}
	_, jwt, err := a.People.Login(account.WithRequest(r.Context(), r), a.Tokens, email, plain)
	// What the pair cannot be is as wrong as what it is not.
	if status := ProblemOf(err).Status; err != nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
		w.Header().Set("WWW-Authenticate", a.Tokens.Challenge(handstamp.ErrNoCredential))
		return ploneWrongPair
	}
	if err != nil {
		return err
	}
	answerPlone(w, http.StatusOK, ploneToken{string(jwt)})
	return nil
}

// readPlonePair returns the email and the password in r's body. Members of other names are left alone, as Plone
// does.
func readPlonePair(r *http.Request) (email, plain string, err error) {
	if isEmpty, err := isEmptyBody(r); err != nil {
		return "", "", err
	} else if isEmpty {
		return "", "", ploneNoPair
	}
	object, err := jsonobject.ReadStrict(r)
	if err != nil {
		_, isSyntax := errors.AsType[*json.SyntaxError](err)
		switch {
		case bodyProblem(err).Status != http.StatusBadRequest:
			return "", "", bodyProblem(err)
		case isSyntax || !jsonobject.IsJSON(r):
			return "", "", ploneNotJSON
		default:
			return "", "", ploneMalformed
		}
	}
	body := members(object)
	if !body.has("login") || !body.has("password") {
		return "", "", ploneNoPair
	}
	email, loginErr := body.required("login")
	plain, passwordErr := body.required("password")
	if loginErr != nil || passwordErr != nil {
		return "", "", ploneMalformed
	}
	return email, plain, nil
}

// ploneRenew gives the session of a token its next token.
func (a *API) ploneRenew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	jwt, err := token.Of(r)
	if err == nil {
		var claims token.Claims
		claims, err = a.Tokens.Inspect(ctx, jwt)
		switch {
		case err == nil:
			if err := a.inPace(handstamp.Identity{UserID: claims.Subject, Role: claims.Role}); err != nil {
				return err
			}
		case !errors.Is(err, handstamp.ErrBadCredential):
			return err
		}
		// Also a token that is not live: one that was replaced long ago has been stolen from somebody, and
		// that is for Renew to see.
		jwt, err = a.Tokens.Renew(ctx, jwt)
	}
	switch {
	case handstamp.StatusOf(err) == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", a.Tokens.Challenge(err))
		return ploneNotGood
	case err != nil:
		return err
	}
	answerPlone(w, http.StatusOK, ploneToken{string(jwt)})
	return nil
}

// ploneLogout ends the session of a token.
func (a *API) ploneLogout(w http.ResponseWriter, r *http.Request) error {
	jwt, err := token.Of(r)
	if err == nil {
		err = a.Tokens.End(r.Context(), jwt)
	}
	switch {
	case handstamp.StatusOf(err) == http.StatusUnauthorized:
		return ploneUnknown
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// plone makes an http.HandlerFunc of do, which answers or returns why it does not.
func (a *API) plone(do func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		err := do(w, r)
		if err == nil {
			return
		}
		p, isPlones := errors.AsType[ploneProblem](err)
		if !isPlones { // for which Plone has no words
			general := ProblemOf(err)
			if general.Status >= http.StatusInternalServerError {
				a.LogFailure(r, "cannot answer", err)
			}
			if seconds := general.RetryAfterSeconds(); seconds > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(seconds))
			}
			p = ploneProblem{Message: general.Message, Type: http.StatusText(general.Status), status: general.Status}
		}
		if p.isBare {
			answerPlone(w, p.status, p)
			return
		}
		answerPlone(w, p.status, ploneError{p})
	}
}

// answerPlone writes JSON as Plone does: two blanks for each level, a blank after every comma, also at the end of
// a line, and no newline at the end.
func answerPlone(w http.ResponseWriter, status int, body any) {
	text, _ := json.MarshalIndent(body, "", "  ") // of texts, which cannot fail
	write(w, status, jsonType, bytes.ReplaceAll(text, []byte(",\n"), []byte(", \n")))
}
