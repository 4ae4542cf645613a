package look

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

const (
	svgSpace = "http://www.w3.org/2000/svg"
	xmlSpace = "http://www.w3.org/XML/1998/namespace"
)

// lively are the namespaces beside SVG's whose elements do something wherever they stand.
var lively = []string{"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}

// refused are elements that run, or bring in, what is not a picture.
var refused = []string{
	"script", "foreignobject", "handler", "listener", "iframe", "object", "embed", "audio", "video", "canvas", "animation", "prefetch",
}

func newDecoder(text []byte) *xml.Decoder {
	return xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
}

// isSVG reports whether text is XML whose first element is that of SVG.
func isSVG(text []byte) bool {
	for d := newDecoder(text); ; {
		token, err := d.Token()
		if err != nil {
			return false
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name == xml.Name{Space: svgSpace, Local: "svg"}
		}
	}
}

// checkSVG returns what a picture has no need of: scripts, pages inside, and whatever leads out of the
// file. In <img> a browser runs and fetches none of it; this is for the day on which somebody shows a
// logo in another way.
func checkSVG(text []byte) error {
	var style strings.Builder // of the element that is open
	isStyle := false
	for d := newDecoder(text); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("it has a <!DOCTYPE>, which can bring in other files; remove it")
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf("it has a <?%.20s?>, which can bring in other files; remove it", t.Target)
			}
		case xml.StartElement:
			if isStyle { // what stands behind it would still be CSS to a browser
				return fmt.Errorf("it has a <%.20s> inside of a <style>", t.Name.Local)
			}
			if err := checkElement(t); err != nil {
				return err
			}
			isStyle = strings.EqualFold(t.Name.Local, "style")
		case xml.CharData:
			if isStyle {
				style.Write(t)
			}
		case xml.EndElement:
			isStyle = false
			if err := checkCSS(style.String()); err != nil {
				return fmt.Errorf("<style>: %w", err)
			}
			style.Reset()
		}
	}
}

func checkElement(e xml.StartElement) error {
	name := strings.ToLower(e.Name.Local)
	if slices.Contains(refused, name) || slices.Contains(lively, e.Name.Space) {
		return fmt.Errorf("it has a <%.20s>, which is no part of a picture", e.Name.Local)
	}
	for _, a := range e.Attr {
		if err := checkAttribute(a); err != nil {
			return fmt.Errorf("<%.20s %.20s>: %w", e.Name.Local, a.Name.Local, err)
		}
	}
	return nil
}

var (
	errEvent   = errors.New("it reacts to events, and a picture does not")
	errOutside = errors.New("it leads out of the file; put what it needs into the file")
)

func checkAttribute(a xml.Attr) error {
	name, value := strings.ToLower(a.Name.Local), strings.TrimSpace(a.Value)
	isPlain := a.Name.Space == ""
	switch {
	case a.Name.Space == "xmlns" || isPlain && name == "xmlns":
		return nil
	case isPlain && strings.HasPrefix(name, "on"):
		return errEvent
	case name == "base" && (a.Name.Space == xmlSpace || a.Name.Space == "xml"):
		return errOutside
	case name == "href" || name == "src":
		return checkTarget(value)
	case name == "attributename": // of an animation, which sets others later
		_, target, isPrefixed := strings.Cut(strings.ToLower(value), ":")
		if !isPrefixed {
			target = strings.ToLower(value)
		}
		if target == "href" || strings.HasPrefix(target, "on") {
			return errEvent
		}
	}
	if isPlain { // other programs' own attributes mean nothing to a browser
		return checkCSS(value)
	}
	return nil
}

// within is what does not lead out of the file: a part of it, or a picture that is written down in it.
var within = regexp.MustCompile(`^(#|data:image/(png|jpeg|gif|webp);base64,)`)

func checkTarget(target string) error {
	if target != "" && !within.MatchString(strings.ToLower(target)) {
		return errOutside
	}
	return nil
}

// checkCSS goes by words and not by grammar: it refuses more than it must, and nothing that a logo has.
func checkCSS(text string) error {
	text = strings.ToLower(text)
	if strings.Contains(text, `\`) {
		return errors.New("it has a backslash, which can hide where it leads; write the character itself")
	}
	for _, word := range []string{"@import", "image-set(", "image(", "src(", "cross-fade("} {
		if strings.Contains(text, word) {
			return errOutside
		}
	}
	for {
		_, rest, found := strings.Cut(text, "url(")
		if !found {
			return nil
		}
		if err := checkTarget(strings.TrimLeft(rest, " \t\r\n\f\"'")); err != nil {
			return err
		}
		text = rest
	}
}
