package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
)

const (
	loginClients  = 64
	loginPassword = "correct horse battery staple"
)

// logins compares logins through the whole server with the hashes that they need.
func (b *bench) logins(ctx context.Context) (err error) {
	db, err := openDatabase(ctx, filepath.Join(b.folder, "logins"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	hash, err := new(password.Hasher).Hash(ctx, loginPassword)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	visitors, err := db.fill(ctx, loginClients, hash)
	if err != nil {
		return err
	}
	sessions := session.New(db.Sessions())
	sessions.Cookie = session.Cookie{Name: cookieName, Classic: true}
	defer sessions.Close()
	handler := classicHandler(db, sessions, new(password.Local))

	sides := []struct {
		workers int
		work    func(worker int) error
	}{
		{runtime.GOMAXPROCS(0), func(int) error {
			bareHash()
			return nil
		}},
		{loginClients, func(i int) error { return logIn(ctx, handler, visitors[i].email) }},
	}
	rates, costs := make([]series, len(sides)), make([]series, len(sides))
	for range b.effort.rounds {
		for i, side := range sides {
			cpu := cpuOf(os.Getpid())
			rate, err := together(ctx, side.workers, times(b.effort.logins), side.work)
			if err != nil {
				return err
			}
			cpu = cpuOf(os.Getpid()) - cpu
			rates[i] = append(rates[i], rate)
			costs[i] = append(costs[i], float64(cpu.Milliseconds())/float64(b.effort.logins))
		}
	}

	p := password.Default
	t := b.table("Logins: POST /auth_session/login with the right password",
		fmt.Sprintf("%d clients at once, in this process, each login a session in SQLite that is on the disk before the answer.\n"+
			"argon2id with %d KiB, %d passes, %d lane; %d of both in a round.",
			loginClients, p.MemoryKiB, p.Passes, p.Lanes, b.effort.logins),
		"what", "per second", "of bare", "CPU ms each", "CPU over bare")
	for i, name := range []string{"bare argon2id, on every processor", "logins"} {
		t.row(name, rates[i].show(decimal), rates[i].over(rates[0]).show(ratio),
			costs[i].show(decimal), ratio(costs[i].over(costs[0]).median()))
	}
	if err := t.end(); err != nil {
		return err
	}
	got := rates[1].over(rates[0]).median()
	b.target(got >= 0.9, "logins at least 0.90 of the bare argon2id rate: %s", ratio(got))
	return nil
}

// bareHash is one hash with the parameters of package password.
func bareHash() {
	p := password.Default
	argon2.IDKey([]byte(loginPassword), make([]byte, 16), p.Passes, p.MemoryKiB, p.Lanes, 32)
}

func logIn(ctx context.Context, handler http.Handler, email string) error {
	form := url.Values{"email": {email}, "password": {loginPassword}}.Encode()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/auth_session/login", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("login answers %d: %s", answer.Code, text)
	}
	return nil
}
