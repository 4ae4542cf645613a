// Command api is a service behind the page. It tells who is calling by the token that comes along, and asks nobody.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/token/jwks"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "address")
	site := flag.String("site", "http://localhost:8080", "the page's origin, which is Handstamp's public-url, too")
	flag.Parse()

	callers, err := jwks.New(jwks.Config{Issuer: *site, Audience: *site})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /me", me)

	server := &http.Server{
		Addr:        *listen,
		Handler:     handstamp.NewGuard(callers).Require()(mux),
		ReadTimeout: 5 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

func me(w http.ResponseWriter, r *http.Request) {
	who, _ := handstamp.From(r.Context())
	w.Header().Set("Content-Type", "application/json")
	text := json.NewEncoder(w)
	text.SetIndent("", "  ")
	_ = text.Encode(map[string]string{"user": who.UserID.String(), "session": who.SessionID.String(), "role": who.Role})
}
