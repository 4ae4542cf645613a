package browser_test

import (
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

const signIn = `<form method="post"><label>Email <input name="email"></label> <label>Password <input name="p" type="password"></label> <button>Sign in</button></form>`

func BenchmarkVisitor(b *testing.B) {
	chromium := browser.Start(b)
	for b.Loop() {
		chromium.Visitor(b, browser.Device{})
	}
}

func BenchmarkOpen(b *testing.B) {
	server := serve(b, signIn, style(""))
	v := browser.Start(b).Visitor(b, browser.Device{})
	for b.Loop() {
		v.Open(server.URL)
	}
}

func BenchmarkAccessible(b *testing.B) {
	v := browser.Start(b).Visitor(b, browser.Device{})
	server := serve(b, signIn, style(""))
	for b.Loop() {
		v.Open(server.URL) // axe-core is loaded once for each page
		v.Accessible()
	}
}

func BenchmarkKeyboardWalk(b *testing.B) {
	v := browser.Start(b).Visitor(b, browser.Device{})
	v.Open(serve(b, signIn, style("")).URL)
	for b.Loop() {
		v.KeyboardWalk()
	}
}
