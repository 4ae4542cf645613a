package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements prepares each SQL text once.
type statements struct {
	prepare func(ctx context.Context, text string) (*sql.Stmt, error)

	mu     sync.Mutex
	byText map[string]*sql.Stmt
	closed bool
}

func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if stmt, ok := s.byText[text]; ok {
		return stmt, nil
	}
	// Not ctx alone: a statement is prepared for all who come after, too.
	stmt, err := s.prepare(context.WithoutCancel(ctx), text)
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

// query runs a query and calls each with every row of it. An error of each ends it.
func (s *statements) query(ctx context.Context, each func(row) error, text string, args ...any) error {
	stmt, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
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
