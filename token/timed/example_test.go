package timed_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/handstamp/handstamp/token/timed"
)

// In a program it comes from its settings, and 32 random bytes are a good one.
var secretOfService = strings.Repeat("0123456789abcdef", 2)

func Example() {
	signer, err := timed.New(secretOfService, timed.Options{})
	if err != nil {
		log.Fatal(err)
	}
	token, err := signer.Sign(map[string]int{"id": 42}, time.Hour)
	if err != nil {
		log.Fatal(err)
	}

	var payload struct{ ID int }
	switch err := signer.Verify(token, &payload); {
	case errors.Is(err, timed.ErrExpired): // first, as it is a bad signature, too
		fmt.Println("expired token")
	case err != nil:
		fmt.Println("useless token")
	default:
		fmt.Println("user", payload.ID)
	}
	// Output: user 42
}

func ExampleSigner_Require() {
	signer, err := timed.New(secretOfService, timed.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /orders", signer.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		payload, _ := timed.Payload(r.Context())
		fmt.Fprintf(w, "an order of %s", payload)
	})))
}

// A link in a mail confirms an address, once: confirming raises the epoch.
func ExamplePurpose() {
	confirm, err := timed.NewPurpose("confirm email", secretOfService)
	if err != nil {
		log.Fatal(err)
	}
	epochs := map[string]int{"ada": 7} // in a program, in its database
	epochOf := func(user string) (string, error) { return fmt.Sprint(epochs[user]), nil }

	token, err := confirm.Sign("ada", "7", 24*time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		user, err := confirm.Verify(token, epochOf)
		if err != nil {
			fmt.Println(err)
			continue
		}
		epochs[user]++
		fmt.Println("confirmed:", user)
	}
	// Output:
	// confirmed: ada
	// token is of an earlier state
}
