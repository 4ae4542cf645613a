package serve_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

func isPage(got *http.Response) bool {
	return strings.HasPrefix(got.Header.Get("Content-Type"), "text/html")
}

// isOnlyForPages reports whether openapi.yaml has nothing to say about an answer without a body: it sends a
// browser elsewhere, or is of a page or of what one loads.
func isOnlyForPages(r *http.Request, path string, got *http.Response) bool {
	pattern := patternOf(path)
	if got.StatusCode == http.StatusSeeOther {
		return pattern != "" || asksForPage(r)
	}
	if doc, err := described(); err != nil || doc.Paths.Value(pattern) != nil {
		return false
	}
	return pattern != "" && (got.StatusCode == http.StatusOK && pattern == "/assets/{file}" || got.StatusCode == http.StatusNoContent)
}

func asksForPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// pageStatuses are those of all pages.
var pageStatuses = []int{200, 400, 401, 403, 404, 405, 409, 413, 414, 421, 429, 431, 503}

// comparePage checks what every page must be, whichever it is and in whatever state.
func (c *contract) comparePage(r *http.Request, path string, got *http.Response, body []byte) error {
	switch {
	case strings.HasPrefix(path, api+"/"):
		return errors.New("a page where JSON was asked for")
	case patternOf(path) == "" && (got.StatusCode < 400 || !asksForPage(r)):
		return errors.New("a page that nobody has asked for")
	case !slices.Contains(pageStatuses, got.StatusCode):
		return errors.New("a status that no page has")
	case r.Method == http.MethodHead:
		return nil
	}
	if refresh := got.Header.Get("Refresh"); refresh != "" {
		target, ok := strings.CutPrefix(refresh, "0; url=")
		if err := c.compareTarget(&html.Node{Data: "a"}, target); !ok || err != nil {
			return fmt.Errorf("Refresh: %s, %v", refresh, err)
		}
	}
	if plain := findPassword(string(body)); plain != "" {
		return fmt.Errorf("it shows a password: %s", plain)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return err
	}
	language := ""
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "html" {
			language = attributeOf(n, "lang")
		}
		if err := c.compareElement(n); err != nil {
			return err
		}
	}
	if language == "" || language != got.Header.Get("Content-Language") {
		return fmt.Errorf("it is in %q, and Content-Language says %q", language, got.Header.Get("Content-Language"))
	}
	return nil
}

// compareElement checks that an element needs no more than the policy of pages allows, leads and loads
// nowhere else, and, if it is a form, that the server will know it for its own.
func (c *contract) compareElement(n *html.Node) error {
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), slices.Contains([]string{"style", "srcdoc", "srcset", "ping", "http-equiv", "formaction"}, a.Key):
			return fmt.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
		case slices.Contains([]string{"href", "src", "action", "data", "poster"}, a.Key):
			if err := c.compareTarget(n, a.Val); err != nil {
				return err
			}
		}
	}
	switch n.Data {
	case "style", "base", "iframe", "object", "embed", "template":
		return fmt.Errorf("<%s>", n.Data)
	case "script":
		if n.FirstChild != nil || attributeOf(n, "src") == "" {
			return errors.New("an inline script")
		}
	case "form":
		isPost, tokens := strings.EqualFold(attributeOf(n, "method"), "post"), 0
		for field := range n.Descendants() {
			if attributeOf(field, "name") == "form_token" && attributeOf(field, "type") == "hidden" && attributeOf(field, "value") != "" {
				tokens++
			}
			if !isPost && attributeOf(field, "type") == "password" {
				return errors.New("a password for a URL")
			}
		}
		if isPost != (tokens == 1) {
			return fmt.Errorf("the form for %q has %d tokens", attributeOf(n, "action"), tokens)
		}
	}
	return nil
}

// compareTarget checks where an element leads to, or what it loads.
func (c *contract) compareTarget(n *html.Node, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	own := c.target.path("")
	if u.Scheme != "" || u.Host != "" || u.Path != "" && !strings.HasPrefix(u.Path, own+"/") {
		return fmt.Errorf("<%s> to %q", n.Data, target)
	}
	if slices.Contains([]string{"link", "script", "img"}, n.Data) {
		if !strings.HasPrefix(u.Path, own+"/assets/") {
			return fmt.Errorf("<%s> loads %q", n.Data, target)
		}
		c.met.assets.Store(strings.TrimPrefix(u.Path, own), true)
	}
	return nil
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Encounters are what a target has answered, and what its pages load.
type encounters struct {
	pages, assets, cookies sync.Map
}

// A meeting is a kind of answer of a page.
type meeting struct {
	method, pattern string // that of no page is ""
	status          int
}

func (e *encounters) note(r *http.Request, path string, got *http.Response) {
	for _, cookie := range got.Cookies() {
		e.cookies.Store(cookie.Name, true)
	}
	if isPage(got) || got.StatusCode == http.StatusSeeOther {
		e.pages.Store(meeting{r.Method, patternOf(path), got.StatusCode}, true)
	}
}

// hasMet reports whether a page has answered so.
func (e *encounters) hasMet(method, pattern string, status int) bool {
	_, ok := e.pages.Load(meeting{method, pattern, status})
	return ok
}
