package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/browser"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"none", `<p class="good">Good</p>`, ""},
		{"script", `<script>document.title = "x"</script>`, "script-src-elem forbids InlineViolation"},
		{"handler", `<button onclick="x()">x</button>`, "script-src-attr forbids InlineViolation"},
		{"style", `<p style="color: red">Red</p>`, "style-src-attr forbids InlineViolation"},
		{"image", `<img src="http://elsewhere.test/x.png" alt="">`, "img-src forbids URLViolation of http://elsewhere.test/x.png"},
		{"frame", `<iframe src="/" title="x"></iframe>`, "frame-src forbids URLViolation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := visitor(t, browser.Device{}, serve(t, c.body, style("")).URL)
			found := v.Violations()
			if c.want == "" && len(found) == 0 {
				return
			}
			if len(found) != 1 || !strings.Contains(found[0], c.want) || c.want == "" {
				t.Errorf("violations %q, want %q", found, c.want)
			}
		})
	}
}

// TestFormToAnotherSite: what a policy forbids only when it is tried.
func TestFormToAnotherSite(t *testing.T) {
	t.Parallel()
	server := serve(t, `<form action="/go" method="post"><button>Go</button></form>`, map[string]http.HandlerFunc{
		"/go": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.test/", http.StatusSeeOther)
		},
	})
	v := visitor(t, browser.Device{}, server.URL)
	v.Click("Go")
	if found := v.Violations(); len(found) != 1 || !strings.Contains(found[0], "form-action") {
		t.Errorf("violations %q", found)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	server := serve(t, "", map[string]http.HandlerFunc{
		"/pixel.png": asset("image/png", ""),
		"/framed":    asset("text/html", `<!doctype html><p>Framed</p>`),
		"/away": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://evil.test/", http.StatusFound)
		},
	})
	other := strings.Replace(server.URL, "127.0.0.1", "elsewhere.test", 1)
	lax := serve(t, "", map[string]http.HandlerFunc{
		"/loads": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src *")
			page(`<img src="`+other+`/pixel.png" alt=""><img src="data:," alt=""><iframe title="x" src="`+other+`/framed"></iframe>`)(w, r)
		},
		"/links": page(`<a href="` + server.URL + `/away">Away</a>`),
	})
	v := visitor(t, browser.Device{}, lax.URL+"/loads")
	if diff := cmp.Diff([]string{other + "/pixel.png", other + "/framed"}, v.Foreign()); diff != "" {
		t.Errorf("foreign (-want +got):\n%s", diff)
	}
	if found := v.Foreign(other); len(found) > 0 {
		t.Errorf("what is allowed is foreign: %q", found)
	}
	v = visitor(t, browser.Device{}, lax.URL+"/links")
	if found := v.Foreign(); len(found) > 0 {
		t.Errorf("its own page is foreign: %q", found)
	}
	v.Click("Away")
	if diff := cmp.Diff([]string{server.URL + "/away", "http://evil.test/"}, v.Foreign()); diff != "" {
		t.Errorf("foreign (-want +got):\n%s", diff)
	}
	if v.URL() != "http://evil.test/" || v.Status() != 0 {
		t.Errorf("at %s, status %d", v.URL(), v.Status())
	}
}

func TestConsoleErrors(t *testing.T) {
	t.Parallel()
	server := serve(t, `<img src="/missing.png" alt=""><script src="/script.js"></script>`, map[string]http.HandlerFunc{
		"/style.css": asset("text/css", ""),
		"/script.js": asset("text/javascript", `console.log("all is well"); console.error("broken", 7); undefined.x`),
	})
	got := strings.Join(visitor(t, browser.Device{}, server.URL).ConsoleErrors(), "\n")
	for _, want := range []string{`"broken" 7`, "TypeError", "404 (Not Found) " + server.URL + "/missing.png"} {
		if !strings.Contains(got, want) {
			t.Errorf("console errors lack %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "all is well") {
		t.Errorf("not an error:\n%s", got)
	}
}
