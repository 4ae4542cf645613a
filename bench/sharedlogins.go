package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/store/sqlstore/postgres"
)

// cheapHash is as good as none, so that what a login costs is the database.
var cheapHash = password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

// sharedLogins measures how many logins a database takes, where it is the database that they wait for.
func (b *bench) sharedLogins(ctx context.Context) (err error) {
	own, err := openDatabase(ctx, filepath.Join(b.folder, "sharedlogins"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	at, err := b.servers.newDatabase()
	if err != nil {
		return err
	}
	store, err := postgres.Open(ctx, at, sqlstore.PostgresConfig{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	t := b.table("Logins at a hash that costs nothing: group commit",
		"POST /auth_session/login with the right password, in this process; each login is a session that is on the disk before the answer.",
		"store", "clients", "per second", "of one client")
	for _, side := range []struct {
		name string
		db   *database
	}{{"SQLite", own}, {"PostgreSQL", &database{Store: store}}} {
		if err := b.loginRates(ctx, t, side.name, side.db); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
	}
	return t.end()
}

// loginRates prints a row for one client and one for many at once.
func (b *bench) loginRates(ctx context.Context, t *table, name string, db *database) error {
	hash, err := (&password.Hasher{Params: cheapHash}).Hash(ctx, loginPassword)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	visitors, err := db.fill(ctx, loginClients, hash)
	if err != nil {
		return err
	}
	sessions := session.New(db.Sessions())
	sessions.Cookie = session.Cookie{Name: cookieName, Classic: true}
	defer sessions.Close()
	handler := classicHandlerWith(db, sessions, &password.Hasher{Params: cheapHash})
	crowds := []int{1, loginClients}
	rates := make([]series, len(crowds))
	for range b.effort.rounds {
		for i, n := range crowds {
			rate, err := together(ctx, n, during(b.effort.turn/2), func(i int) error { return logIn(ctx, handler, visitors[i].email) })
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	for i, n := range crowds {
		t.row(name, fmt.Sprint(n), rates[i].show(whole), rates[i].over(rates[0]).show(ratio))
	}
	return nil
}
