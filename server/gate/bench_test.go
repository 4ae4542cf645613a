package gate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/gate"
)

// BenchmarkGate compares a gate with the reverse proxy that it is made of, in front of the same app.
func BenchmarkGate(b *testing.B) {
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	b.Cleanup(behind.Close)
	u, err := url.Parse(behind.URL)
	if err != nil {
		b.Fatal(err)
	}
	upstream, err := gate.NewUpstream(u, gate.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(upstream.Close)
	verdict := asAda(nil, "")
	guarded := gate.New(gate.Config{
		Upstream: upstream,
		Decide:   func(*http.Request, string) gate.Verdict { return verdict },
		Alive:    func(*http.Request, bool) (handstamp.Identity, error) { return handstamp.Identity{}, nil },
		Recheck:  time.Hour,
		Scheme:   "https",
		Cookies:  []string{"__Host-session"},
		SameSite: http.NewCrossOriginProtection(),
	})
	bare := &httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(u)
			pr.SetXForwarded()
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
	}
	for name, handler := range map[string]http.Handler{"bare": bare, "gate": guarded} {
		b.Run(name, func(b *testing.B) {
			front := httptest.NewServer(handler)
			defer front.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
			defer client.CloseIdleConnections()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequest(http.MethodGet, front.URL+"/page?x=y", nil)
					if err != nil {
						b.Error(err)
						return
					}
					r.Header.Set("Cookie", "__Host-session=0123456789012345678901234567890123456789012; theme=dark")
					response, err := client.Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			})
		})
	}
}
