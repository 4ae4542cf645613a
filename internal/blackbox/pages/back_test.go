package pages_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestBackShowsNothing: who has signed out and goes back finds the login, whatever the browser keeps of pages
// that were left: all of them, as they were, or none, for what listens for the end of a page.
func TestBackShowsNothing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.add(ada, "admin")
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>Kept</title><link rel="icon" href="data:,"><a href="/next">Next</a>`))
	}))
	t.Cleanup(plain.Close)
	for name, listen := range map[string]string{"kept": "", "not kept": `addEventListener("unload", () => {})`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.reader(t, browser.Device{})
			leave := func() {
				r.Eval(`document.documentElement.dataset.mark = "left"; `+listen, nil)
			}
			isMarked := func() (marked bool) {
				r.Eval(`document.documentElement.dataset.mark === "left"`, &marked)
				return marked
			}
			r.Open(plain.URL) // what would be seen if it were kept
			leave()
			r.Click("Next")
			r.Back()
			if marked := isMarked(); marked != (listen == "") {
				t.Fatalf("the browser keeps a page that says nothing against it: %v", marked)
			}

			r.enterAs(ada)
			for _, path := range []string{"/admin/users", "/admin/audit", "/account"} {
				r.open(path)
				leave()
			}
			r.signOut()
			for range 4 {
				r.Back()
				var page string
				r.Eval(`document.documentElement.outerHTML`, &page)
				if isMarked() || strings.Contains(page, ada.email) || strings.Contains(page, ada.last) {
					t.Errorf("the page before is still there, at %s:\n%.2000s", r.URL(), page)
				}
				r.thrownOut()
			}
		})
	}
}
