// Package operator does what the commands of an operator ask for: on the users themselves, or
// through a socket, for as long as a server owns them.
//
// A [Local] works on the users of this process. [Handler] offers one to other processes and a
// [Client] is one that is somewhere else, so that a command need not know which it has. The
// socket stands in the data folder, which only its owner can enter; whoever can talk to it could
// as well change the database, so it asks for no credential.
package operator

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/internal/guarantee"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/session"
)

// An Operator manages users. Wherever it takes a who, that is the ID or the email of a user.
// Users come without their password hashes, but for an Export that asks for them. Errors wrap those of package account, package
// password and package importer.
type Operator interface {
	AddUser(ctx context.Context, details account.Details) (account.User, error)

	// Users returns the users in the order in which they came: those whose email or names contain
	// search, or all where it is empty.
	Users(ctx context.Context, search string) ([]account.User, error)

	User(ctx context.Context, who string) (account.User, error)
	SetPassword(ctx context.Context, who, plain string) (account.User, error)
	DeleteUser(ctx context.Context, who string) (account.User, error)
	Import(ctx context.Context, batch importer.Batch) (importer.Result, error)

	Access
	Sessions
	Clients
	AuditLog
	SigningKeys
	Cluster
	DeadLetters

	// Backup writes everything that is kept to a file and returns its size in bytes. Where a
	// file is there already, its error wraps [fs.ErrExist], unless that one may be replaced.
	Backup(ctx context.Context, to Backup) (size int64, err error)

	// Export returns the users in the order in which they came, with their password hashes if
	// hashes is set. They are read page by page: a user who comes or goes meanwhile may be among
	// them or not. After an error there is nothing more.
	Export(ctx context.Context, hashes bool) iter.Seq2[Exported, error]
}

// Local is the Operator of the users in this process.
type Local struct {
	People *account.Directory

	// Transact runs do in a transaction that does not happen if do returns an error.
	Transact func(ctx context.Context, do func(context.Context, importer.Target) error) error

	// Sessions are the users' sessions; nil where none are kept.
	Sessions *session.Manager

	// Clients are the services that may ask about tokens; nil where none may.
	Clients *client.Registry

	// Audit is the audit log and Chain what made its sums; nil where none is kept.
	Audit audit.Log
	Chain audit.Chain

	// Keys are what tokens are signed with; nil where none are.
	Keys Keyring

	// Peers returns the nodes that share the store; nil where there is one only.
	Peers func(ctx context.Context) ([]node.Peer, error)
	// Outbox is what was not delivered of the audit log; nil where nobody is told of it.
	Outbox outbox.Desk

	// Promised returns what the servers of the stores promise; nil where there is one only, of this process.
	Promised func(ctx context.Context) ([]guarantee.Guarantee, error)

	// SetupURL makes setup links, and ResetURL reset links.
	SetupURL, ResetURL LinkURL

	// WriteBackup writes a copy of everything to a file; nil where there is no way to.
	WriteBackup func(ctx context.Context, file string, replace bool) (size int64, err error)
}

// AddUser implements [Operator].
func (l *Local) AddUser(ctx context.Context, details account.Details) (account.User, error) {
	// Also where the profile would take anything: an operator who mistypes wants to hear of it.
	if _, err := account.EmailKey(details.Email); err != nil {
		return account.User{}, err
	}
	if err := account.CheckPassword(details.Password); err != nil {
		return account.User{}, err
	}
	u, err := l.People.Create(ctx, details)
	return shown(u), err
}

// Users implements [Operator].
func (l *Local) Users(ctx context.Context, search string) ([]account.User, error) {
	var users []account.User
	for u, err := range l.People.Search(ctx, search) {
		if err != nil {
			return nil, err
		}
		users = append(users, shown(u))
	}
	return users, nil
}

// User implements [Operator].
func (l *Local) User(ctx context.Context, who string) (account.User, error) {
	u, err := l.find(ctx, who)
	return shown(u), err
}

// SetPassword implements [Operator].
func (l *Local) SetPassword(ctx context.Context, who, plain string) (account.User, error) {
	u, err := l.find(ctx, who)
	if err != nil {
		return account.User{}, err
	}
	if err := account.CheckPassword(plain); err != nil {
		return account.User{}, err
	}
	u, err = l.People.SetPassword(ctx, u.ID, plain)
	return shown(u), err
}

// DeleteUser implements [Operator].
func (l *Local) DeleteUser(ctx context.Context, who string) (account.User, error) {
	u, err := l.find(ctx, who)
	if err != nil {
		return account.User{}, err
	}
	return shown(u), l.People.Delete(ctx, u.ID)
}

// Import implements [Operator].
func (l *Local) Import(ctx context.Context, batch importer.Batch) (importer.Result, error) {
	var result importer.Result
	event := handstamp.NewEvent(ctx, handstamp.ActionImport)
	err := l.Transact(ctx, func(ctx context.Context, t importer.Target) error {
		var err error
		result, err = batch.Apply(ctx, t)
		if err == nil && batch.DryRun {
			return errDryRun
		}
		if err != nil {
			return err
		}
		event.Reason = fmt.Sprintf("%d users, %d sessions", result.Users.Taken, result.Sessions.Taken)
		return t.Record(ctx, event)
	})
	if errors.Is(err, errDryRun) {
		return result, nil
	}
	if err != nil { // do may still be running, and writing to result
		return importer.Result{}, err
	}
	l.People.Notify.Hear(ctx, event)
	return result, nil
}

// errDryRun undoes the transaction of an import that was only to be tried.
var errDryRun = errors.New("dry run")

func (l *Local) find(ctx context.Context, who string) (account.User, error) {
	var u account.User
	id, err := handstamp.ParseID(who)
	if err == nil {
		u, err = l.People.User(ctx, id)
	} else {
		u, err = l.People.ByEmail(ctx, who)
	}
	if errors.Is(err, account.ErrNoUser) {
		return account.User{}, fmt.Errorf("%w: %s", err, who)
	}
	return u, err
}

func shown(u account.User) account.User {
	u.PasswordHash = ""
	return u
}
