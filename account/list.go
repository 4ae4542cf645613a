package account

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"
)

// A Page is a part of the list of users.
type Page struct {
	Users []User

	// Next is what to ask for as [Query.After] to see the users behind this page, and Previous
	// as [Query.Before] to see those in front of it. Zero where nobody is.
	Next, Previous int64
}

// List returns a page of the users that q selects. Its errors wrap [ErrSearch].
func (d *Directory) List(ctx context.Context, q Query) (Page, error) {
	if q.Limit <= 0 {
		return Page{}, nil
	}
	q.After = min(q.After, math.MaxInt64-1) // so that there is a place behind it
	first, last := q.After+1, q.Before-1    // the places that stand for a page without users
	limit := q.Limit
	q.Limit++ // one more, to see whether it is the end
	users, err := d.read(ctx, q)
	if err != nil {
		return Page{}, err
	}
	isMore := len(users) > limit
	switch {
	case isMore && q.Before > 0:
		users = users[1:]
	case isMore:
		users = users[:limit]
	}
	if n := len(users); n > 0 {
		first, last = users[0].Place, users[n-1].Place
	}

	hasNext, hasPrevious := isMore, false
	switch {
	case q.Before > 0:
		hasPrevious = isMore
		hasNext, err = d.hasUsers(ctx, Query{After: last, Search: q.Search})
	case q.After > 0:
		hasPrevious, err = d.hasUsers(ctx, Query{Before: first, Search: q.Search})
	}
	if err != nil {
		return Page{}, err
	}
	page := Page{Users: users}
	if hasNext {
		page.Next = last
	}
	if hasPrevious {
		page.Previous = first
	}
	return page, nil
}

// hasUsers reports whether q selects anybody.
func (d *Directory) hasUsers(ctx context.Context, q Query) (bool, error) {
	q.Limit = 1
	users, err := d.read(ctx, q)
	return len(users) > 0, err
}

// listTimeout bounds what a page may take. A search for somebody who is not there looks at every
// user: about a second for a million of them in SQLite.
const listTimeout = 10 * time.Second

func (d *Directory) read(ctx context.Context, q Query) ([]User, error) {
	if len(q.Search) > MaxSearch {
		return nil, fmt.Errorf("list users: %w: it has more than %d bytes", ErrSearch, MaxSearch)
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	users, err := d.store.List(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}

// pageSize is how many users All and Search read at once.
const pageSize = 1000

// All returns the users in the order in which they came, read page by page: a user who comes or
// goes meanwhile may be among them or not. After an error there is nothing more.
func (d *Directory) All(ctx context.Context) iter.Seq2[User, error] { return d.Search(ctx, "") }

// Search returns the users whose email or names contain text, as [Query] says, in the way of
// [Directory.All]. Its errors wrap [ErrSearch].
func (d *Directory) Search(ctx context.Context, text string) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		q := Query{Limit: pageSize, Search: text}
		for {
			users, err := d.read(ctx, q)
			if err != nil {
				yield(User{}, err)
				return
			}
			for _, u := range users {
				if !yield(u, nil) {
					return
				}
				q.After = u.Place
			}
			if len(users) < pageSize {
				return
			}
		}
	}
}
