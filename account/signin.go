package account

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
)

// maxSignInBody is how many bytes a sign-in may have.
const maxSignInBody = 64 << 10

// SignIn returns the handler that signs people in: a POST with the fields email and password, as
// a form or as JSON, gets a session cookie and the user as JSON. Whatever is wrong with the pair,
// the answer is the same 401. The session that the browser had ends. A browser on another site
// cannot use it (login CSRF).
//
// It attaches sessions to d: see [Directory.Attach].
func (d *Directory) SignIn(sessions *session.Manager) http.Handler {
	d.Attach(sessions)
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			answer(w, http.StatusMethodNotAllowed, problem{"use POST"})
			return
		}
		if err := crossOrigin.Check(r); err != nil {
			answer(w, http.StatusForbidden, problem{"sign-in from another site refused"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxSignInBody)
		email, plain, err := credentials(r)
		if err != nil {
			status := http.StatusBadRequest
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			answer(w, status, problem{"email and password expected, as a form or as JSON"})
			return
		}
		u, token, err := d.Login(WithRequest(r.Context(), r), sessions, email, plain)
		refused := (*throttle.Refused)(nil)
		switch {
		case err == nil:
			d.EndCarried(r, sessions)
			sessions.SetCookie(w, token)
			d.SetDevice(w, r, u)
			answer(w, http.StatusOK, u)
		case errors.As(err, &refused):
			w.Header().Set("Retry-After", strconv.Itoa(int(refused.RetryAfter/time.Second)))
			answer(w, http.StatusTooManyRequests, problem{"too many attempts"})
		case errors.Is(err, handstamp.ErrBadCredential):
			answer(w, http.StatusUnauthorized, problem{"wrong email or password"})
		case errors.Is(err, password.ErrTooLong):
			answer(w, http.StatusBadRequest, problem{"password too long"})
		default:
			if !errors.Is(err, password.ErrBusy) {
				d.Notify.Fault(r.Context(), "sign in", err)
			}
			w.Header().Set("Retry-After", "1")
			answer(w, http.StatusServiceUnavailable, problem{"try again in a moment"})
		}
	})
}

// EndCarried ends the session that r carries, as its token is about to be forgotten by whoever has
// just signed in with r. It may be one that somebody else has planted; nothing of it goes on. A
// failure does not undo the login, and is told to Notify.
func (d *Directory) EndCarried(r *http.Request, sessions *session.Manager) {
	if token, ok := sessions.TokenOf(r); ok {
		if err := sessions.End(r.Context(), token); err != nil && !errors.Is(err, session.ErrGone) {
			d.Notify.Fault(r.Context(), "end the session before a sign-in", err)
		}
	}
}

// errCredentials means that a body does not hold an email and a password.
var errCredentials = errors.New("email and password expected")

// credentials reads email and password from r's body, neither of them empty.
func credentials(r *http.Request) (email, plain string, err error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		email, plain, err = jsonCredentials(r)
	} else {
		var fields form.Fields
		fields, err = form.Read(r)
		email, plain = fields["email"], fields["password"]
	}
	if err == nil && (email == "" || plain == "") {
		err = errCredentials
	}
	return email, plain, err
}

func jsonCredentials(r *http.Request) (email, plain string, err error) {
	body, err := jsonobject.ReadStrict(r)
	if err != nil {
		return "", "", err
	}
	for name, into := range map[string]*string{"email": &email, "password": &plain} {
		text, err := body.Text(name)
		if err != nil {
			return "", "", err
		}
		if text != nil {
			*into = *text
		}
	}
	return email, plain, nil
}

type problem struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
