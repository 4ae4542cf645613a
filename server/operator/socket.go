package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/token/keyring"
)

// maxCall is how many bytes a call or its answer may have: an import of millions of users.
const maxCall = 1 << 30

// The calls, by the path of their request. A call is a POST with the argument as JSON, and its
// answer is the result as JSON, or the text of an error.
const (
	callAddUser     = "/add-user"
	callUsers       = "/users"
	callUser        = "/user"
	callSetPassword = "/set-password"
	callDeleteUser  = "/delete-user"
	callImport      = "/import"
	callBackup      = "/backup"
	callExport      = "/export"
)

// nothing is the argument of a call that needs none.
type nothing struct{}

// someUsers is the argument of callUsers.
type someUsers struct{ Search string }

// newPassword is the argument of callSetPassword.
type newPassword struct{ Who, Plain string }

// newBatch is the argument of callImport.
type newBatch struct {
	Users    []newUser
	Sessions []session.Record
	Claims   []importer.Claim
	Notes    []importer.Note

	EmailsOnce, DryRun bool
}

// newUser is a user with what JSON must not show otherwise.
type newUser struct {
	account.User
	PasswordHash string
}

// known are the errors that keep their meaning on the way through the socket, by what stands for
// them in the header of an answer.
var known = map[string]error{
	"no-user":     account.ErrNoUser,
	"email-taken": account.ErrEmailTaken,
	"email":       account.ErrEmail,
	"password":    account.ErrPassword,
	"too-long":    password.ErrTooLong,
	"busy":        password.ErrBusy,
	"last":        account.ErrLast,
	"role":        account.ErrRole,
	"search":      account.ErrSearch,
	"gone":        session.ErrGone,
	"no-links":    ErrNoLinks,
	"no-sessions": ErrNoSessions,
	"no-audit":    ErrNoAudit,
	"no-clients":  ErrNoClients,
	"no-client":   client.ErrNoClient,
	"client-name": client.ErrName,
	"scope":       client.ErrScope,
	"no-keys":     ErrNoKeys,
	"no-nodes":    ErrNoNodes,
	"no-outbox":   ErrNoOutbox,
	"secret":      keyring.ErrSecret,
	"sealed":      keyring.ErrSealed,
	"broken":      audit.ErrBroken,
	"file-there":  fs.ErrExist,
}

const errorHeader = "Handstamp-Error"

// ErrConnection means that the server could not be reached, or that the connection broke off before
// it answered. Then it may have done what it was asked for.
var ErrConnection = errors.New("no answer from the running server")

// Handler offers o to the clients of a socket.
func Handler(o Operator) http.Handler {
	mux := http.NewServeMux()
	offer(mux, callAddUser, o.AddUser)
	offer(mux, callUsers, func(ctx context.Context, some someUsers) ([]account.User, error) { return o.Users(ctx, some.Search) })
	offer(mux, callUser, o.User)
	offer(mux, callSetPassword, func(ctx context.Context, p newPassword) (account.User, error) {
		return o.SetPassword(ctx, p.Who, p.Plain)
	})
	offer(mux, callDeleteUser, o.DeleteUser)
	offer(mux, callImport, func(ctx context.Context, n newBatch) (importer.Result, error) {
		batch := importer.Batch{Sessions: n.Sessions, Claims: n.Claims, Notes: n.Notes, EmailsOnce: n.EmailsOnce, DryRun: n.DryRun}
		for _, u := range n.Users {
			u.User.PasswordHash = u.PasswordHash
			batch.Users = append(batch.Users, u.User)
		}
		return o.Import(ctx, batch)
	})
	offer(mux, callSetRole, func(ctx context.Context, n newRole) (account.User, error) { return o.SetRole(ctx, n.Who, n.Role) })
	offer(mux, callSetDisabled, func(ctx context.Context, n newState) (account.User, error) {
		return o.SetDisabled(ctx, n.Who, n.Disabled)
	})
	offer(mux, callSetupLink, func(ctx context.Context, _ nothing) (string, error) { return o.SetupLink(ctx) })
	offer(mux, callResetLink, o.ResetLink)
	offer(mux, callSessionsOf, o.SessionsOf)
	offer(mux, callEndSession, func(ctx context.Context, s oneSession) (nothing, error) {
		return nothing{}, o.EndSession(ctx, s.Who, s.ID)
	})
	offer(mux, callEndSessions, func(ctx context.Context, who string) (nothing, error) { return nothing{}, o.EndSessions(ctx, who) })
	offer(mux, callAddClient, o.AddClient)
	offer(mux, callListClients, func(ctx context.Context, _ nothing) ([]client.Client, error) { return o.ListClients(ctx) })
	offer(mux, callDeleteClient, func(ctx context.Context, id handstamp.ID) (nothing, error) {
		return nothing{}, o.DeleteClient(ctx, id)
	})
	offer(mux, callEntries, o.Entries)
	offer(mux, callVerifyAudit, o.VerifyAudit)
	offer(mux, callSigningKeys, func(ctx context.Context, _ nothing) ([]keyring.Key, error) { return o.SigningKeys(ctx) })
	offer(mux, callRotateKeys, o.RotateKeys)
	offer(mux, callImportSecret, o.ImportSecret)
	offer(mux, callNodes, func(ctx context.Context, _ nothing) ([]node.Peer, error) { return o.Nodes(ctx) })
	offer(mux, callGuarantees, func(ctx context.Context, _ nothing) ([]guarantee.Guarantee, error) { return o.Guarantees(ctx) })
	offer(mux, callDeadLetters, o.DeadLetters)
	offer(mux, callRetryLetters, o.RetryLetters)
	offer(mux, callDropLetters, o.DropLetters)
	offer(mux, callBackup, o.Backup)
	offerExport(mux, o)
	return mux
}

