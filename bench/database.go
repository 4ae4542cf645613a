package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// databaseName is the name that the real server gives to its database.
const databaseName = "handstamp.db"

// connections are as many as the real server has.
const connections = 9

// A database is an open one, as the real server opens it.
type database struct {
	*sqlstore.Store
	db *sql.DB
}

func openDatabase(ctx context.Context, folder string) (*database, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(folder, databaseName))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	store, err := sqlstore.OpenSQLite(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &database{store, db}, nil
}

func (d *database) close() error { return errors.Join(d.Store.Close(), d.db.Close()) }

// A visitor is somebody with an account and a live session.
type visitor struct {
	email string
	token session.Token
}

// fill adds n users with the same password hash and a live session each.
func (d *database) fill(ctx context.Context, n int, passwordHash string) ([]visitor, error) {
	visitors := make([]visitor, n)
	err := d.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error {
		for i := range visitors {
			visitors[i] = visitor{fmt.Sprintf("person%d@example.com", i), session.RandomToken()}
			u := newUser(visitors[i].email, passwordHash)
			if err := tx.InsertUser(ctx, u); err != nil {
				return err
			}
			if err := tx.InsertSession(ctx, newSession(u.ID, visitors[i].token)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fill database with %d users: %w", n, err)
	}
	rand.Shuffle(n, func(i, j int) { visitors[i], visitors[j] = visitors[j], visitors[i] })
	return visitors, nil
}

func newUser(email, passwordHash string) account.User {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return account.User{
		ID: handstamp.NewID(), Email: email, EmailKey: account.VerbatimKey(email),
		CreatedAt: now, UpdatedAt: now, PasswordHash: passwordHash,
	}
}

func newSession(user handstamp.ID, token session.Token) session.Record {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return session.Record{
		Session: session.Session{
			ID: handstamp.NewID(), UserID: user, BeganAt: now, ProvedAt: now, SeenAt: now,
		},
		Hash:     token.Hash(),
		Revision: 1,
	}
}
