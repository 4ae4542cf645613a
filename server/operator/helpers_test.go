package operator_test

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// A house is a database with the operator who works in it.
type house struct {
	store  *sqlstore.Store
	people *account.Directory
	local  *operator.Local
}

func newHouse(t *testing.T) *house {
	t.Helper()
	file := url.URL{Scheme: "file", Path: filepath.Join(t.TempDir(), "test.db")} // the name of a test may have a #
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.OpenSQLite(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	})
	people := account.New(store.Users())
	people.Passwords = &password.Hasher{Params: password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}}
	return &house{store, people, &operator.Local{
		People: people,
		Transact: func(ctx context.Context, do func(context.Context, importer.Target) error) error {
			return store.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error { return do(ctx, tx) })
		},
		WriteBackup: store.Backup,
	}}
}

// A wire is a socket on which what is said can be read.
type wire struct {
	mu   sync.Mutex
	said bytes.Buffer
	path string
	stop func()
}

func (w *wire) answers() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String()
}

type eavesdropper struct {
	http.ResponseWriter
	wire *wire
}

func (e eavesdropper) Write(p []byte) (int, error) {
	e.wire.mu.Lock()
	e.wire.said.Write(p)
	e.wire.mu.Unlock()
	return e.ResponseWriter.Write(p)
}

// open serves h on a Unix socket.
func open(t *testing.T, h http.Handler) *wire {
	t.Helper()
	w := &wire{path: filepath.Join(t.TempDir(), "s")}
	listener, err := net.Listen("unix", w.path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(eavesdropper{rw, w}, r)
		}),
		ReadHeaderTimeout: time.Minute,
	}
	var served sync.WaitGroup
	served.Go(func() { _ = s.Serve(listener) })
	w.stop = func() {
		_ = s.Close()
		served.Wait()
	}
	t.Cleanup(w.stop)
	return w
}

// eachWay runs test with the operator himself and with one behind a socket: no caller needs to
// know which it has.
func eachWay(t *testing.T, test func(t *testing.T, h *house, o operator.Operator)) {
	t.Run("local", func(t *testing.T) {
		h := newHouse(t)
		test(t, h, h.local)
	})
	t.Run("socket", func(t *testing.T) {
		h := newHouse(t)
		test(t, h, operator.NewClient(open(t, operator.Handler(h.local)).path))
	})
}

var ada = account.Details{
	Email: "ada@example.com", FirstName: new(""), LastName: new("Lovelace <&> \u2028 é"), Role: "admin",
	Password: "correct horse",
}

// add adds a user.
func add(t *testing.T, o operator.Operator, details account.Details) account.User {
	t.Helper()
	u, err := o.AddUser(t.Context(), details)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// canSignIn reports whether this is the password of a user.
func (h *house) canSignIn(t *testing.T, email, plain string) bool {
	t.Helper()
	_, err := h.people.Authenticate(t.Context(), email, plain)
	return err == nil
}

// newBatch returns two users, with and without names, and a session of each.
func newBatch() importer.Batch {
	at := time.Date(2017, 10, 16, 4, 23, 4, 123456000, time.UTC)
	var batch importer.Batch
	for i, names := range [][2]*string{{new(""), new("Dylan")}, {nil, nil}} {
		id := handstamp.IDOf(string(rune('a' + i)))
		batch.Users = append(batch.Users, account.User{
			ID: id, Email: string(rune('a'+i)) + "@hbtn.io", FirstName: names[0], LastName: names[1],
			CreatedAt: at, UpdatedAt: at.Add(time.Hour), PasswordHash: fakePwd,
		})
		batch.Sessions = append(batch.Sessions, session.Record{
			Session: session.Session{
				ID: handstamp.IDOf("session " + string(rune('a'+i))), UserID: id, Role: "r",
				BeganAt: at, ProvedAt: at, SeenAt: at,
			},
			Hash: session.Token("token " + string(rune('a'+i))).Hash(), Revision: 1,
		})
	}
	batch.Notes = []importer.Note{{Kind: "user", Key: "k\x1b", Skipped: true, Reason: "odd"}}
	return batch
}

// fakePwd is how the founding API kept the password "fake pwd".
const fakePwd = "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967"
