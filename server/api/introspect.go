package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token"
)

func (a *API) introspectRoutes() []Route {
	return []Route{
		{Prefix + "/token/introspect", map[string]Method{
			http.MethodPost: {Client, a.introspect},
		}},
	}
}

// introspection is what a service is told of a token (RFC 7662, section 2.2). Of one that is not live it is told
// nothing more.
type introspection struct {
	Active    bool   `json:"active"`
	TokenType string `json:"token_type,omitempty"`
	Username  string `json:"username,omitempty"` // the email
	Subject   string `json:"sub,omitempty"`
	SessionID string `json:"sid,omitempty"`
	Issuer    string `json:"iss,omitempty"`
	Audience  string `json:"aud,omitempty"`
	ExpiresAt int64  `json:"exp,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
	ID        string `json:"jti,omitempty"`
	Role      string `json:"role,omitempty"`
}

// An oauthProblem is an error as OAuth has it (RFC 6749, section 5.2). RFC 7662, section 2.3 asks for that form,
// and the libraries that services ask with know no other.
type oauthProblem struct {
	Code        string `json:"error"` // for programs
	Description string `json:"error_description"`

	status int
}

// Error implements error.
func (p oauthProblem) Error() string { return p.Description }

func invalidRequest(description string) oauthProblem {
	return oauthProblem{"invalid_request", description, http.StatusBadRequest}
}

var invalidClient = oauthProblem{"invalid_client", "This client is not known, or the secret is wrong", http.StatusUnauthorized}

// introspect says whether a token is live, to a service that proves who it is.
func (a *API) introspect(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	found, err := a.introspected(r)
	if err == nil {
		a.answer(w, http.StatusOK, found)
		return
	}
	p, isOAuths := errors.AsType[oauthProblem](err)
	if !isOAuths {
		general := ProblemOf(err)
		p = oauthProblem{"invalid_request", general.Message, general.Status}
		if general.Status >= http.StatusInternalServerError {
			a.LogFailure(r, "cannot answer", err)
			p.Code = "temporarily_unavailable"
		}
		if seconds := general.RetryAfterSeconds(); seconds > 0 {
			header.Set("Retry-After", strconv.Itoa(seconds))
		}
	}
	if p.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", a.clientDoor(nil).Challenge(nil))
	}
	a.answer(w, p.status, p)
}

func (a *API) introspected(r *http.Request) (introspection, error) {
	form, formErr := readParameters(r)
	if _, ok := errors.AsType[*http.MaxBytesError](formErr); ok {
		return introspection{}, formErr
	}
	if err := a.proveClient(r, form); err != nil {
		return introspection{}, err
	}
	sent := form.Get("token")
	switch {
	case formErr != nil:
		return introspection{}, formErr
	case sent == "":
		return introspection{}, invalidRequest(`The parameter "token" is missing`)
	}
	claims, err := a.Tokens.Inspect(r.Context(), session.Token(sent))
	switch {
	case errors.Is(err, handstamp.ErrBadCredential):
		return introspection{}, nil
	case err != nil:
		return introspection{}, err
	}
	return a.introspectionOf(r.Context(), claims)
}

func (a *API) introspectionOf(ctx context.Context, claims token.Claims) (introspection, error) {
	found := introspection{
		Active:    true,
		TokenType: "Bearer",
		Subject:   claims.Subject.String(),
		Issuer:    claims.Issuer,
		Audience:  claims.Audience,
		ExpiresAt: numericDate(claims.ExpiresAt),
		IssuedAt:  numericDate(claims.IssuedAt),
		ID:        claims.ID,
		Role:      claims.Role,
	}
	if !claims.SessionID.IsZero() {
		found.SessionID = claims.SessionID.String()
	}
	u, err := a.People.User(ctx, claims.Subject)
	if err != nil && !errors.Is(err, account.ErrNoUser) { // who may be kept elsewhere
		return introspection{}, err
	}
	found.Username = u.Email
	return found, nil
}

// numericDate returns the seconds since 1970, or 0 for no time.
func numericDate(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
