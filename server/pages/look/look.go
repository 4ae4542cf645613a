// Package look is how an app presents the pages as its own, without a copy of their templates: by its
// name, its logo and its colour. Whatever the colour is, text stays readable: [Look.Stylesheet] moves it
// as far as contrast wants, and no further.
//
//	mine := look.Look{Name: "Lighthouse", Logo: svg, Accent: "#e8590c"}
//	if err := mine.Check(); err != nil { … }
package look

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Look is how an app presents the pages. The zero value is Handstamp's own. A Look does not change
// while it is used, and is then safe for concurrent use.
type Look struct {
	// Name is what the app is called; empty for Handstamp.
	Name string

	// Logo is a picture: the text of an SVG file, or the bytes of a PNG, JPEG or WebP file; nil for
	// none. It is there to be shown by <img>, and to be answered with [LogoPolicy].
	Logo []byte

	// Accent is the colour of what can be pressed, as #rgb or #rrggbb; empty for our own.
	// AccentDark is the one for readers who want dark pages; empty to make it from Accent.
	Accent, AccentDark string
}

// What [Look.Check] has against a Look. The messages are for whoever chose it.
var (
	ErrName   = errors.New("not a name for an app")
	ErrLogo   = errors.New("not a logo")
	ErrAccent = errors.New("not a colour")
)

// maxName is how many code points a name has at most: it stands at the head of each page.
const maxName = 64

// Check returns what is wrong with l: an error that wraps [ErrName], [ErrLogo] or [ErrAccent], or
// several of them.
func (l Look) Check() error {
	return errors.Join(checkName(l.Name), checkLogo(l.Logo), checkAccent(l.Accent), checkAccent(l.AccentDark))
}

// AppName returns what to call the app.
func (l Look) AppName() string { return cmp.Or(l.Name, "Handstamp") }

func checkName(name string) error {
	switch {
	case name == "":
		return nil
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):
		return fmt.Errorf("%w: it has control characters in it, or is not UTF-8 text", ErrName)
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("%w: there is nothing to see of it", ErrName)
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("%w: it has more than %d characters", ErrName, maxName)
	}
	return nil
}

// isControl reports whether a character makes something of those beside it: a new line, or another
// direction of writing.
func isControl(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

func checkAccent(text string) error {
	if text == "" {
		return nil
	}
	if _, ok := parseColour(text); !ok {
		return fmt.Errorf("%w: %.40q is not written like #0b7285 or #07b", ErrAccent, text)
	}
	return nil
}
