package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
)

// Users is the [account.Store] of a Store. It tells of every user who was changed.
type Users struct {
	*session.Broadcast
	store *Store
}

// Lease implements [session.Leased].
func (s *Users) Lease() *session.Lease { return s.store.lease() }

const userColumns = `id, place, email, email_key, first_name, last_name, role, password_hash, epoch, created_at, updated_at, disabled`

// Insert implements [account.Store].
func (s *Users) Insert(ctx context.Context, u account.User, w account.Write) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		if err := checkLink(ctx, tx, w); err != nil {
			return err
		}
		if err := insertUser(ctx, tx, u); err != nil {
			return err
		}
		return with(ctx, tx, w)
	})
}

// checkLink returns account.ErrNoLink if w wants a link that is not good.
func checkLink(ctx context.Context, tx *transaction, w account.Write) error {
	if w.Link == (account.LinkHash{}) {
		return nil
	}
	there, err := hasLink(ctx, tx.query, w.Link, w.Now)
	if err == nil && !there {
		return account.ErrNoLink
	}
	return err
}

// checkLast returns account.ErrLast if the user with this ID is the last one who holds role.
func checkLast(ctx context.Context, tx *transaction, role string, id handstamp.ID) error {
	another, err := hasRow(ctx, tx.query,
		`SELECT 1 FROM users WHERE role = $1 AND disabled = 0 AND id <> $2 LIMIT 1`, role, id[:])
	if err == nil && !another {
		return account.ErrLast
	}
	return err
}

// holds reports whether a user has role and may use it.
func holds(u account.User, role string) bool { return role != "" && u.Role == role && !u.Disabled }

// with does what goes with a change of a user, when nothing can say no any more.
func with(ctx context.Context, tx *transaction, w account.Write) error {
	if w.Link != (account.LinkHash{}) {
		if _, err := tx.exec(ctx, `DELETE FROM links WHERE hash = $1`, w.Link[:]); err != nil {
			return err
		}
	}
	return tx.record(ctx, w.Events...)
}

// insertUser adds a user at the end of the list, or says why not.
func insertUser(ctx context.Context, tx *transaction, u account.User) error {
	const text = `INSERT INTO users (` + userColumns + `, search_text)
		VALUES ($1, (SELECT COALESCE(MAX(place), 0) + 1 FROM users), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT DO NOTHING`
	n, err := tx.exec(ctx, text, u.ID[:], u.Email, nullable(u.EmailKey), u.FirstName, u.LastName,
		u.Role, u.PasswordHash, u.Epoch, u.CreatedAt.UnixMicro(), u.UpdatedAt.UnixMicro(), number(u.Disabled), u.SearchText())
	if err != nil || n == 1 {
		return err
	}
	switch _, err := findUser(ctx, tx.query, account.Ref{ID: u.ID}); {
	case err == nil:
		return account.ErrExists
	case errors.Is(err, account.ErrNoUser):
		return account.ErrEmailTaken
	default:
		return err
	}
}

// number returns 1 for true.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// nullable returns NULL for an empty text: any number of users may have none.
func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// Find implements [account.Store].
func (s *Users) Find(ctx context.Context, ref account.Ref) (account.User, error) {
	var u account.User
	err := s.store.current(ctx, func(query querier) (err error) {
		u, err = findUser(ctx, query, ref)
		return err
	})
	if err != nil {
		return account.User{}, err
	}
	return u, nil
}

// A querier is a way to ask the database: inside of a transaction, or beside them.
type querier func(ctx context.Context, each func(row) error, text string, args ...any) error

func findUser(ctx context.Context, query querier, ref account.Ref) (account.User, error) {
	where, arg := `id = $1`, any(ref.ID[:])
	if ref.ID.IsZero() {
		where, arg = `email_key = $1`, ref.EmailKey
	}
	users, err := readUsers(ctx, query, where, arg)
	if err != nil {
		return account.User{}, err
	}
	if len(users) == 0 {
		return account.User{}, account.ErrNoUser
	}
	return users[0], nil
}

