package serve_test

import "path"

// wrongRequests are what no browser sends, by people who want a page as an answer.
func (c *crawl) wrongRequests() {
	asks := c.stranger()
	for _, path := range []string{"/login", "/account", "/admin", "/nowhere"} {
		html := []string{"Accept", "text/html"}
		for status, p := range map[int]provocation{
			400: provocations["two Authorization headers"], 421: provocations["another host"], 414: provocations["a long URL"],
			431: provocations["many headers"],
		} {
			if got := asks.do("GET", path+p.query, "", append(html, p.headers...)...); got.status != status || got.code() != "" {
				c.t.Errorf("%s: %d %.300s, want a page with %d", path, got.status, got.body, status)
			}
		}
		asks.want(431, "GET", path, "", "Accept", "text/html", "Cookie", manyCookies)
		asks.want(403, "POST", path, "", "Accept", "text/html", "Sec-Fetch-Site", "cross-site")
	}
	asks.cookies = c.root.Cookies()
	asks.want(405, "PATCH", "/admin", "", "Accept", "text/html")
}

// tooOften guesses in all places where a page takes a password.
func (c *crawl) tooOften() {
	login := c.browser().Open("/login")
	for range 4 {
		c.is(401, login.Form("/login").Set("email", "guessed@example.com", "password", "x").Send())
	}
	c.is(429, login.Form("/login").Set("email", "guessed@example.com", "password", "x").Send())
	stolen := c.browser() // a session that is not where it began, and so in no known device
	stolen.SetCookie(c.sessionName(), c.login(c.victim).Cookies()[c.sessionName()])
	for _, status := range []int{403, 403, 403, 403, 429} {
		p := stolen.Open("/account").Form("/account/password").Set("old_password", "x", "new_password", newPassword())
		c.is(status, p.Send())
	}
}

// whatTheyLoad is there, and may be kept.
func (c *crawl) whatTheyLoad() {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	n := 0
	c.met.assets.Range(func(key, _ any) bool {
		file := key.(string)
		got := c.stranger().want(200, "GET", file, "", "Accept", "*/*")
		if kind := got.header.Get("Content-Type"); kind != types[path.Ext(file)] || got.body == "" {
			c.t.Errorf("%s: %q, %d bytes", file, kind, len(got.body))
		}
		if head := c.stranger().want(200, "HEAD", file, ""); head.body != "" || head.header.Get("Content-Length") != number(int64(len(got.body))) {
			c.t.Errorf("HEAD %s: %v", file, head.header)
		}
		n++
		return true
	})
	if n < 4 {
		c.t.Errorf("pages load %d files", n)
	}
}
