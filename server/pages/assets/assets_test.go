package assets_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/pages/assets"
)

// get asks a server of the set for a file.
func get(set *assets.Set, method, name string) *http.Response {
	mux := http.NewServeMux()
	mux.HandleFunc("/assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Cookie")
		if !set.Serve(w, r) {
			http.Error(w, "nothing of ours", http.StatusNotFound)
		}
	})
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(method, "/assets/"+name, nil))
	return answer.Result()
}

// TestFilesMayBeKeptForGood by whoever gets them, and are what they say.
func TestFilesMayBeKeptForGood(t *testing.T) {
	set := assets.New()
	for name, kind := range map[string]string{
		"style.css": "text/css; charset=utf-8", "handstamp.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		stem, end, _ := strings.Cut(name, ".")
		path := set.Path(name)
		if !regexp.MustCompile(`^` + stem + `\.[0-9a-f]{16}\.` + end + `$`).MatchString(path) {
			t.Errorf("Path(%q) = %q: want the hash in the name", name, path)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			answer := get(set, method, path)
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s %s: %s", method, path, answer.Status)
			}
			for header, want := range map[string]string{
				"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "",
			} {
				if got := answer.Header.Get(header); got != want {
					t.Errorf("%s %s: %s is %q, want %q", method, path, header, got, want)
				}
			}
			if answer.ContentLength == 0 {
				t.Errorf("%s %s is empty", method, path)
			}
		}
	}
}

// TestNothingElseIsServed: neither a file without its hash, nor with another one, nor what is not ours.
func TestNothingElseIsServed(t *testing.T) {
	set := assets.New()
	for _, name := range []string{"style.css", "style.0000000000000000.css", "assets.go", "..%2fassets.go", "."} {
		if answer := get(set, http.MethodGet, name); answer.StatusCode == http.StatusOK {
			t.Errorf("GET %s: %s", name, answer.Status)
		}
	}
	if path := set.Path("logo.png"); path != "" {
		t.Errorf("Path of what is not there = %q", path)
	}
}

// TestFilesOfAnApp are served beside ours, under the policy that they come with. What changes gets a new
// name.
func TestFilesOfAnApp(t *testing.T) {
	logo := assets.File{Name: "logo.svg", Type: "image/svg+xml", Text: []byte("<svg/>"), Policy: "sandbox"}
	set := assets.New(logo)
	answer := get(set, http.MethodGet, set.Path("logo.svg"))
	if got := answer.Header.Get("Content-Security-Policy"); answer.StatusCode != http.StatusOK || got != "sandbox" {
		t.Errorf("the logo: %s, policy %q", answer.Status, got)
	}
	changed := logo
	changed.Text = []byte("<svg />")
	if assets.New(changed).Path("logo.svg") == set.Path("logo.svg") {
		t.Error("another logo has the same name")
	}
}

// TestPagesStayLight: what every visitor loads before the login is there.
func TestPagesStayLight(t *testing.T) {
	set := assets.New()
	for name, most := range map[string]int64{"style.css": 14 << 10, "handstamp.js": 2560, "icon.svg": 1 << 10} {
		if length := get(set, http.MethodGet, set.Path(name)).ContentLength; length > most {
			t.Errorf("%s has %d bytes, want at most %d", name, length, most)
		}
	}
}
