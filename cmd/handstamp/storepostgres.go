package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/metrics"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
)

// clusterPurpose is what a value is made for by which nodes see whether they have the same master key.
const clusterPurpose = "same key on all nodes 1"

// openPostgres opens the database of several nodes as one of them, and makes the data folder, where what is this node's
// own has its place.
func (f dataFolder) openPostgres(ctx context.Context, s serveSettings, config sqlstore.PostgresConfig) (*opened, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	config.Name, config.Version = s.nodeName(), versionName()
	config.Lease, config.Strict = time.Duration(s.Lease), s.Revocation == strictRevocation
	store, err := postgres.Open(ctx, withPassword(s.Store.url, s.StorePassword), config)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.Store, err)
	}
	return &opened{store: store, people: account.New(store.Users()), closeDB: func() error { return nil }}, nil
}

// sharedBy returns what makes this process one of those that share the sessions, or nil where it has them for itself.
func (o *opened) sharedBy() *node.Node {
	if o.redis != nil {
		return o.redis.Node()
	}
	return o.store.Node()
}

// follows returns the stores of which o hears what others change.
func (o *opened) follows() []metrics.Follower {
	n := o.store.Node()
	if n == nil {
		return nil
	}
	return []metrics.Follower{{Store: string(storePostgres), State: n.State}}
}

// peers returns how to learn of the nodes that share the store, or nil where there is one only.
func (o *opened) peers() func(context.Context) ([]node.Peer, error) {
	switch {
	case o.store.Node() != nil:
		return o.store.Nodes
	case o.redis != nil:
		return o.redis.Nodes
	default:
		return nil
	}
}

// promised returns how to learn what the servers of the stores promise, or nil where there are none of others.
func (o *opened) promised() func(context.Context) ([]guarantee.Guarantee, error) {
	if o.sharedBy() == nil {
		return nil
	}
	return func(ctx context.Context) (all []guarantee.Guarantee, err error) {
		if o.store.Node() != nil {
			g, err := o.store.Guarantee(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, g)
		}
		if o.redis != nil {
			g, err := o.redis.Guarantee(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, g)
		}
		return all, nil
	}
}

// strictRevocation is the value of the setting revocation for which a revoke waits for all nodes.
const strictRevocation = "strict"

// nodeName returns what this node is called.
func (s serveSettings) nodeName() string {
	if s.NodeName != "" {
		return s.NodeName
	}
	name, err := os.Hostname()
	if err != nil {
		return "unnamed"
	}
	return name
}

// sameKey returns an error if other nodes of the database have another master key than o.
func (o *opened) sameKey(ctx context.Context, f dataFolder) error {
	if o.store.Node() == nil {
		return nil
	}
	err := o.store.CheckKey(ctx, o.key.Derive(clusterPurpose))
	if errors.Is(err, sqlstore.ErrOtherKey) {
		return fmt.Errorf("%w: every node needs the same one; copy %s from the node that was first, or name one key on all with %s_FILE",
			err, f.masterKeyFile(), masterKeyVariable)
	}
	return err
}

// storeSettings returns the settings of "serve" on this folder, as far as the environment and the settings file in the
// folder say, for the sake of what they say of stores.
func (f dataFolder) storeSettings() (serveSettings, error) {
	loaded, err := loadServeSettings(map[string][]string{"data": {string(f)}}, os.Environ())
	// Never a database in the folder in place of one elsewhere that was misspelled; what else is wrong is no matter
	// of commands.
	if err != nil && (loaded.IsSet("store") || loaded.IsSet("session-store")) {
		return serveSettings{}, err
	}
	return loaded.Values, nil
}

// operateNode calls do with the Operator of the server that runs on this folder, or where none runs, with one for the
// database of all nodes.
func (f dataFolder) operateNode(ctx context.Context, s serveSettings, do func(operator.Operator) error) error {
	if conn, err := new(net.Dialer).DialContext(ctx, "unix", f.socket()); err == nil {
		return errors.Join(conn.Close(), do(operator.NewClient(f.socket())))
	}
	own, err := f.openPostgres(ctx, s, sqlstore.PostgresConfig{})
	if err != nil {
		return err
	}
	return f.operateOwn(ctx, s, own, do)
}
