package settings

import (
	"fmt"
	"net/url"
	"strings"
)

// An Upstream is where an app is: http:// or https:// and a host, perhaps with a port, or unix: and the path of
// a socket.
type Upstream struct{ url.URL }

// UnmarshalText implements [encoding.TextUnmarshaler]. The empty text is no app.
func (u *Upstream) UnmarshalText(text []byte) error {
	if path, ok := strings.CutPrefix(string(text), "unix:"); ok {
		if path = strings.TrimPrefix(path, "//"); path == "" || strings.ContainsAny(path, "?#\x00") {
			return fmt.Errorf("%s is not a socket, such as unix:/run/app.sock", quote(string(text)))
		}
		*u = Upstream{url.URL{Scheme: "unix", Path: path}}
		return nil
	}
	var web URL
	if err := web.UnmarshalText(text); err != nil {
		return err
	}
	if web.Path != "" && web.Path != "/" {
		return fmt.Errorf("%s has a path; requests keep their own, so there must be nothing behind the host", quote(string(text)))
	}
	web.Path = ""
	*u = Upstream(web)
	return nil
}

// IsZero reports whether there is no app.
func (u Upstream) IsZero() bool { return u.Scheme == "" }

// String returns the setting as it is written.
func (u Upstream) String() string {
	if u.Scheme == "unix" {
		return "unix:" + u.Path
	}
	return u.URL.String()
}

// IsSafe reports whether what is sent to the app cannot be read on the way.
func (u Upstream) IsSafe() bool { return u.Scheme == "unix" || URL(u).IsSafe() }

// Placeholder says in the help what to write.
func (Upstream) Placeholder() string { return "URL" }
