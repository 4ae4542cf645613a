package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/store/sqlstore"
)

// Somebody with an account at the product, and where browsers reach that.
const (
	ownerEmail = "owner@example.com"
	publicURL  = "http://localhost:5000"
	publicHost = "localhost:5000"
)

// makeOwner makes a database in which somebody can sign in with loginPassword.
func makeOwner(ctx context.Context, folder string) (err error) {
	hash, err := new(password.Hasher).Hash(ctx, loginPassword)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return db.Transact(ctx, func(ctx context.Context, tx sqlstore.Tx) error { return tx.InsertUser(ctx, newOwner(hash)) })
}

func newOwner(hash string) account.User {
	u := newUser(ownerEmail, hash)
	u.Role = "user"
	// What is in the answers is everywhere the same.
	u.ID, u.CreatedAt, u.UpdatedAt = handstamp.IDOf("owner"), sampleTime, sampleTime
	return u
}

// credentials are the header lines by which the product knows who is asking.
type credentials struct{ cookie, bearer string }

// signIn signs the owner in, once as browsers do and once as programs do.
func signIn(ctx context.Context, c *child) (credentials, error) {
	form := url.Values{"email": {ownerEmail}, "password": {loginPassword}}.Encode()
	answer, err := post(ctx, c, "/api/v1/auth_session/login", "application/x-www-form-urlencoded", form)
	if err != nil {
		return credentials{}, err
	}
	_ = answer.Body.Close()
	var found credentials
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "session" {
			found.cookie = "Cookie: session=" + cookie.Value
		}
	}
	answer, err = post(ctx, c, "/@login", "application/json", `{"login": "`+ownerEmail+`", "password": "`+loginPassword+`"}`)
	if err != nil {
		return credentials{}, err
	}
	defer answer.Body.Close()
	var body struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		return credentials{}, fmt.Errorf("sign in at %s: %w", c.name, err)
	}
	found.bearer = "Authorization: Bearer " + body.Token
	if found.cookie == "" || body.Token == "" {
		return credentials{}, fmt.Errorf("sign in at %s: no cookie, or no token", c.name)
	}
	return found, nil
}

func post(ctx context.Context, c *child, path, form, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w", c.name, err)
	}
	r.Host = publicHost
	r.Header.Set("Content-Type", form)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w", c.name, err)
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("sign in at %s: %s", c.name, answer.Status)
	}
	return answer, nil
}
