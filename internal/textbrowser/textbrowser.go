// Package textbrowser is a browser without a screen, for tests: it keeps cookies, says what a person
// would read, and sends the forms that are there, hidden fields included. It runs no scripts, so that
// what works in it works without any.
package textbrowser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A Browser is one device of one person. It is not safe for concurrent use.
type Browser struct {
	T        testing.TB
	Base     string // URL of the site, without a slash at the end
	Language string // what to ask for; empty for nothing
	Host     string // what to call the site, if not as Base does

	// Header has headers to send besides the usual ones, or in their place; one without a value is left out.
	Header http.Header

	client http.Client
	jar    *cookiejar.Jar
}

// New returns a Browser for the site at base, over transport; nil for the usual one.
func New(t testing.TB, base string, transport http.RoundTripper) *Browser {
	jar, _ := cookiejar.New(nil) // never fails
	b := &Browser{T: t, Base: base, jar: jar}
	b.client = http.Client{Transport: transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return b
}

// A Page is an answer.
type Page struct {
	Status int
	Header http.Header
	URL    *url.URL // of the page, after all redirects
	Body   string

	browser *Browser
	root    *html.Node
}

// maxRedirects is how many a browser follows.
const maxRedirects = 10

// Open opens a path or a URL, and follows where it leads.
func (b *Browser) Open(target string) *Page {
	b.T.Helper()
	return b.follow(b.Fetch(http.MethodGet, target, nil))
}

func (b *Browser) follow(p *Page) *Page {
	b.T.Helper()
	for range maxRedirects {
		location := p.LeadsTo()
		if location == "" {
			return p
		}
		next, err := p.URL.Parse(location)
		if err != nil {
			b.T.Fatalf("%s leads to %q: %v", p.URL, location, err)
		}
		if !strings.HasPrefix(next.String(), b.Base+"/") { // out of the site
			return p
		}
		p = b.Fetch(http.MethodGet, next.String(), nil)
	}
	b.T.Fatalf("%s: no end of redirects", p.URL)
	return nil
}

// Fetch sends a request as a page of the site would, and follows nothing. The form is the body of a POST.
func (b *Browser) Fetch(method, target string, form url.Values) *Page {
	b.T.Helper()
	return b.fetch(method, target, "", form)
}

// fetch is Fetch from the page at a URL; empty for none.
func (b *Browser) fetch(method, target, from string, form url.Values) *Page {
	b.T.Helper()
	if !strings.Contains(target, "://") {
		target = b.Base + target
	}
	r, err := http.NewRequestWithContext(b.T.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.Language != "" {
		r.Header.Set("Accept-Language", b.Language)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if from != "" {
		r.Header.Set("Referer", from)
	}
	for name, values := range b.Header {
		if r.Header[name] = values; len(values) == 0 {
			delete(r.Header, name)
		}
	}
	if b.Host != "" {
		r.Host = b.Host
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.T.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.T.Fatal(err)
	}
	return &Page{
		Status: response.StatusCode, Header: response.Header, URL: r.URL, Body: string(body), browser: b, root: root,
	}
}

// Cookies returns the cookies for the site, by name.
func (b *Browser) Cookies() map[string]string {
	u, err := url.Parse(b.Base)
	if err != nil {
		b.T.Fatal(err)
	}
	found := make(map[string]string)
	for _, c := range b.jar.Cookies(u) {
		found[c.Name] = c.Value
	}
	return found
}

// SetCookie plants a cookie.
func (b *Browser) SetCookie(name, value string) {
	u, err := url.Parse(b.Base)
	if err != nil {
		b.T.Fatal(err)
	}
	b.jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// LeadsTo returns where a browser goes from here by itself: by a redirect or at once by a refresh; "" for nowhere.
func (p *Page) LeadsTo() string {
	if p.Status >= 300 && p.Status <= 399 {
		return p.Header.Get("Location")
	}
	target, _ := strings.CutPrefix(p.Header.Get("Refresh"), "0; url=")
	return target
}

// Text returns what there is to read, each run of white space as one space.
func (p *Page) Text() string {
	var words []string
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode && !isHidden(n.Parent) {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func isHidden(n *html.Node) bool {
	return n != nil && slices.Contains([]string{"script", "style", "head", "title"}, n.Data)
}

// Says reports whether there is text to read.
func (p *Page) Says(text string) bool { return strings.Contains(p.Text(), text) }

// Links returns where the links lead.
func (p *Page) Links() []string {
	var targets []string
	for n := range p.root.Descendants() {
		if target, ok := attribute(n, "href"); ok && n.Data == "a" {
			targets = append(targets, target)
		}
	}
	return targets
}

// A Form is a form on a page. Its Fields are what would be sent.
type Form struct {
	Action string // path or URL
	Method string
	Fields url.Values

	page *Page
}

// Forms returns all forms.
func (p *Page) Forms() []*Form {
	var forms []*Form
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			forms = append(forms, p.form(n))
		}
	}
	return forms
}

// Form returns the form that goes to action, which is the end of a path. The test fails without one.
func (p *Page) Form(action string) *Form {
	p.browser.T.Helper()
	for _, f := range p.Forms() {
		if u, err := p.URL.Parse(f.Action); err == nil && strings.HasSuffix(u.Path, action) {
			return f
		}
	}
	p.browser.T.Fatalf("%s (%d): no form for %s in: %.2000s", p.URL, p.Status, action, p.Text())
	return nil
}

func (p *Page) form(n *html.Node) *Form {
	f := &Form{Method: http.MethodGet, Fields: url.Values{}, page: p, Action: p.URL.String()}
	if action, ok := attribute(n, "action"); ok && action != "" {
		f.Action = action
	}
	if method, _ := attribute(n, "method"); strings.EqualFold(method, http.MethodPost) {
		f.Method = http.MethodPost
	}
	for field := range n.Descendants() {
		name, ok := attribute(field, "name")
		if !ok {
			continue
		}
		value, _ := attribute(field, "value")
		switch field.Data {
		case "input":
			kind, _ := attribute(field, "type")
			_, isChecked := attribute(field, "checked")
			if kind == "submit" || (kind == "checkbox" || kind == "radio") && !isChecked {
				continue
			}
			f.Fields.Add(name, value)
		case "select":
			f.Fields.Add(name, selected(field))
		case "textarea":
			f.Fields.Add(name, textOf(field))
		}
	}
	return f
}

func selected(field *html.Node) string {
	first, hasFirst := "", false
	for n := range field.Descendants() {
		if n.Data != "option" || n.Type != html.ElementNode {
			continue
		}
		value, ok := attribute(n, "value")
		if !ok {
			value = textOf(n)
		}
		if _, isSelected := attribute(n, "selected"); isSelected {
			return value
		}
		if !hasFirst {
			first, hasFirst = value, true
		}
	}
	return first
}

func textOf(n *html.Node) string {
	text := ""
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			text += child.Data
		}
	}
	return text
}

func attribute(n *html.Node, name string) (string, bool) {
	if n.Type != html.ElementNode {
		return "", false
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Set fills fields, which are pairs of name and value. The test fails where there is no such field.
func (f *Form) Set(pairs ...string) *Form {
	f.page.browser.T.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !f.Fields.Has(pairs[i]) {
			f.page.browser.T.Fatalf("%s: the form for %s has no field %s", f.page.URL, f.Action, pairs[i])
		}
		f.Fields.Set(pairs[i], pairs[i+1])
	}
	return f
}

// Send sends the form, and follows where that leads.
func (f *Form) Send() *Page {
	f.page.browser.T.Helper()
	return f.page.browser.follow(f.Submit())
}

// Submit sends the form and follows nothing.
func (f *Form) Submit() *Page {
	f.page.browser.T.Helper()
	target, err := f.page.URL.Parse(f.Action)
	if err != nil {
		f.page.browser.T.Fatal(err)
	}
	if f.Method == http.MethodGet {
		target.RawQuery = f.Fields.Encode()
		return f.page.browser.fetch(f.Method, target.String(), f.page.URL.String(), nil)
	}
	return f.page.browser.fetch(f.Method, target.String(), f.page.URL.String(), f.Fields)
}

// String describes p for a test that fails.
func (p *Page) String() string { return fmt.Sprintf("%s: %d %.1500s", p.URL, p.Status, p.Text()) }
