package session

import (
	"errors"
	"net/http"
)

// SignOut returns the handler that signs people out: a POST ends the session of its cookie and makes
// the browser forget the cookie and what it has stored of the site. To sign out twice is no error. A
// browser on another site cannot use it.
func (m *Manager) SignOut() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		if r.Method != http.MethodPost {
			header.Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if token, ok := m.TokenOf(r); ok {
			if err := m.End(r.Context(), token); err != nil && !errors.Is(err, ErrGone) {
				m.Notify.Fault(r.Context(), "sign out", err)
				header.Set("Retry-After", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		m.ClearCookie(w)
		header.Set("Clear-Site-Data", `"cache", "storage"`) // but no cookies of sibling sites
		w.WriteHeader(http.StatusNoContent)
	}))
}
