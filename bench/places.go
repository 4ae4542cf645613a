package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/redisstore"
	"github.com/handstamp/handstamp/store/remotestore"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
)

// A place is where sessions are kept, as two nodes see it; one, where it is for one only.
type place struct {
	name  string
	nodes []session.Store
}

// places are all of them, open.
type places struct {
	all     []place
	closing []func() error
}

// openPlaces opens the places of which there are several nodes, and with withOwn those before them of which there is one. What it
// returns is to be closed also when it fails.
func (b *bench) openPlaces(ctx context.Context, withOwn bool) (*places, error) {
	p := &places{}
	if withOwn {
		db, err := openDatabase(ctx, filepath.Join(b.folder, "misses"))
		if err != nil {
			return p, err
		}
		p.closing = append(p.closing, db.close)
		p.all = append(p.all, place{"memory", []session.Store{memory.New()}}, place{"SQLite", []session.Store{db.Sessions()}})
	}
	for _, open := range []func(context.Context, *bench) error{p.openPostgres, p.openRedis, p.openRemote} {
		if err := open(ctx, b); err != nil {
			return p, err
		}
	}
	return p, p.awaitLeases(ctx)
}

func (p *places) openPostgres(ctx context.Context, b *bench) error {
	at, err := b.servers.newDatabase()
	if err != nil {
		return err
	}
	return p.add("PostgreSQL", func() (session.Store, func() error, error) {
		store, err := postgres.Open(ctx, at, sqlstore.PostgresConfig{})
		if err != nil {
			return nil, nil, err
		}
		return store.Sessions(), store.Close, nil
	})
}

func (p *places) openRedis(ctx context.Context, b *bench) error {
	at, err := b.servers.startRedis()
	if err != nil {
		return err
	}
	return p.add("Redis", func() (session.Store, func() error, error) {
		store, err := redisstore.Open(ctx, at, redisstore.Config{})
		if err != nil {
			return nil, nil, err
		}
		return store.Sessions(), func() error { store.Close(); return nil }, nil
	})
}

// openRemote starts the product on SQLite, whose sessions services use.
func (p *places) openRemote(ctx context.Context, b *bench) error {
	binary, err := b.makeBinary(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(b.folder, fmt.Sprint("remote", len(p.all)))
	server, _, err := b.startProduct(ctx, binary, folder, "HANDSTAMP_PUBLIC_URL="+publicURL, "HANDSTAMP_LOG_LEVEL=warn")
	if err != nil {
		return err
	}
	p.closing = append(p.closing, server.stop)
	said, err := exec.CommandContext(ctx, binary, "client", "add", "bench", "--scope", "sessions", "--json", "--data", folder).Output()
	if err != nil {
		return fmt.Errorf("add a client: %w", err)
	}
	var added struct {
		Secret string `json:"client_secret"`
	}
	if err := json.NewDecoder(bytes.NewReader(said)).Decode(&added); err != nil {
		return fmt.Errorf("add a client: %w", err)
	}
	return p.add("remote", func() (session.Store, func() error, error) {
		store, err := remotestore.Open("http://"+server.address, added.Secret, remotestore.Config{})
		if err != nil {
			return nil, nil, err
		}
		return store, func() error { store.Close(); return nil }, nil
	})
}

// add opens a place twice, as two nodes do.
func (p *places) add(name string, open func() (session.Store, func() error, error)) error {
	here := place{name: name}
	for range 2 {
		store, closeStore, err := open()
		if err != nil {
			return err
		}
		p.closing = append(p.closing, closeStore)
		here.nodes = append(here.nodes, store)
	}
	p.all = append(p.all, here)
	return nil
}

// awaitLeases waits until every node may trust its memory.
func (p *places) awaitLeases(ctx context.Context) error {
	deadline := time.Now().Add(startTimeout)
	for _, here := range p.all {
		for _, store := range here.nodes {
			leased, ok := store.(session.Leased)
			for ok && !leased.Lease().Holds(time.Now()) {
				if err := ctx.Err(); err != nil {
					return err
				}
				if time.Now().After(deadline) {
					return fmt.Errorf("%s gives no lease", here.name)
				}
				time.Sleep(time.Millisecond)
			}
		}
	}
	return nil
}

func (p *places) close() error {
	var errs []error
	for _, do := range slices.Backward(p.closing) {
		errs = append(errs, do())
	}
	return errors.Join(errs...)
}
