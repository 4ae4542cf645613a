package api

import (
	"context"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/form"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/session"
)

// A ResetLink is what an administrator hands on to a user, who chooses a new password with it.
type ResetLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"` // at least until then it is good
}

// NewResetLink makes a reset link for a user, in the name of whom ctx says: an administrator who has
// proved the password a short while ago. There is none for oneself, as a new password of one's own
// wants the old one, and not only a session that somebody may have stolen.
func (a *API) NewResetLink(ctx context.Context, user handstamp.ID) (ResetLink, error) {
	who, _ := handstamp.From(ctx)
	if err := a.administrator(ctx, who); err != nil {
		return ResetLink{}, err
	}
	if err := a.fresh(ctx, who); err != nil {
		return ResetLink{}, err
	}
	if user == who.UserID {
		return ResetLink{}, Forbidden.because("A new password of one's own wants the old one")
	}
	if a.ResetURL == nil {
		return ResetLink{}, account.ErrNoLinks
	}
	expires := time.Now().Add(account.ResetTime).UTC().Truncate(time.Second) // before it is made, so never too late
	secret, err := a.People.NewResetLink(ctx, user, account.ResetTime)
	if err != nil {
		return ResetLink{}, err
	}
	return ResetLink{URL: a.ResetURL(secret), ExpiresAt: expires}, nil
}

func (a *API) makeResetLink(w http.ResponseWriter, r *http.Request) error {
	u, err := a.pathUser(r)
	if err != nil {
		return err
	}
	link, err := a.NewResetLink(r.Context(), u.ID)
	if err != nil {
		return err
	}
	a.answer(w, http.StatusCreated, link)
	return nil
}

// ResetPassword sets the password of the JSON, or the form, in r's body, with the link whose secret the
// path names, and answers as to a program. The page for people is that of package pages.
func (a *API) ResetPassword(w http.ResponseWriter, r *http.Request) { a.handle(a.resetPassword)(w, r) }

func (a *API) resetPassword(w http.ResponseWriter, r *http.Request) error {
	plain, err := readNewPassword(r)
	if err != nil {
		return err
	}
	u, err := a.People.Reset(r.Context(), session.Token(r.PathValue("secret")), plain)
	if err != nil {
		return err
	}
	a.People.SetDevice(w, r, u) // so that nobody who goes on guessing keeps the user from the first sign-in
	a.answer(w, http.StatusOK, viewOf(u))
	return nil
}

func readNewPassword(r *http.Request) (string, error) {
	if !jsonobject.IsJSON(r) {
		fields, err := form.Read(r)
		if err != nil {
			return "", bodyProblem(err)
		}
		if fields["password"] == "" {
			return "", missing("password")
		}
		return fields["password"], nil
	}
	body, err := readMembers(r, "password")
	if err != nil {
		return "", err
	}
	return body.required("password")
}
