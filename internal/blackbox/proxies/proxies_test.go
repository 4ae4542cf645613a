package proxies_test

import "testing"

// TestProxies runs everything with each proxy: one process of it, cases beside each other, and at the
// end a look at all that has reached the app.
func TestProxies(t *testing.T) {
	if testing.Short() {
		t.Skip("needs nginx, HAProxy, Caddy and Apache")
	}
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, kind)
			t.Run("cases", func(t *testing.T) {
				for name, check := range map[string]func(*testing.T, *scene){
					"path confusion":       pathConfusion,
					"differential":         differential,
					"shared connections":   sharedConnections,
					"answers":              answers,
					"what Handstamp hears": whatHandstampHears,
					"the app's cookies":    theAppsCookies,
					"sockets":              sockets,
					"streams":              streams,
				} {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						check(t, s)
					})
				}
			})
			t.Run("outage", func(t *testing.T) { outage(t, s) })
			s.checkWire(t)
		})
	}
}
