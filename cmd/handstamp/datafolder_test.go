package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/operator"
)

// openFolder makes a data folder at path and closes it when the test ends.
func openFolder(t *testing.T, path string) *opened {
	t.Helper()
	own, err := dataFolder(path).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.close(); err != nil {
			t.Error(err)
		}
	})
	return own
}

// serve offers the users of own on listener until the test ends.
func serve(t *testing.T, listener net.Listener, own *opened) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		stopped <- server.Serve(ctx, listener, operator.Handler(own.operator()), slog.New(slog.DiscardHandler), nil)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

// TestDataFolderNames: whatever a folder is called, its database is in it. To SQLite a name is a
// URI, in which some characters mean something.
func TestDataFolderNames(t *testing.T) {
	base := t.TempDir()
	for _, name := range []string{
		"plain", "with blank", "?mode=memory", "#fragment", "%41", "100%", "a&b=c", "é😀", "'quoted'", `back\slash`,
		"file:x", ":memory:", "a//b/../c",
	} {
		folder := base + "/" + name
		own := openFolder(t, folder)
		if _, err := own.people.Create(t.Context(), account.Details{Email: "a@b.c", Password: "p"}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(folder, databaseName)); err != nil || info.Size() == 0 {
			t.Errorf("%q: the database is not in the folder: %v", name, err)
		}
	}
	// And nowhere else.
	found, err := filepath.Glob(filepath.Join(base, "*"))
	if err != nil || len(found) != 13 {
		t.Errorf("%v %q", err, found)
	}
}

func TestSocketPath(t *testing.T) {
	wd := t.TempDir()
	t.Chdir(wd)
	long := strings.Repeat("l", 90)
	for _, row := range []struct{ folder, want string }{
		{"data", "data/handstamp.sock"},
		{"./data", "data/handstamp.sock"},
		{"/srv/data", "/srv/data/handstamp.sock"},
		{"/" + strings.Repeat("x", 87), "/" + strings.Repeat("x", 87) + "/handstamp.sock"}, // 103 bytes
		{filepath.Join(wd, long), long + "/handstamp.sock"},
		// What gets no shorter stays as it is, and listening says what helps.
		{"/" + strings.Repeat("x", 88), "/" + strings.Repeat("x", 88) + "/handstamp.sock"},
		{strings.Repeat("x", 200), strings.Repeat("x", 200) + "/handstamp.sock"},
	} {
		if got := dataFolder(row.folder).socket(); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.folder, got, row.want)
		}
	}
}

// TestSocketOfLongFolder: a socket's path may have about a hundred bytes, a folder's far more.
func TestSocketOfLongFolder(t *testing.T) {
	wd := t.TempDir()
	t.Chdir(wd)
	inside := filepath.Join(wd, strings.Repeat("d/", 20), "data")
	own := openFolder(t, inside)
	listener, err := dataFolder(inside).listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	serve(t, listener, own)
	users := 0
	err = dataFolder(inside).operate(t.Context(), false, func(o operator.Operator) error {
		list, err := o.Users(t.Context(), "")
		users = len(list)
		return err
	})
	if err != nil || users != 0 {
		t.Errorf("%d users, %v", users, err)
	}

	tooLong := dataFolder(filepath.Join(wd, strings.Repeat("d", 120)))
	if err := os.Mkdir(string(tooLong), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := tooLong.listen(t.Context()); err == nil || !strings.Contains(err.Error(), "a shorter path of the data folder may help") {
		t.Errorf("got %v", err)
	}
}

// TestListenTakesOver: what a killed server has left at the place of the socket is in nobody's way.
func TestListenTakesOver(t *testing.T) {
	t.Chdir(t.TempDir())
	folder := dataFolder("data")
	openFolder(t, string(folder))
	if err := os.WriteFile(folder.socket(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		listener, err := folder.listen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		listener.(*net.UnixListener).SetUnlinkOnClose(false) // as if killed
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwnedByACommand: while a command of somebody else owns the folder there is nobody to talk
// to, whether a killed server has left its socket there or not.
func TestOwnedByACommand(t *testing.T) {
	t.Chdir(t.TempDir())
	folder := dataFolder("data")
	openFolder(t, string(folder))
	nothing := func(o operator.Operator) error {
		_, err := o.Users(context.Background(), "")
		return err
	}
	const advice = "try again in a moment"
	if err := folder.operate(t.Context(), false, nothing); err == nil || !strings.Contains(err.Error(), advice) {
		t.Errorf("no socket: %v", err)
	}
	listener, err := folder.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = listener.Close()
	if err := folder.operate(t.Context(), false, nothing); err == nil || !strings.Contains(err.Error(), advice) {
		t.Errorf("a socket without a server: %v", err)
	}
}
