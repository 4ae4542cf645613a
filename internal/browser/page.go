package browser

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// Eval stores what a script comes to in *into, as JSON; into may be nil. It is for looking, not for acting:
// the script sees the page, and no variable of the page's own scripts. It waits for a promise, which
// without JavaScript may never come true.
func (v *Visitor) Eval(script string, into any) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	if err := v.evaluate(ctx, script, into); err != nil {
		v.fail("evaluate %.200s: %v", script, err)
	}
}

// Text returns the visible text of the first element that matches a CSS selector. There has to be one.
func (v *Visitor) Text(selector string) string {
	v.t.Helper()
	var text *string
	v.Eval(fmt.Sprintf(`document.querySelector(%s)?.innerText ?? null`, quote(selector)), &text)
	if text == nil {
		v.fail("nothing matches %s", selector)
	}
	return *text
}

// Count returns how many elements match a CSS selector.
func (v *Visitor) Count(selector string) int {
	v.t.Helper()
	var n int
	v.Eval(fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector)), &n)
	return n
}

// Cookies returns all cookies of the visitor, of every site.
func (v *Visitor) Cookies() []*http.Cookie {
	v.t.Helper()
	sameSite := map[network.CookieSameSite]http.SameSite{
		network.CookieSameSiteLax:    http.SameSiteLaxMode,
		network.CookieSameSiteStrict: http.SameSiteStrictMode,
		network.CookieSameSiteNone:   http.SameSiteNoneMode,
	}
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	jar := storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID}
	got, err := chromedp.CallBrowser(ctx, storage.GetCookies, jar)
	if err != nil {
		v.fail("look for cookies: %v", err)
	}
	var cookies []*http.Cookie
	for _, c := range got.Cookies {
		cookie := &http.Cookie{
			Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path,
			Secure: c.Secure, HttpOnly: c.HTTPOnly, SameSite: sameSite[c.SameSite],
		}
		if !c.Session {
			cookie.Expires = time.Unix(int64(c.Expires), 0)
		}
		cookies = append(cookies, cookie)
	}
	return cookies
}

// Screenshot writes a picture to a PNG file, and makes its folder if need be: of the whole page, or of what
// is in the window.
func (v *Visitor) Screenshot(file string, whole bool) {
	v.t.Helper()
	params := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}
	if whole {
		size := call(v, page.GetLayoutMetrics, cdp.Empty{}).CSSContentSize
		params.CaptureBeyondViewport = &whole
		params.Clip = &page.Viewport{Width: math.Ceil(size.Width), Height: math.Ceil(size.Height), Scale: 1}
	}
	picture := call(v, page.CaptureScreenshot, params).Data
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		v.t.Fatalf("browser: %v", err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		v.t.Fatalf("browser: %v", err)
	}
}
