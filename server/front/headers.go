package front

// A field is a header of the answer, by its canonical name. The value is shared by all requests:
// whoever adds to it or sets it anew gets a slice of its own.
type field struct {
	name  string
	value []string
}

// headersFor returns what stands on every answer, unless a handler knows better.
func headersFor(https, otherOrigins bool) []field {
	vary := "Cookie, Authorization"
	if otherOrigins {
		vary += ", Origin"
	}
	headers := []field{
		// What is answered to one is for nobody else, and not for later.
		{"Cache-Control", []string{"no-store"}},
		{"Vary", []string{vary}},

		// What a browser may do with an answer that it takes for a page: nothing.
		{"Content-Security-Policy", []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"X-Frame-Options", []string{"DENY"}},
		{"Permissions-Policy", []string{"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"}},

		// What pages of other sites learn.
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
		{"Referrer-Policy", []string{"no-referrer"}},
	}
	if https {
		// Two years, and this host only: whether the others of the domain have HTTPS is not known here.
		headers = append(headers, field{"Strict-Transport-Security", []string{"max-age=63072000"}})
	}
	return headers
}
