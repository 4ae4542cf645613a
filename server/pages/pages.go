// Package pages is what people see in a browser: plain HTML, without any script, and without anything
// from elsewhere.
package pages

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/handstamp/handstamp/server/api"
)

// Pages answers the routes of the pages.
type Pages struct {
	// API has the people, and answers programs at the same paths.
	API *api.API
}

// Routes returns the table of pages.
func (p *Pages) Routes() []api.Route { return slices.Concat(p.setupRoutes(), p.resetRoutes()) }

//go:embed *.html
var files embed.FS

var templates = template.Must(template.ParseFS(files, "*.html"))

// policy allows a page nothing but to send its form home (Content Security Policy).
const policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// show answers with a page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, data); err != nil {
		p.API.Log.ErrorContext(r.Context(), "cannot make a page", "page", name, "error", err)
		status = http.StatusInternalServerError
		text.Reset()
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(text.Len()))
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // the path may hold a secret
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // a client that is gone needs no answer
}
