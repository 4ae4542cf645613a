// Command library is session login around a handler, in one file.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

func main() {
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	sessions.Cookie = session.Cookie{Insecure: true} // without TLS, on your own machine only

	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
	guard.Public = []string{"/login"}

	mux := http.NewServeMux()
	mux.Handle("POST /login", people.SignIn(sessions))
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		fmt.Fprintf(w, "You are user %s, by %s.\n", who.UserID, who.Method)
	})

	ada := account.Details{Email: "ada@example.com", Password: "correct horse battery"}
	if _, err := people.Create(context.Background(), ada); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", guard.Require()(mux)))
}
