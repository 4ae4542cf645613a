package main

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/store/redisstore"
)

// openRedis opens the sessions that are kept apart from users, as one of the nodes that share them.
func (s serveSettings) openRedis(ctx context.Context, config redisstore.Config) (*redisstore.Store, error) {
	config.Name, config.Lease = s.nodeName(), time.Duration(s.Lease)
	config.Strict, config.Replicas = s.Revocation == strictRevocation, s.SessionStoreReplicas
	config.Lifetime = max(time.Duration(s.SessionLifetime), time.Duration(s.TokenRenewable))
	store, err := redisstore.Open(ctx, withPassword(s.SessionStore.url, s.SessionStorePassword), config)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.SessionStore, err)
	}
	return store, nil
}

// keepInRedis opens the sessions and attempts that now says to keep apart from users.
func (s *service) keepInRedis(ctx context.Context, now serveSettings, own *opened) (*redisstore.Store, error) {
	config := redisstore.Config{Report: s.reportLease, Trace: func(step node.Step) { s.traceLease(step) }}
	if own.audit != nil {
		config.Record = own.audit.Record
	}
	return now.openRedis(ctx, config)
}
