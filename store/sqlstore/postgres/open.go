// Package postgres opens a Store on a PostgreSQL server, through pgx.
//
//	store, err := postgres.Open(ctx, "postgres://handstamp@db.internal/handstamp?sslmode=verify-full", sqlstore.PostgresConfig{})
//	sessions := session.New(store.Sessions())
//	…
//	sessions.Close() // in this order
//	store.Close()
//
// Everything that waits has an end: connecting 2 seconds for each host, a statement the Timeout of the configuration, and a
// connection on which nothing arrives any more is given up after 5 seconds.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/handstamp/handstamp/store/sqlstore"
)

// What is wrong with a URL.
var (
	// ErrURL means that it is none of a PostgreSQL database.
	ErrURL = errors.New("not a URL like postgres://user@host/database")
	// ErrNoTLS means that it leaves open whether a server on another machine has to prove who it is.
	ErrNoTLS = errors.New("say how the connection to another machine is protected: sslmode=verify-full, or sslmode=disable on a network that is trusted")
)

const (
	connectTimeout = 2 * time.Second // of each host, unless the URL says connect_timeout
	maxConns       = 12              // unless the URL says pool_max_conns; one writes, one renews the lease
	minConns       = 3
)

// Open opens the database at address, with what pgx takes in a URL and, as in pgxpool, pool_max_conns. Several hosts may be named: the
// one that takes writes is used, whatever the URL says of target_session_attrs. A password that is not in the URL is taken from PGPASSWORD or a password
// file. No error has it.
//
// Listen and Close of config are set here.
func Open(ctx context.Context, address string, config sqlstore.PostgresConfig) (*sqlstore.Store, error) {
	parsed, conns, err := parse(address, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := stdlib.OpenDB(*parsed)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute)
	config.Unsure = unsure
	config.Listen, config.Close = listener(parsed), db.Close
	store, err := sqlstore.OpenPostgres(ctx, db, config)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return store, nil
}

// parse returns how to connect to the database at address, and how many connections there may be.
func parse(address string, config sqlstore.PostgresConfig) (*pgx.ConnConfig, int, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, 0, ErrURL // without the cause, which has the URL
	}
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %s", ErrURL, withoutSecrets(err, u))
	}
	conns := maxConns
	if text, ok := c.RuntimeParams["pool_max_conns"]; ok {
		delete(c.RuntimeParams, "pool_max_conns")
		if conns, err = strconv.Atoi(text); err != nil || conns < minConns {
			return nil, 0, fmt.Errorf("%w: pool_max_conns has to be %d or more", ErrURL, minConns)
		}
	}
	if !isLocal(c) && u.Query().Get("sslmode") == "" && os.Getenv("PGSSLMODE") == "" {
		return nil, 0, ErrNoTLS
	}
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, connectTimeout)
	// What a replica says is too old, and what it is asked to write it refuses.
	c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	c.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 2 * time.Second, Interval: time.Second, Count: 3,
	}}).DialContext
	c.OnNotice = noteUnsure
	// Whoever gives up leaves the connection a moment to end what was asked. Otherwise strangers who hang up could make the server's
	// connections begin anew all the time.
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn(), DeadlineDelay: time.Second}
	}
	timeout := cmp.Or(config.Timeout, 5*time.Second)
	for name, value := range map[string]string{
		"application_name":                    strings.TrimSpace("handstamp " + config.Name),
		"statement_timeout":                   strconv.FormatInt(timeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": strconv.FormatInt(timeout.Milliseconds(), 10),
	} {
		if _, said := c.RuntimeParams[name]; !said {
			c.RuntimeParams[name] = value
		}
	}
	return c, conns, nil
}

// isLocal reports whether every host is this machine.
func isLocal(c *pgx.ConnConfig) bool {
	hosts := []string{c.Host}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if host != "localhost" && !filepath.IsAbs(host) && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// withoutSecrets returns what is behind an error of pgx, and nothing of what must not be seen.
func withoutSecrets(err error, u *url.URL) string {
	if cause := errors.Unwrap(err); cause != nil {
		err = cause
	}
	text := err.Error()
	secrets := []string{u.Query().Get("password"), u.Query().Get("sslpassword")}
	if password, ok := u.User.Password(); ok {
		secrets = append(secrets, password, url.QueryEscape(password), url.PathEscape(password))
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			return "it cannot be read"
		}
	}
	return text
}
