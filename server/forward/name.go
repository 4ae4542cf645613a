package forward

import (
	"context"
	"errors"
	"net/http"

	"github.com/handstamp/handstamp"
)

// identityHeaders are those by which the app learns who is asking, by their canonical names.
var identityHeaders = [...]string{"X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization"}

// nothing is an empty header. It is shared by all answers: whoever adds to it gets a slice of its own.
var nothing = []string{""}

// names are the values of identityHeaders.
type names [len(identityHeaders)]string

// nobody is who is asking where that is not known, or not told.
var nobody *names

// writeTo sets every header, or empties it for nobody, so that nothing which a client has sent under these names is
// left where a proxy copies them.
func (n *names) writeTo(header http.Header) {
	for i, name := range identityHeaders {
		if n == nil {
			header[name] = nothing
		} else {
			header[name] = n[i : i+1 : i+1]
		}
	}
}

// errUnsafe is a bug, or somebody's trick, elsewhere: neither emails nor roles have control characters.
var errUnsafe = errors.New("what is known of a user cannot stand in a header")

// name says who is asking, to the app at the origin audience. What is not ASCII is there as UTF-8.
func (j *Judge) name(ctx context.Context, who handstamp.Identity, audience string) (*names, error) {
	email, err := j.emails.of(ctx, who.UserID)
	if err != nil {
		return nil, err
	}
	credential := ""
	if j.Upstream != nil {
		token, err := j.Upstream(ctx, who, audience)
		if err != nil {
			return nil, err
		}
		credential = "Bearer " + token
	}
	user, session := idTexts(who.UserID, who.SessionID)
	called := &names{user, email, who.Role, session, credential}
	for _, value := range called {
		if hasControl(value) {
			return nil, errUnsafe
		}
	}
	return called, nil
}

// hasControl reports whether a text has a control character of ASCII. It goes by bytes: a token has hundreds.
func hasControl(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == 0x7f {
			return true
		}
	}
	return false
}

// idTexts returns two IDs as text, and zero ones as none, in one allocation.
func idTexts(a, b handstamp.ID) (string, string) {
	buffer := make([]byte, 0, 2*len("00000000-0000-4000-8000-000000000000"))
	if !a.IsZero() {
		buffer, _ = a.AppendText(buffer)
	}
	end := len(buffer)
	if !b.IsZero() {
		buffer, _ = b.AppendText(buffer)
	}
	text := string(buffer)
	return text[:end], text[end:]
}
