package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
)

// A Clients manages the services that may ask about tokens.
type Clients interface {
	// AddClient makes a client. Its error may wrap [client.ErrName] and [client.ErrScope].
	AddClient(ctx context.Context, wanted ClientDetails) (AddedClient, error)

	// ListClients returns all clients, the oldest first.
	ListClients(ctx context.Context) ([]client.Client, error)

	// DeleteClient removes a client, or returns [client.ErrNoClient].
	DeleteClient(ctx context.Context, id handstamp.ID) error
}

// ClientDetails are those of a client to be made.
type ClientDetails struct {
	Name  string       `json:"name"`
	Scope client.Scope `json:"scope"`
}

// An AddedClient is a client with the secret that is shown once.
type AddedClient struct {
	client.Client
	Secret client.Secret `json:"secret"`
}

// ErrNoClients means that nobody may ask about tokens here.
var ErrNoClients = errors.New("no clients are kept here")

// AddClient implements [Operator].
func (l *Local) AddClient(ctx context.Context, wanted ClientDetails) (AddedClient, error) {
	if l.Clients == nil {
		return AddedClient{}, ErrNoClients
	}
	c, secret, err := l.Clients.Add(ctx, wanted.Name, wanted.Scope)
	return AddedClient{c, secret}, err
}

// ListClients implements [Operator].
func (l *Local) ListClients(ctx context.Context) ([]client.Client, error) {
	if l.Clients == nil {
		return nil, ErrNoClients
	}
	return l.Clients.List(ctx)
}

// DeleteClient implements [Operator].
func (l *Local) DeleteClient(ctx context.Context, id handstamp.ID) error {
	if l.Clients == nil {
		return ErrNoClients
	}
	err := l.Clients.Delete(ctx, id)
	if errors.Is(err, client.ErrNoClient) {
		return fmt.Errorf("%w: %s", client.ErrNoClient, id)
	}
	return err
}

// The calls of Clients.
const (
	callAddClient    = "/add-client"
	callListClients  = "/clients"
	callDeleteClient = "/delete-client"
)

// AddClient implements [Operator].
func (c *Client) AddClient(ctx context.Context, wanted ClientDetails) (AddedClient, error) {
	return call[ClientDetails, AddedClient](ctx, c, callAddClient, wanted)
}

// ListClients implements [Operator].
func (c *Client) ListClients(ctx context.Context) ([]client.Client, error) {
	return call[nothing, []client.Client](ctx, c, callListClients, nothing{})
}

// DeleteClient implements [Operator].
func (c *Client) DeleteClient(ctx context.Context, id handstamp.ID) error {
	_, err := call[handstamp.ID, nothing](ctx, c, callDeleteClient, id)
	return err
}