func readUsers(ctx context.Context, query querier, where string, args ...any) ([]account.User, error) {
	var users []account.User
	err := query(ctx, func(r row) error {
		u, err := scanUser(r)
		users = append(users, u)
		return err
	}, `SELECT `+userColumns+` FROM users WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return users, nil
}

func scanUser(r row) (account.User, error) {
	var u account.User
	var id []byte
	var key sql.NullString
	var created, updated, disabled int64
	err := r.Scan(&id, &u.Place, &u.Email, &key, &u.FirstName, &u.LastName, &u.Role, &u.PasswordHash,
		&u.Epoch, &created, &updated, &disabled)
	if err != nil {
		return account.User{}, err
	}
	if len(id) != len(u.ID) {
		return account.User{}, errors.New("user row with a key of the wrong length")
	}
	u.ID, u.EmailKey = handstamp.ID(id), key.String
	u.CreatedAt, u.UpdatedAt, u.Disabled = timeOf(created), timeOf(updated), disabled != 0
	return u, nil
}

// Update implements [account.Store].
func (s *Users) Update(ctx context.Context, id handstamp.ID, change func(*account.User) (account.Write, error)) (account.User, error) {
	var u account.User
	err := s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		was, err := findUser(ctx, tx.query, account.Ref{ID: id})
		if err != nil {
			return err
		}
		u = was
		w, err := change(&u)
		if err != nil {
			return err
		}
		if holds(was, w.LastRole) && !holds(u, w.LastRole) {
			if err := checkLast(ctx, tx, w.LastRole, id); err != nil {
				return err
			}
		}
		if err := checkLink(ctx, tx, w); err != nil {
			return err
		}
		return updateUser(ctx, tx, u, w)
	})
	if err != nil {
		return account.User{}, err
	}
	return u, nil
}

func updateUser(ctx context.Context, tx *transaction, u account.User, w account.Write) error {
	taken, err := hasRow(ctx, tx.query,
		`SELECT 1 FROM users WHERE email_key = $1 AND id <> $2`, nullable(u.EmailKey), u.ID[:])
	if err != nil {
		return err
	}
	if taken {
		return account.ErrEmailTaken
	}
	const text = `UPDATE users SET email = $1, email_key = $2, first_name = $3, last_name = $4, role = $5,
		password_hash = $6, epoch = $7, updated_at = $8, disabled = $9, search_text = $10 WHERE id = $11`
	_, err = tx.exec(ctx, text, u.Email, nullable(u.EmailKey), u.FirstName, u.LastName, u.Role,
		u.PasswordHash, u.Epoch, u.UpdatedAt.UnixMicro(), number(u.Disabled), u.SearchText(), u.ID[:])
	if err != nil {
		return err
	}
	if !w.Revoke {
		tx.change(session.Change{UserID: u.ID})
	} else if err := endUserSessions(ctx, tx, u.ID, w.Except); err != nil {
		return err
	}
	return with(ctx, tx, w)
}

// Delete implements [account.Store].
func (s *Users) Delete(ctx context.Context, id handstamp.ID, w account.Write) error {
	return s.store.writes.together(ctx, func(ctx context.Context, tx *transaction) error {
		u, err := findUser(ctx, tx.query, account.Ref{ID: id})
		if err != nil {
			return err
		}
		if holds(u, w.LastRole) {
			if err := checkLast(ctx, tx, w.LastRole, id); err != nil {
				return err
			}
		}
		if err := checkLink(ctx, tx, w); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM users WHERE id = $1`, id[:]); err != nil {
			return err
		}
		if err := endUserSessions(ctx, tx, id, session.Hash{}); err != nil {
			return err
		}
		return with(ctx, tx, w)
	})
}

// Count implements [account.Store].
func (s *Users) Count(ctx context.Context) (int, error) {
	n := 0
	err := s.store.reads.query(ctx, func(r row) error { return r.Scan(&n) }, `SELECT COUNT(*) FROM users`)
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}
