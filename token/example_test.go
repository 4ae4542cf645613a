package token_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

// A login for programs, beside cookies for browsers, around one handler.
func Example() {
	ctx, seal, secret := context.Background(), make([]byte, 32), make([]byte, 32) // which come from where secrets are kept
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	defer sessions.Close()
	people.Attach(sessions) // so that a new password ends them
	keys, err := keyring.Open(ctx, memory.NewKeys(), seal, keyring.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()
	tokens, err := token.New(sessions, keys, token.Config{Issuer: "https://id.example.com", Secret: secret})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := handstamp.NewGuard(sessions, tokens) // a cookie, or a token
	me := guard.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		_, _ = fmt.Fprintf(w, "somebody is here, by %v", who.Method)
	}))

	ada := account.Details{Email: "ada@example.com", Password: "correct horse battery"}
	if _, err := people.Create(ctx, ada); err != nil {
		fmt.Println(err)
		return
	}
	_, first, err := people.Login(ctx, tokens, ada.Email, ada.Password)
	if err != nil {
		fmt.Println(err)
		return
	}
	next, err := tokens.Renew(ctx, first)
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(bearer session.Token) {
		r := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+string(bearer))
		w := httptest.NewRecorder()
		me.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	ask(next)
	if err := tokens.End(ctx, next); err != nil {
		fmt.Println(err)
		return
	}
	ask(next)
	// Output:
	// 200 somebody is here, by bearer
	// 401 Unauthorized
}
