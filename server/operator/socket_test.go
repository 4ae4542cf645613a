package operator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/session"
)

func TestImport(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ctx, batch := t.Context(), newBatch()
		stranger := batch.Sessions[0]
		stranger.UserID[0]++
		stranger.Hash[0]++
		stranger.ID[0]++
		batch.Sessions = append(batch.Sessions, stranger)

		got, err := o.Import(ctx, batch)
		want := importer.Result{
			Users:    importer.Counts{Taken: 2, Skipped: 1},
			Sessions: importer.Counts{Taken: 2, Skipped: 1},
			Notes: append(batch.Notes[:1:1], importer.Note{
				Kind: "session", Key: stranger.ID.String(), Skipped: true, Reason: "its user does not exist",
			}),
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}

		// Nothing is lost on the way: names that are empty, times to the microsecond, hashes.
		users, err := o.Users(ctx, "")
		if diff := cmp.Diff(batch.Users, users, public); diff != "" || err != nil {
			t.Errorf("users: %v (-want +got):\n%s", err, diff)
		}
		for i, r := range batch.Sessions[:2] {
			stored, err := h.store.Sessions().Load(ctx, r.Hash)
			if diff := cmp.Diff(r, stored); diff != "" || err != nil {
				t.Errorf("session %d: %v (-want +got):\n%s", i, err, diff)
			}
		}
		for _, u := range batch.Users {
			if !h.canSignIn(t, u.Email, "fake pwd") {
				t.Errorf("%s cannot sign in", u.Email)
			}
		}

		got, err = o.Import(ctx, batch)
		want.Users, want.Sessions = importer.Counts{Present: 2, Skipped: 1}, importer.Counts{Present: 2, Skipped: 1}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("again: %v (-want +got):\n%s", err, diff)
		}
	})
}

// full is a transaction on a disk that is full when the sessions come.
type full struct{ importer.Target }

var errFull = errors.New("disk full")

func (full) InsertSession(context.Context, session.Record) error { return errFull }

// TestImportRollsBack: an import that fails at its end has not begun.
func TestImportRollsBack(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		ctx, transact := t.Context(), h.local.Transact
		h.local.Transact = func(ctx context.Context, do func(context.Context, importer.Target) error) error {
			return transact(ctx, func(ctx context.Context, t importer.Target) error { return do(ctx, full{t}) })
		}
		got, err := o.Import(ctx, newBatch())
		if err == nil || !strings.Contains(err.Error(), "disk full") || !cmp.Equal(got, importer.Result{}) {
			t.Errorf("%+v, %v", got, err)
		}
		if users, err := o.Users(ctx, ""); err != nil || len(users) != 0 {
			t.Errorf("half of it was imported: %v, %v", users, err)
		}
		h.local.Transact = transact
		if got, err := o.Import(ctx, newBatch()); err != nil || got.Users.Taken != 2 {
			t.Errorf("then again: %+v, %v", got, err)
		}
	})
}

// calls are all calls of an operator, for tests in which all of them fail.
var calls = map[string]func(ctx context.Context, o operator.Operator) error{
	"add":  func(ctx context.Context, o operator.Operator) error { _, err := o.AddUser(ctx, ada); return err },
	"list": func(ctx context.Context, o operator.Operator) error { _, err := o.Users(ctx, ""); return err },
	"show": func(ctx context.Context, o operator.Operator) error { _, err := o.User(ctx, ada.Email); return err },
	"password": func(ctx context.Context, o operator.Operator) error {
		_, err := o.SetPassword(ctx, ada.Email, "p")
		return err
	},
	"delete": func(ctx context.Context, o operator.Operator) error {
		_, err := o.DeleteUser(ctx, ada.Email)
		return err
	},
	"import": func(ctx context.Context, o operator.Operator) error { _, err := o.Import(ctx, newBatch()); return err },
	"backup": func(ctx context.Context, o operator.Operator) error {
		_, err := o.Backup(ctx, operator.Backup{File: "/nowhere"})
		return err
	},
	"export": func(ctx context.Context, o operator.Operator) error {
		for _, err := range o.Export(ctx, false) {
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// TestServerGone: an error that names the running server, and not only what a socket says.
func TestServerGone(t *testing.T) {
	h := newHouse(t)
	wire := open(t, operator.Handler(h.local))
	client := operator.NewClient(wire.path)
	if _, err := client.Users(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	wire.stop()
	hangsUp := open(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	talksRubbish := open(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{") }))
	for where, path := range map[string]string{
		"stopped":       wire.path,
		"never started": filepath.Join(t.TempDir(), "none"),
		"hangs up":      hangsUp.path,
		"talks rubbish": talksRubbish.path,
	} {
		for name, call := range calls {
			err := call(t.Context(), operator.NewClient(path))
			if !errors.Is(err, operator.ErrConnection) {
				t.Errorf("%s, %s: %v", where, name, err)
			}
		}
	}
}

// TestCallsGiveUp: who does not want to wait any longer does not.
func TestCallsGiveUp(t *testing.T) {
	release := make(chan struct{})
	wire := open(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	}))
	defer close(release)
	ctx, giveUp := context.WithCancel(t.Context())
	done := make(chan error, len(calls))
	for _, call := range calls {
		go func() { done <- call(ctx, operator.NewClient(wire.path)) }()
	}
	giveUp()
	for range calls {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

// TestMalformedCalls: whatever stumbles into the socket changes nothing.
func TestMalformedCalls(t *testing.T) {
	h := newHouse(t)
	add(t, h.local, ada)
	wire := open(t, operator.Handler(h.local))
	socket := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", wire.path)
	}}
	defer socket.CloseIdleConnections()
	for _, row := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/add-user", "", 400},
		{"POST", "/add-user", "[]", 400},
		{"POST", "/delete-user", `{"who":"ada@example.com"}`, 400},
		{"POST", "/delete-user", `"ada@example.com`, 400},
		{"POST", "/import", `{"Users":[{"id":"nobody"}]}`, 400},
		{"POST", "/set-password", `{"Who":"ada@example.com"}`, 422},
		{"GET", "/users", "", 405},
		{"DELETE", "/delete-user", `"ada@example.com"`, 405},
		{"POST", "/export", `{}`, 400},
		{"POST", "/backup", `"/etc"`, 400},
		{"GET", "/export", "", 405},
		{"POST", "/nope", "{}", 404},
		{"POST", "/", "{}", 404},
	} {
		r, err := http.NewRequestWithContext(t.Context(), row.method, "http://operator"+row.path, bytes.NewReader([]byte(row.body)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := socket.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != row.status {
			t.Errorf("%s %s %s: %s, want %d", row.method, row.path, row.body, response.Status, row.status)
		}
	}
	if !h.canSignIn(t, ada.Email, ada.Password) {
		t.Error("the user is not what it was")
	}
}

// TestManyCallsAtOnce: commands that run beside each other do not get each other's answers.
func TestManyCallsAtOnce(t *testing.T) {
	h := newHouse(t)
	client := operator.NewClient(open(t, operator.Handler(h.local)).path)
	const n = 16
	done := make(chan error, n)
	for i := range n {
		go func() {
			details := ada
			details.Email = fmt.Sprintf("user%d@example.com", i)
			u, err := client.AddUser(t.Context(), details)
			if err == nil && u.Email != details.Email {
				err = fmt.Errorf("added %s, got %s", details.Email, u.Email)
			}
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if users, err := client.Users(t.Context(), ""); err != nil || len(users) != n {
		t.Errorf("%d users, %v", len(users), err)
	}
}
