package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements run SQL texts on a connection, or on any of a pool, and prepare each of them once.
type statements struct {
	on      executor
	dialect *dialect

	mu     sync.Mutex
	byText map[string]*sql.Stmt
	closed bool
}

// An executor is a [sql.DB] or a [sql.Conn].
type executor interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if stmt, ok := s.byText[text]; ok || !s.dialect.prepares {
		return stmt, nil
	}
	// Not ctx alone: a statement is prepared for all who come after, too.
	stmt, err := s.on.PrepareContext(context.WithoutCancel(ctx), text)
	if err != nil {
		return nil, err
	}
	if s.byText == nil {
		s.byText = make(map[string]*sql.Stmt)
	}
	s.byText[text] = stmt
	return stmt, nil
}

// A row is one row of an answer, to be scanned.
type row interface{ Scan(into ...any) error }

// exec runs a statement and returns how many rows it has changed.
func (s *statements) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt, err := s.get(ctx, text)
	if err != nil {
		return 0, err
	}
	ctx, cancel := s.dialect.bound(ctx)
	defer cancel()
	var result sql.Result
	if stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = s.on.ExecContext(ctx, text, s.dialect.clean(args)...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query runs a query and calls each with every row of it. An error of each ends it.
func (s *statements) query(ctx context.Context, each func(row) error, text string, args ...any) error {
	stmt, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	ctx, cancel := s.dialect.bound(ctx)
	defer cancel()
	var rows *sql.Rows
	if stmt != nil {
		rows, err = stmt.QueryContext(ctx, args...)
	} else {
		rows, err = s.on.QueryContext(ctx, text, s.dialect.clean(args)...)
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.byText {
		errs = append(errs, stmt.Close())
	}
	s.byText, s.closed = nil, true
	return errors.Join(errs...)
}
