// Command microservice is a service of its own, whose handlers are guarded by the sessions of a Handstamp server that runs
// somewhere else. It answers from memory, and refuses a session that has ended within milliseconds.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/remotestore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context) error {
	server := cmp.Or(os.Getenv("SERVER"), "http://localhost:5000")
	secret, err := os.ReadFile(cmp.Or(os.Getenv("SECRET_FILE"), "data/shop.secret"))
	if err != nil {
		return err
	}
	store := remotestore.New(server, strings.TrimSpace(string(secret)))
	defer store.Close()

	sessions := session.New(store)
	defer sessions.Close()
	sessions.Cookie.Insecure = strings.HasPrefix(server, "http://") // as the server's own cookie is

	guard := handstamp.NewGuard(sessions)
	mux := http.NewServeMux()
	mux.Handle("GET /orders", guard.Require()(http.HandlerFunc(orders)))

	srv := &http.Server{Addr: cmp.Or(os.Getenv("LISTEN"), "localhost:8080"), Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// orders answers with whose orders these would be.
func orders(w http.ResponseWriter, r *http.Request) {
	who, _ := handstamp.From(r.Context())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"user": who.UserID, "role": who.Role, "orders": []string{}})
}