func offer[In, Out any](mux *http.ServeMux, path string, do func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCall)).Decode(&in); err != nil {
			http.Error(w, "malformed call: "+err.Error(), http.StatusBadRequest)
			return
		}
		out, err := do(AsOperator(r.Context()), in)
		if err != nil {
			for name, meaning := range known {
				if errors.Is(err, meaning) {
					w.Header().Set(errorHeader, name)
				}
			}
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // a client that is gone needs no answer
	})
}

// AsOperator returns a context in which events are an operator's doing.
func AsOperator(ctx context.Context) context.Context {
	return handstamp.WithOrigin(ctx, handstamp.Origin{Operator: "operator"})
}

// A Client is the Operator behind a socket.
type Client struct{ http http.Client }

// NewClient returns the Operator that listens on the Unix socket at path.
func NewClient(path string) *Client {
	return &Client{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
		DisableKeepAlives: true,
	}}}
}

func call[In, Out any](ctx context.Context, c *Client, path string, in In) (Out, error) {
	var out Out
	answer, err := c.post(ctx, path, in)
	if err != nil {
		return out, err
	}
	defer answer.Close()
	if err := json.NewDecoder(io.LimitReader(answer, maxCall)).Decode(&out); err != nil {
		return out, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	return out, nil
}

// post sends a call and returns the answer, which is the caller's to close, or the error that it
// is.
func (c *Client) post(ctx context.Context, path string, in any) (io.ReadCloser, error) {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(in); err != nil {
		return nil, fmt.Errorf("call the running server: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://operator"+path, &body)
	if err != nil {
		return nil, fmt.Errorf("call the running server: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4<<10))
		return nil, &remoteError{
			text:    string(bytes.TrimSpace(text)),
			meaning: known[response.Header.Get(errorHeader)],
		}
	}
	return response.Body, nil
}

// remoteError is an error that the other side of the socket has said.
type remoteError struct {
	text    string
	meaning error // one of known, or nil
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.meaning }

// AddUser implements [Operator].
func (c *Client) AddUser(ctx context.Context, details account.Details) (account.User, error) {
	return call[account.Details, account.User](ctx, c, callAddUser, details)
}

// Users implements [Operator].
func (c *Client) Users(ctx context.Context, search string) ([]account.User, error) {
	return call[someUsers, []account.User](ctx, c, callUsers, someUsers{search})
}

// User implements [Operator].
func (c *Client) User(ctx context.Context, who string) (account.User, error) {
	return call[string, account.User](ctx, c, callUser, who)
}

// SetPassword implements [Operator].
func (c *Client) SetPassword(ctx context.Context, who, plain string) (account.User, error) {
	return call[newPassword, account.User](ctx, c, callSetPassword, newPassword{who, plain})
}

// DeleteUser implements [Operator].
func (c *Client) DeleteUser(ctx context.Context, who string) (account.User, error) {
	return call[string, account.User](ctx, c, callDeleteUser, who)
}

// Import implements [Operator].
func (c *Client) Import(ctx context.Context, batch importer.Batch) (importer.Result, error) {
	n := newBatch{Sessions: batch.Sessions, Claims: batch.Claims, Notes: batch.Notes, EmailsOnce: batch.EmailsOnce, DryRun: batch.DryRun}
	for _, u := range batch.Users {
		n.Users = append(n.Users, newUser{u, u.PasswordHash})
	}
	return call[newBatch, importer.Result](ctx, c, callImport, n)
}
