package remotestore_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/server/relay"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/remotestore"
)

// A balancer sends each request to another one of several servers.
type balancer struct {
	addresses []string
	next      atomic.Uint64
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.Clone(r.Context())
	to.URL.Host = b.addresses[b.next.Add(1)%uint64(len(b.addresses))]
	to.Host = to.URL.Host
	return http.DefaultTransport.RoundTrip(to)
}

func (b *balancer) CloseIdleConnections() {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// TestServersBehindOneURL: memory is used though each request gets to another server, and what has ended is refused.
func TestServersBehindOneURL(t *testing.T) {
	config := relay.Config{Incarnation: func() string { return "one store" }}
	h := newHost(t, config)
	other := *h
	other.start("127.0.0.1:0")
	t.Cleanup(func() { other.stop() })
	s := h.service(client.ScopeSessions, remotestore.Config{Transport: &balancer{addresses: []string{h.address, other.address}}})
	m := session.New(s)
	defer m.Close()
	until(t, "the lease holds", holds(s))
	time.Sleep(lease) // in which both are met

	token := h.begin()
	if _, err := m.Find(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		time.Sleep(lease / 10)
		before := m.CacheStats().Hits
		if _, err := m.Find(t.Context(), token); err != nil || m.CacheStats().Hits == before {
			t.Fatalf("%v, and it was not answered from memory", err)
		}
	}
	if state := s.State(); state.Lapses != 0 {
		t.Errorf("%+v", state)
	}
	if err := h.sessions.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	until(t, "the session is refused", func() bool {
		_, err := m.Find(t.Context(), token)
		return errors.Is(err, session.ErrGone)
	})
	for range 10 {
		token := h.begin()
		if _, err := m.Find(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if err := m.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Find(t.Context(), token); !errors.Is(err, session.ErrGone) {
			t.Errorf("after an end of its own: %v", err)
		}
	}
}
