// Package assets is what the pages load: one stylesheet, one small module, one icon, and what an app
// adds to them. Each is served under a name that has its hash, so that browsers may keep it for good:
// what changes gets a new name.
package assets

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed style.css handstamp.js icon.svg
var files embed.FS

// types are the kinds of the files that are ours, by the end of the name.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// A File is something that pages load.
type File struct {
	Name string // such as "logo.png"
	Type string // Content-Type
	Text []byte

	// Policy is what the file may do where somebody opens it by itself (Content Security
	// Policy); empty for nothing.
	Policy string
}

// A Set is all that the pages load. It does not change, and is safe for concurrent use.
type Set struct {
	served map[string]File   // by the name under which it is served
	names  map[string]string // that name, by the file's own
}

// New returns the Set of our files and more.
func New(more ...File) *Set {
	s := &Set{make(map[string]File), make(map[string]string)}
	entries, _ := files.ReadDir(".") // the files are in the program: neither this nor the next can fail
	for _, entry := range entries {
		text, _ := files.ReadFile(entry.Name())
		s.add(File{Name: entry.Name(), Type: types[path.Ext(entry.Name())], Text: text})
	}
	for _, file := range more {
		s.add(file)
	}
	return s
}

func (s *Set) add(f File) {
	end := path.Ext(f.Name)
	sum := sha256.Sum256(f.Text)
	name := strings.TrimSuffix(f.Name, end) + "." + hex.EncodeToString(sum[:8]) + end
	s.served[name] = f
	s.names[f.Name] = name
}

// Path returns the name under which a file is served, such as "style.4f2a9c10aa7fe321.css" for "style.css"; or ""
// where there is no such file.
func (s *Set) Path(name string) string { return s.names[name] }

// Serve answers a request for the file whose name is r's path value "file", and reports whether there is one.
func (s *Set) Serve(w http.ResponseWriter, r *http.Request) bool {
	file, ok := s.served[r.PathValue("file")]
	if !ok {
		return false
	}
	header := w.Header()
	header.Set("Content-Type", file.Type)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Del("Vary") // it is the same for everybody
	if file.Policy != "" {
		header.Set("Content-Security-Policy", file.Policy)
	}
	http.ServeContent(w, r, file.Name, time.Time{}, bytes.NewReader(file.Text))
	return true
}
