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
	addAda(people)

	sessions := session.New(memory.New())
	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))
	guard.Public = []string{"/login", "/logout"}

	mux := http.NewServeMux()
	mux.Handle("/login", people.SignIn(sessions))
	mux.Handle("/logout", sessions.SignOut())
	mux.HandleFunc("/me", me)

	log.Fatal(http.ListenAndServe("localhost:8080", guard.Require()(mux)))
}

func me(w http.ResponseWriter, r *http.Request) {
	who, _ := handstamp.From(r.Context())
	fmt.Fprintf(w, "You are user %s, by %s.\n", who.UserID, who.Method)
}

// addAda makes the user who may sign in here.
func addAda(people *account.Directory) {
	ada := account.Details{Email: "ada@example.com", Password: "correct horse battery"}
	if _, err := people.Create(context.Background(), ada); err != nil {
		log.Fatal(err)
	}
}
