package look

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"net/http"
)

// LogoPolicy is the Content-Security-Policy with which a logo is answered: opened by itself, an SVG is
// a document, and that one may neither run nor fetch anything.
const LogoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// maxLogo is how many bytes a logo has at most. Each page shows it.
const maxLogo = 256 << 10

// The types of pictures that a logo may be.
const (
	typeSVG  = "image/svg+xml"
	typePNG  = "image/png"
	typeJPEG = "image/jpeg"
	typeWebP = "image/webp"
)

// LogoType returns the media type of the logo, by what is in it: image/svg+xml, image/png, image/jpeg
// or image/webp. It is empty where there is no logo, or something else.
func (l Look) LogoType() string {
	switch found := http.DetectContentType(l.Logo); found { // by signatures, which is enough for these
	case typePNG, typeJPEG, typeWebP:
		return found
	}
	if isSVG(l.Logo) {
		return typeSVG
	}
	return ""
}

func checkLogo(logo []byte) error {
	if logo == nil {
		return nil
	}
	if len(logo) > maxLogo {
		return fmt.Errorf("%w: it has more than %d KiB", ErrLogo, maxLogo>>10)
	}
	kind := Look{Logo: logo}.LogoType()
	var err error
	switch kind {
	case typeSVG:
		err = checkSVG(logo)
	case typePNG:
		_, err = png.DecodeConfig(bytes.NewReader(logo))
	case typeJPEG:
		_, err = jpeg.DecodeConfig(bytes.NewReader(logo))
	case typeWebP:
	default:
		return fmt.Errorf("%w: its content is neither SVG, PNG, JPEG nor WebP", ErrLogo)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrLogo, kind, err)
	}
	return nil
}
