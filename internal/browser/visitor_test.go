package browser_test

import (
	"fmt"
	"html"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/browser"
)

func TestDevice(t *testing.T) {
	t.Parallel()
	var language, agent string
	server := serve(t, `<p>Hello</p>`, map[string]http.HandlerFunc{
		"/asked": func(w http.ResponseWriter, r *http.Request) {
			language, agent = r.Header.Get("Accept-Language"), r.UserAgent()
			page("<p>Asked</p>")(w, r)
		},
	})
	type screen struct {
		Width, Height int
		Ratio         float64
		Dark, Calm    bool
		Forced        bool
		Languages     string
		Noon          string
	}
	for _, c := range []struct {
		name     string
		device   browser.Device
		want     screen
		language string
	}{
		{"plain", browser.Device{}, screen{1280, 800, 1, false, false, false, "en", "1/1/2026, 12:00:00 PM"}, "en"},
		{
			"French, dark, calm, in forced colours",
			browser.Device{Language: "fr-CH,de", Zone: "Europe/Zurich", Dark: true, ReducedMotion: true, ForcedColors: true},
			screen{1280, 800, 1, true, true, true, "fr-CH,de", "01.01.2026 13:00:00"},
			"fr-CH,de;q=0.9",
		},
		{"zoomed", browser.Device{Width: 1280, Height: 720, Zoom: 2}, screen{640, 360, 2, false, false, false, "en", "1/1/2026, 12:00:00 PM"}, "en"},
		{"phone", browser.Device{Width: 360, Height: 740, Scale: 3, Phone: true}, screen{360, 740, 3, false, false, false, "en", "1/1/2026, 12:00:00 PM"}, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.device.UserAgent = "Ada/1"
			v := visitor(t, c.device, server.URL+"/asked")
			var got screen
			v.Eval(`({
				width: innerWidth, height: innerHeight, ratio: devicePixelRatio, languages: navigator.languages.join(),
				dark: matchMedia("(prefers-color-scheme: dark)").matches, calm: matchMedia("(prefers-reduced-motion: reduce)").matches,
				forced: matchMedia("(forced-colors: active)").matches,
				noon: new Date("2026-01-01T12:00:00Z").toLocaleString().replace("\u202f", " "),
			})`, &got)
			if got != c.want {
				t.Errorf("the page sees %+v, want %+v", got, c.want)
			}
			if language != c.language || !strings.HasSuffix(agent, " Ada/1") || strings.Contains(agent, "Headless") {
				t.Errorf("the server sees Accept-Language %q and User-Agent %q", language, agent)
			}
		})
	}
}

func TestVisitorsShareNoCookies(t *testing.T) {
	t.Parallel()
	server := serve(t, "", map[string]http.HandlerFunc{
		"/in": func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "stamp", Value: "ada", Path: "/x", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, MaxAge: 3600})
			page("")(w, r)
		},
		"/x": func(w http.ResponseWriter, r *http.Request) {
			c, _ := r.Cookie("stamp")
			page(fmt.Sprintf(`<p id="who">%s</p>`, html.EscapeString(c.String())))(w, r)
		},
	})
	ada := visitor(t, browser.Device{}, server.URL+"/in")
	bob := visitor(t, browser.Device{}, server.URL+"/x")
	ada.Open(server.URL + "/x")
	if a, b := ada.Text("#who"), bob.Text("#who"); a != "stamp=ada" || b != "" {
		t.Errorf("Ada's cookie is %s, Bob's %s", a, b)
	}
	if n := len(bob.Cookies()); n != 0 {
		t.Errorf("Bob has %d cookies", n)
	}
	cookies := ada.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("Ada has %v", cookies)
	}
	c := cookies[0]
	if c.Name != "stamp" || c.Path != "/x" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || time.Until(c.Expires) < 50*time.Minute {
		t.Errorf("Ada's cookie is %v", c)
	}
}

func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	handlers := map[string]http.HandlerFunc{
		"/script.js": asset("text/javascript", `document.getElementById("said").textContent = "script"`),
		"/there":     page(`<p>There</p>`),
	}
	server := serve(t, `<noscript><p id="no">without</p></noscript><p id="said">nothing</p><a href="/there">Go on</a><script src="/script.js"></script>`, handlers)
	with := visitor(t, browser.Device{}, server.URL)
	without := visitor(t, browser.Device{NoScript: true}, server.URL)
	if got := with.Text("#said"); got != "script" || with.Count("#no") != 0 {
		t.Errorf("with JavaScript the page says %q", got)
	}
	for range 2 { // axe-core needs JavaScript for itself, and gives none to the page
		if got := without.Text("#said"); got != "nothing" || without.Text("#no") != "without" {
			t.Errorf("without JavaScript the page says %q", got)
		}
		without.Accessible()
		without.Click("Go on")
		without.Back()
		without.Open(server.URL)
	}
}

// TestNobodyElse: no address but this machine's can be reached.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	server := serve(t, `<p>Here</p>`, nil)
	v := visitor(t, browser.Device{Patience: 10 * time.Second}, server.URL)
	for _, address := range []string{"http://192.0.2.1/", "http://example.com/", "http://[2001:db8::1]/"} {
		wantFailure(t, v, func(v *browser.Visitor) { v.Open(address) }, "ERR_NAME_NOT_RESOLVED", address)
	}
	// Other sites are names of this machine.
	v.Open(strings.Replace(server.URL, "127.0.0.1", "elsewhere.test", 1))
	if got := v.Text("p"); got != "Here" {
		t.Errorf("elsewhere.test says %q", got)
	}
}

func TestScreenshot(t *testing.T) {
	t.Parallel()
	handlers := style(`body { height: 2000px; margin: 0 } h1 { margin: 0 } :root { color-scheme: light dark }`)
	server := serve(t, "", handlers)
	for _, c := range []struct {
		name                  string
		device                browser.Device
		whole                 bool
		width, height, bright int
	}{
		{"window", browser.Device{Width: 400, Height: 300}, false, 400, 300, 255},
		{"whole, dark, on a good screen", browser.Device{Width: 360, Height: 300, Scale: 2, Dark: true}, true, 720, 4000, 18},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pictures", "page.png")
			visitor(t, c.device, server.URL).Screenshot(file, c.whole)
			opened, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			picture, err := png.Decode(opened)
			if err != nil {
				t.Fatal(err)
			}
			bounds := picture.Bounds()
			if bounds.Dx() != c.width || bounds.Dy() != c.height {
				t.Errorf("the picture is %v", bounds)
			}
			if r, _, _, _ := picture.At(bounds.Max.X-1, 1).RGBA(); int(r>>8) != c.bright {
				t.Errorf("its corner is %d bright", r>>8)
			}
		})
	}
}
