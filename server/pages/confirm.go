package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
)

// proofField is where the password stands that somebody was asked for again.
const proofField = "proof"

// secretFields are not sent back to the browser.
var secretFields = []string{tokenField, proofField, "password", "old_password", "new_password"}

// freshly lets do happen if the password was proved a short while ago. If not, it asks for the password first, and
// goes on where it was with what the form has said. act names what is going to be done, and cancel
// is the page to go back to.
func (p *Pages) freshly(act string, cancel func(v *visit) string, do func(v *visit) error) func(v *visit) error {
	return func(v *visit) error {
		if v.api.IsFresh(v.who()) {
			return do(v)
		}
		body := confirmBody{Action: v.r.URL.EscapedPath(), Cancel: cancel(v), Act: act}
		for name, value := range v.fields {
			if !slices.Contains(secretFields, name) {
				body.Fields = append(body.Fields, field{name, value})
			}
		}
		slices.SortFunc(body.Fields, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
		proof, isAnswer := v.fields[proofField]
		if !isAnswer {
			status := http.StatusForbidden
			if v.r.Method != http.MethodPost { // nothing was sent that could not be done
				status = http.StatusOK
			}
			return v.show(status, "confirm", body)
		}
		r, err := v.api.Prove(v.w, v.r, proof)
		switch {
		case err == nil:
			v.r = r
			return do(v)
		case errors.Is(err, session.ErrGone): // the password was right: the same form, sent twice, was faster
			return err
		case api.ProblemOf(err).Code == wrongPassword:
			return v.showWith(http.StatusForbidden, "confirm", body, message{
				errors: map[string]string{proofField: v.say("field.wrong_password")},
			})
		default:
			return v.retry(err, "confirm", body, map[string]string{"password": proofField})
		}
	}
}

// wrongPassword is the code of a password that is not the user's.
const wrongPassword = "credential_refused"
