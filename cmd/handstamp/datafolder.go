package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/internal/masterkey"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/redisstore"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// dataFolder is the path of the folder in which everything is kept. One process at a time owns
// it; the commands of others reach that one through a socket in it.
type dataFolder string

const (
	databaseName = "handstamp.db"
	socketName   = "handstamp.sock"
)

// An opened folder is one that this process owns.
type opened struct {
	store   *sqlstore.Store
	people  *account.Directory
	closeDB func() error
	redis   *redisstore.Store // nil where sessions are kept in store

	// What is there only where an audit log is kept: see dataFolder.keepAudit.
	key   masterkey.Key
	chain audit.Chain
	audit *sqlstore.Audit
}

// pageCache is how much of the database a connection remembers, in the driver's words: 16 MiB, as the
// 2 MiB that SQLite takes by itself are too little for the indexes of 100,000 users.
const pageCache = "_pragma=cache_size(-16384)"

// readers is how many connections read at once, beside the one that writes.
const readers = 8

// open makes the folder this process's own, and makes it first if need be.
func (f dataFolder) open(ctx context.Context) (*opened, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(string(f), databaseName))
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	db, err := openDatabase(path)
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	db.SetMaxOpenConns(1 + readers)
	db.SetMaxIdleConns(1 + readers)
	store, err := sqlstore.OpenSQLite(ctx, db)
	if errors.Is(err, sqlstore.ErrOwned) {
		err = fmt.Errorf("%w; stop that one, or set HANDSTAMP_DATA to another folder", err)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open data folder %s: %w", f, err), db.Close())
	}
	return &opened{store: store, people: account.New(store.Users()), closeDB: db.Close}, nil
}

// openDatabase opens the database in the file at an absolute path.
func openDatabase(path string) (*sql.DB, error) {
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: pageCache}).String())
}

func (o *opened) close() error {
	err := errors.Join(o.store.Close(), o.closeDB())
	if o.redis != nil {
		o.redis.Close()
	}
	return err
}

// isOpenToOthers reports whether others than its owner can enter the folder. It is so when it was
// made by somebody else.
func (f dataFolder) isOpenToOthers() bool {
	info, err := os.Stat(string(f))
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// operator returns the Operator of the users of this process.
func (o *opened) operator() *operator.Local {
	local := &operator.Local{
		People:      o.people,
		Clients:     client.New(o.store.Clients()),
		Chain:       o.chain,
		WriteBackup: o.store.Backup,
		Peers:       o.peers(),
		Promised:    o.promised(),
		Outbox:      o.store.Outbox(),
		Transact: func(ctx context.Context, do func(context.Context, importer.Target) error) error {
			return o.store.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error { return do(ctx, tx) })
		},
	}
	if o.audit != nil {
		local.Audit = o.audit
	}
	return local
}

// hasDatabase reports whether there is a database in the folder.
func (f dataFolder) hasDatabase() bool {
	_, err := os.Stat(filepath.Join(string(f), databaseName))
	return !errors.Is(err, fs.ErrNotExist)
}

// operate calls do with the Operator of the folder: its own, or that of the server which owns it.
// create says whether to make a folder that is not there.
func (f dataFolder) operate(ctx context.Context, create bool, do func(operator.Operator) error) (err error) {
	settings, err := f.storeSettings()
	if err != nil {
		return err
	}
	if settings.Store.kind == storePostgres {
		return f.operateNode(ctx, settings, do)
	}
	if !f.hasDatabase() && !create {
		return fmt.Errorf("no database in the data folder %s: set HANDSTAMP_DATA or --data to the right one, "+
			"or make users with \"handstamp user add\" or \"handstamp import\"", f)
	}
	own, err := f.open(ctx)
	if errors.Is(err, sqlstore.ErrOwned) {
		// A killed server leaves its socket behind, so that it being there says little.
		conn, dialErr := new(net.Dialer).DialContext(ctx, "unix", f.socket())
		if dialErr != nil {
			return fmt.Errorf("%w; it takes no commands yet, so try again in a moment", err)
		}
		return errors.Join(conn.Close(), do(operator.NewClient(f.socket())))
	}
	if err != nil {
		return err
	}
	return f.operateOwn(ctx, settings, own, do)
}

// operateOwn calls do with the Operator of what this process has opened, and closes that.
func (f dataFolder) operateOwn(ctx context.Context, s serveSettings, own *opened, do func(operator.Operator) error) (err error) {
	defer func() { err = errors.Join(err, own.close()) }()
	given, err := givenMasterKey()
	if err != nil {
		return err
	}
	if err := f.keepAudit(ctx, own, given, false); err != nil {
		return err
	}
	if own.audit != nil { // so "serve" has been here, and what it promises of users holds
		own.people.Roles, own.people.AdminRole = []string{userRole, adminRole}, adminRole
		rules := f.passwordRules()
		own.people.Rules = func() account.PasswordRules { return rules }
	}
	local := own.operator()
	if own.audit != nil {
		local.Keys = folderKeys{f, own}
	}
	kept := session.Store(own.store.Sessions())
	if s.SessionStore.kind == storeRedis {
		config := redisstore.Config{}
		if own.audit != nil {
			config.Record = own.audit.Record
		}
		if own.redis, err = s.openRedis(ctx, config); err != nil {
			return err
		}
		own.store.SessionsElsewhere(own.redis.Sessions(), nil)
		kept = own.redis.Sessions()
	}
	sessions := session.New(kept)
	sessions.Lifetime, sessions.Idle = 0, 0 // which the server judges that gave them
	defer sessions.Close()
	local.Sessions = sessions
	return do(local)
}

// passwordRules are those that "serve" would have on this folder, as far as the environment and the settings
// file in the folder say, or its defaults.
func (f dataFolder) passwordRules() account.PasswordRules {
	loaded, err := loadServeSettings(map[string][]string{"data": {string(f)}}, os.Environ())
	if err != nil {
		return account.PasswordRules{}
	}
	return loaded.Values.passwordRules()
}

// takesOldCookies reports whether "serve" on this folder would take cookies of another system, as far as the
// environment and the settings file in the folder say.
func (f dataFolder) takesOldCookies() bool {
	loaded, err := loadServeSettings(map[string][]string{"data": {string(f)}}, os.Environ())
	return err == nil && loaded.Values.OldCookie != ""
}

// maxSocketPath is how long the path of a socket may be on every system that has them.
const maxSocketPath = 103

// socket returns the path of the socket, spelled as short as it gets.
func (f dataFolder) socket() string {
	path := filepath.Join(string(f), socketName)
	if len(path) <= maxSocketPath {
		return path
	}
	if wd, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(wd, path); err == nil && len(short) < len(path) {
			return short
		}
	}
	return path
}

// listen opens the socket. Only the owner of the folder may call it, as it takes the place of a
// socket that a killed process has left.
func (f dataFolder) listen(ctx context.Context) (net.Listener, error) {
	path := f.socket()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open socket for commands: %w", err)
	}
	var listener net.Listener
	var err error
	privately(func() { listener, err = new(net.ListenConfig).Listen(ctx, "unix", path) })
	if err != nil {
		return nil, fmt.Errorf("open socket for commands (a shorter path of the data folder may help): %w", err)
	}
	return listener, nil
}
