package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

// few is the small number of users and sessions that many are compared with.
const few = 10

// What the founding implementation needs with 100,000 users and as many sessions, in
// milliseconds. It reads its files again and looks through all of them.
const (
	foundingCookie = 92
	foundingBasic  = 84
)

// growthLimit is how much more the same request may cost among many than among few, who are one
// in ten thousand. It is not 1: an index has a few more levels, and what was not looked at for a
// while is in no cache of the processor.
const growthLimit = 2

// growth compares the same requests among few and among many users and sessions.
func (b *bench) growth(ctx context.Context) (err error) {
	towns := make([]*town, 2)
	for i, n := range []int{few, b.effort.users} {
		if towns[i], err = newTown(ctx, filepath.Join(b.folder, fmt.Sprintf("growth%d", n)), n); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, towns[i].close()) }()
	}

	measures := []struct {
		name     string
		founding string
		take     func(*town, context.Context, time.Duration) ([]time.Duration, error)
	}{
		{"/users/me by cookie, in the cache", whole(foundingCookie * 1000), (*town).visits},
		{"/users/me by cookie, the first time", whole(foundingCookie * 1000), (*town).firstVisits},
		{"account by email, for Basic and login", whole(foundingBasic * 1000), (*town).accounts},
	}
	t := b.table("Growth: the same request among few and among many",
		fmt.Sprintf("%d and %s users, each with a session, all in SQLite; the whole server in this process. Median of each round, in µs.\n"+
			"Founding: what the founding implementation needs with 100 000 users and sessions, hash left out.",
			few, whole(float64(b.effort.users))),
		"what", "few", "many", "many over few", "founding")
	worst := 0.0
	for _, m := range measures {
		medians := make([]series, len(towns))
		for range b.effort.rounds {
			for i, here := range towns {
				times, err := m.take(here, ctx, b.effort.turn/4)
				if err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
				medians[i] = append(medians[i], percentile(times, 0.5))
			}
		}
		ratios := medians[1].over(medians[0])
		t.row(m.name, medians[0].show(decimal), medians[1].show(decimal), ratios.show(ratio), m.founding)
		worst = max(worst, ratios.median())
	}
	if err := t.end(); err != nil {
		return err
	}
	b.target(worst <= growthLimit, "at most %d times the cost among few: %s", growthLimit, ratio(worst))
	return nil
}

// A town is a database full of visitors, and a server in front of it.
type town struct {
	db       *database
	people   *account.Directory
	visitors []visitor
	next     int

	sessions *session.Manager
	handler  http.Handler
}

// newTown makes a town of n visitors each of whom has been there once.
func newTown(ctx context.Context, folder string, n int) (*town, error) {
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return nil, err
	}
	w := &town{db: db, people: account.New(db.Users())}
	if w.visitors, err = db.fill(ctx, n, ""); err != nil {
		return nil, errors.Join(err, db.close())
	}
	w.open()
	for range w.visitors {
		if _, err := w.visit(ctx, w.handler); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

// open puts a server in front of the database that has seen nobody yet.
func (w *town) open() {
	w.sessions, w.handler = w.newServer()
}

func (w *town) newServer() (*session.Manager, http.Handler) {
	sessions := session.New(w.db.Sessions())
	sessions.Cookie = session.Cookie{Name: cookieName, Classic: true}
	return sessions, classicHandler(w.db, sessions, new(password.Local))
}

func (w *town) close() error {
	w.sessions.Close()
	return w.db.close()
}

// turn returns the visitor whose turn it is.
func (w *town) turn() visitor {
	v := w.visitors[w.next]
	w.next = (w.next + 1) % len(w.visitors)
	return v
}

// visit lets the next visitor ask handler who they are, and returns how long the answer took.
func (w *town) visit(ctx context.Context, handler http.Handler) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, mePath, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Cookie", cookieName+"="+string(w.turn().token))
	answer := discard{header: make(http.Header), status: http.StatusOK}
	before := time.Now()
	handler.ServeHTTP(&answer, r)
	took := time.Since(before)
	if answer.status != http.StatusOK {
		return 0, fmt.Errorf("the answer is %d", answer.status)
	}
	return took, nil
}

// visits measures requests whose session and user are in the cache.
func (w *town) visits(ctx context.Context, turn time.Duration) ([]time.Duration, error) {
	return repeat(turn, func() (time.Duration, error) { return w.visit(ctx, w.handler) })
}

// firstVisits measures requests whose session and user have to be read from the database.
func (w *town) firstVisits(ctx context.Context, turn time.Duration) ([]time.Duration, error) {
	sessions, handler := w.newServer()
	defer func() { sessions.Close() }()
	visits := 0
	return repeat(turn, func() (time.Duration, error) {
		if visits++; visits > few { // everybody among few has been here
			sessions.Close()
			sessions, handler = w.newServer()
			visits = 1
		}
		return w.visit(ctx, handler)
	})
}

// accounts measures what a login or a Basic credential costs up to the hash.
func (w *town) accounts(ctx context.Context, turn time.Duration) ([]time.Duration, error) {
	return repeat(turn, func() (time.Duration, error) {
		email := w.turn().email
		before := time.Now()
		_, err := w.people.ByEmail(ctx, email)
		return time.Since(before), err
	})
}

// repeat measures until the time is over.
func repeat(turn time.Duration, measure func() (time.Duration, error)) ([]time.Duration, error) {
	var times []time.Duration
	for begin := time.Now(); time.Since(begin) < turn; {
		took, err := measure()
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}
