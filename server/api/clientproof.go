package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/client"
)

// readParameters returns the form in r's body. What RFC 6749, section 3.2 forbids is an error, and so is a
// query: what stands in a URL is written down on the way.
func readParameters(r *http.Request) (url.Values, error) {
	if r.URL.RawQuery != "" {
		return nil, invalidRequest("Parameters stand in the body, and not in the URL")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, invalidRequest("The body is not a form of the type application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalidRequest("The form cannot be read")
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, invalidRequest("A parameter is there twice")
		}
	}
	return form, nil
}

// proveClient returns an error unless r comes from a client that has proved it in one way: by HTTP Basic, or by
// parameters in the form (RFC 6749, section 2.3.1). Credentials of users are none.
func (a *API) proveClient(r *http.Request, form url.Values) error {
	var err error
	switch inForm := form.Has("client_id") || form.Has("client_secret"); {
	case inForm && len(r.Header["Authorization"]) > 0:
		return invalidRequest("A client proves who it is in one way, and not in two")
	case inForm:
		_, err = a.Clients.Authenticate(r.Context(), form.Get("client_id"), client.Secret(form.Get("client_secret")))
	default:
		_, err = a.clientDoor(new(client.Client)).Authenticate(r)
	}
	if handstamp.StatusOf(err) == http.StatusUnauthorized {
		return invalidClient
	}
	return err
}

// clientDoor is the Authenticator of clients by HTTP Basic, who notes in found which it was.
func (a *API) clientDoor(found *client.Client) *account.Basic {
	return &account.Basic{Realm: "Handstamp clients", Verify: func(ctx context.Context, id, secret string) (handstamp.Identity, error) {
		id, idErr := url.QueryUnescape(id)
		secret, secretErr := url.QueryUnescape(secret)
		if idErr != nil || secretErr != nil {
			return handstamp.Identity{}, handstamp.ErrBadCredential
		}
		c, err := a.Clients.Authenticate(ctx, id, client.Secret(secret))
		*found = c
		return handstamp.Identity{Name: c.Name}, err
	}}
}
