package operator_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server/operator"
)

func TestBackup(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		add(t, o, ada)
		file := filepath.Join(t.TempDir(), "backup")
		for _, replace := range []bool{false, true} {
			size, err := o.Backup(t.Context(), operator.Backup{File: file, Replace: replace})
			if info, statErr := os.Stat(file); err != nil || statErr != nil || info.Size() != size {
				t.Fatalf("%d bytes, %v, %v", size, err, statErr)
			}
		}
		db, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var email string
		if err := db.QueryRow(`SELECT email FROM users`).Scan(&email); err != nil || email != ada.Email {
			t.Errorf("the backup has %q, %v", email, err)
		}
		_, err = o.Backup(t.Context(), operator.Backup{File: file})
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), file) {
			t.Errorf("error %v, want fs.ErrExist with the name", err)
		}
		h.local.WriteBackup = nil
		if _, err := o.Backup(t.Context(), operator.Backup{File: file}); err == nil {
			t.Error("a store without backups made one")
		}
	})
}

func TestExport(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		if got := export(t, o, true); len(got) != 0 {
			t.Errorf("nobody is %v", got)
		}
		batch := newBatch()
		if _, err := o.Import(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		for _, hashes := range []bool{false, true} {
			var want []operator.Exported
			for _, u := range batch.Users {
				e := operator.Exported{
					ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Role: u.Role,
					CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
				}
				if hashes {
					e.PasswordHash = u.PasswordHash
				}
				want = append(want, e)
			}
			if diff := cmp.Diff(want, export(t, o, hashes)); diff != "" {
				t.Errorf("hashes %v (-want +got):\n%s", hashes, diff)
			}
		}
	})
}

// TestExportOfMany reads more than one page, and stops early.
func TestExportOfMany(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, o operator.Operator) {
		const n = 2500
		for i := range n {
			u := newBatch().Users[0]
			u.ID[0], u.ID[1], u.EmailKey = byte(i), byte(i>>8), fmt.Sprint(i)
			if err := h.store.Users().Insert(t.Context(), u, account.Write{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := export(t, o, false); len(got) != n {
			t.Errorf("%d users, want %d", len(got), n)
		}
		for range o.Export(t.Context(), false) {
			break // and leaves nothing behind
		}
	})
}

// sick is an operator whose store fails in the middle of an export.
type sick struct{ operator.Operator }

func (sick) Export(context.Context, bool) iter.Seq2[operator.Exported, error] {
	return func(yield func(operator.Exported, error) bool) {
		_ = yield(operator.Exported{Email: ada.Email}, nil) && yield(operator.Exported{}, errFull)
	}
}

// TestExportIsWholeOrFails: half a list must not pass for all of it.
func TestExportIsWholeOrFails(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"the store fails": {operator.Handler(sick{h.local}), errFull.Error()},
		"the server dies": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"User":{"email":"ada@example.com"}}`+"\n")
		}), operator.ErrConnection.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			var users []string
			var failed error
			for u, err := range operator.NewClient(open(t, c.handler).path).Export(t.Context(), false) {
				if failed = err; err == nil {
					users = append(users, u.Email)
				}
			}
			if len(users) != 1 || failed == nil || !strings.Contains(failed.Error(), c.want) {
				t.Errorf("users %q, error %v; want one and %q", users, failed, c.want)
			}
		})
	}
}

func export(t *testing.T, o operator.Operator, hashes bool) []operator.Exported {
	t.Helper()
	var users []operator.Exported
	for u, err := range o.Export(t.Context(), hashes) {
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
	}
	return users
}
