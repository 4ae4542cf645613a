package look_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/pages/look"
)

func TestLogoTypes(t *testing.T) {
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, image.NewGray(image.Rect(0, 0, 4, 4))), jpeg.Encode(&asJPEG, image.NewGray(image.Rect(0, 0, 4, 4)), nil)); err != nil {
		t.Fatal(err)
	}
	asWebP, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		logo   []byte
		kind   string
		isGood bool
	}{
		"PNG":                 {asPNG.Bytes(), "image/png", true},
		"JPEG":                {asJPEG.Bytes(), "image/jpeg", true},
		"WebP":                {asWebP, "image/webp", true},
		"SVG":                 {[]byte(svg("")), "image/svg+xml", true},
		"SVG with BOM":        {[]byte("\ufeff<?xml version=\"1.0\"?>\n<!-- by hand -->" + svg("")), "image/svg+xml", true},
		"PNG that is no more": {asPNG.Bytes()[:12], "image/png", false},
		"JPEG by its name":    {[]byte("\xff\xd8\xff nothing"), "image/jpeg", false},
		"GIF":                 {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "", false},
		"HTML":                {[]byte("<!DOCTYPE html><title>x</title>"), "", false},
		"other XML":           {[]byte(`<svg xmlns="http://example.com/"/>`), "", false},
		"no namespace":        {[]byte(`<svg/>`), "", false},
		"nothing":             {[]byte{}, "", false},
		"space":               {[]byte("  "), "", false},
		"too long":            {append(asPNG.Bytes(), make([]byte, 256<<10)...), "image/png", false},
		"as long as it may":   {append(bytes.Clone(asPNG.Bytes()), make([]byte, 256<<10-asPNG.Len())...), "image/png", true},
	} {
		l := look.Look{Logo: c.logo}
		if kind := l.LogoType(); kind != c.kind {
			t.Errorf("%s: is %q, want %q", name, kind, c.kind)
		}
		if err := l.Check(); (err == nil) != c.isGood || err != nil && !errors.Is(err, look.ErrLogo) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// svg returns a picture with body in it.
func svg(body string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8">` + body + `</svg>`
}

// TestGoodSVG: what drawing programs write.
func TestGoodSVG(t *testing.T) {
	for name, text := range map[string]string{
		"gradient":   svg(`<defs><linearGradient id="a"/></defs><path fill="url(#a)" style="filter: url( '#b' )" d="M0 0h8v8z"/>`),
		"use":        svg(`<g id="a"/><use href="#a"/><use xlink:href="#a"/>`),
		"style":      svg(`<style>.a{fill:#000}@media (prefers-color-scheme:dark){.a{fill:#fff}}</style><rect class="a"/>`),
		"CDATA":      svg(`<style><![CDATA[ .a > .b {fill:red} ]]></style>`),
		"picture":    svg(`<image href="data:image/png;base64,iVBORw0KGgo="/>`),
		"animation":  svg(`<rect><animate attributeName="opacity" values="0;1" dur="1s"/></rect>`),
		"metadata":   svg(`<metadata xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:RDF><rdf:Description rdf:resource="http://example.com/"/></rdf:RDF></metadata>`),
		"program":    svg(`<g xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:export-filename="C:\logo.png" inkscape:label="one"/>`),
		"title":      svg(`<title>Lighthouse (url of nothing)</title>`),
		"no effects": svg(`<g opacity="1" order="1"/>`),
	} {
		if err := (look.Look{Logo: []byte(text)}).Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBadSVG: what could run, or lead somewhere.
func TestBadSVG(t *testing.T) {
	for name, text := range map[string]string{
		"script":            svg(`<script>alert(1)</script>`),
		"script in a group": svg(`<g><g><SCRIPT href="#a"/></g></g>`),
		"prefixed script":   `<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>1</s:script></s:svg>`,
		"script of XHTML":   svg(`<h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script>`),
		"image of XHTML":    svg(`<img xmlns="http://www.w3.org/1999/xhtml" alt=""/>`),
		"foreign object":    svg(`<foreignObject><g/></foreignObject>`),
		"event":             svg(`<rect onload="alert(1)"/>`),
		"event of the root": `<svg xmlns="http://www.w3.org/2000/svg" OnLoad="alert(1)"/>`,
		"link":              svg(`<a href="https://evil.example"><rect/></a>`),
		"javascript":        svg(`<a xlink:href=" java&#115;cript:alert(1)"><rect/></a>`),
		"relative":          svg(`<use href="other.svg#a"/>`),
		"image":             svg(`<image href="//evil.example/x.png"/>`),
		"image in an image": svg(`<image href="data:image/svg+xml;base64,PHN2Zz4="/>`),
		"filter's image":    svg(`<filter><feImage xlink:href="https://evil.example/x.png"/></filter>`),
		"fill":              svg(`<rect fill="url(https://evil.example/#a)"/>`),
		"style":             svg(`<rect style="mask:URL(&#x27;/x&#x27;)"/>`),
		"two in a style":    svg(`<rect style="fill:url(#a);mask:url(/x)"/>`),
		"import":            svg(`<style>@import "https://evil.example/x.css";</style>`),
		"cut import":        svg(`<style>@imp<!-- -->ort "https://evil.example/x.css";</style>`),
		"CDATA import":      svg(`<style>@imp<![CDATA[ort]]> "https://evil.example/x.css";</style>`),
		"hidden import":     svg(`<style><g/>@import "https://evil.example/x.css";</style>`),
		"font":              svg(`<style>@font-face{font-family:x;src:url(x.woff)}</style>`),
		"image set":         svg(`<style>a{background:image-set("x.png" 1x)}</style>`),
		"escaped":           svg(`<style>a{background:u\72l(x.png)}</style>`),
		"escaped in place":  svg(`<rect style="background:\75rl(x.png)"/>`),
		"animated link":     svg(`<a><set attributeName="xlink:href" to="javascript:alert(1)"/></a>`),
		"animated event":    svg(`<rect><set attributeName="onclick" to="alert(1)"/></rect>`),
		"base":              `<svg xmlns="http://www.w3.org/2000/svg" xml:base="https://evil.example/"/>`,
		"DOCTYPE":           `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + svg(""),
		"entities":          `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg("&a;"),
		"stylesheet":        `<?xml-stylesheet href="https://evil.example/x.css"?>` + svg(""),
		"broken":            svg(`<g>`),
		"other encoding":    `<?xml version="1.0" encoding="utf-7"?>` + svg(""),
	} {
		if err := (look.Look{Logo: []byte(text)}).Check(); !errors.Is(err, look.ErrLogo) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := look.Look{Logo: []byte(svg(`<rect fill="url(x)"/>`))}.Check()
	if err == nil || !strings.Contains(err.Error(), "<rect fill>: it leads out of the file") {
		t.Errorf("what to mend: %v", err)
	}
}
