package api

import (
	"context"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/internal/jsonobject"
	"github.com/handstamp/handstamp/internal/nodeapi"
	"github.com/handstamp/handstamp/server/relay"
)

// nodeRoutes are what the nodes of services renew their leases at.
func (a *API) nodeRoutes() []Route {
	return []Route{
		{nodeapi.RenewPath, asked(a, client.ScopeVerify, a.renewNode)},
		{nodeapi.ReleasePath, asked(a, client.ScopeVerify, a.releaseNode)},
		{nodeapi.ChangesPath, map[string]Method{
			http.MethodGet: {Client, a.handle(a.followChanges)},
		}},
	}
}

// asked returns what answers POST: to a client with a scope, whose body is JSON of the kind that do takes.
func asked[In any](a *API, scope client.Scope, do func(ctx context.Context, c client.Client, in In) (out any, err error)) map[string]Method {
	return map[string]Method{http.MethodPost: {Client, a.handle(func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.provenService(w, r, scope)
		if err != nil {
			return err
		}
		var in In
		if err := jsonobject.Decode(r, &in); err != nil {
			return bodyProblem(err)
		}
		out, err := do(r.Context(), c, in)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		a.answer(w, http.StatusOK, out)
		return nil
	})}}
}

// provenService returns the client that r comes from, which has proved it by HTTP Basic and may do what scope says.
func (a *API) provenService(w http.ResponseWriter, r *http.Request, scope client.Scope) (client.Client, error) {
	var c client.Client
	door := a.clientDoor(&c)
	switch _, err := door.Authenticate(r); {
	case handstamp.StatusOf(err) == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", door.Challenge(err))
		return client.Client{}, err
	case err != nil:
		return client.Client{}, err
	case c.Scope != scope && c.Scope != client.ScopeSessions:
		return client.Client{}, insufficientScope
	}
	return c, nil
}

// nothing is what there is to say where all is done.
type nothing struct{}

func (a *API) renewNode(_ context.Context, c client.Client, in nodeapi.Renewal) (any, error) {
	switch {
	case !isNodeName(in.Node):
		return nil, wrongFormat.because(`The member "node" is missing, or too long`)
	case in.LeaseMS < 0 || in.LeaseMS > time.Hour.Milliseconds():
		return nil, wrongFormat.because(`The member "lease_ms" is not a number from 0 to 3,600,000`)
	case len(in.Applied) > nodeapi.MaxFeeds || len(in.Name) > nodeapi.MaxName:
		return nil, wrongFormat.because(`The member "applied" or "name" is too long`)
	}
	news := a.Relay.Renew(relay.Renewal{
		Client: c.ID, Node: in.Node, Lease: time.Duration(in.LeaseMS) * time.Millisecond, Applied: in.Applied,
	})
	return nodeapi.News{
		Feed:        news.Feed,
		Incarnation: news.Incarnation,
		Head:        news.Head,
		Gap:         news.Gap,
		Changes:     nodeapi.ChangesOf(news.Changes),
		GoodMS:      news.Good.Milliseconds(), // rounded down
		Strict:      news.Strict,
	}, nil
}

func isNodeName(name string) bool { return name != "" && len(name) <= nodeapi.MaxName }

func (a *API) releaseNode(_ context.Context, c client.Client, in nodeapi.Release) (any, error) {
	if !isNodeName(in.Node) {
		return nil, wrongFormat.because(`The member "node" is missing, or too long`)
	}
	a.Relay.Release(c.ID, in.Node)
	return nothing{}, nil
}
