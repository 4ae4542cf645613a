// Package browser lets tests see the pages as people do: through Chromium, with a mouse, a keyboard, a
// language and a window of some size. Only tests import it.
//
// One Chromium serves all tests of a package. It is headless, has a profile of its own in a temporary
// folder, and reaches nothing but this machine: localhost, the loopback addresses, and every name under
// .test, which stands for it, too (RFC 6761, section 6.2), so that tests have other sites to talk about.
// TestMain sees to it that it ends with the tests:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(browser.ClosedAfter(m)) }
//
// A [Visitor] is somebody in front of a [Device] of their own; two of them share no cookies.
//
//	ada := browser.Start(t).Visitor(t, browser.Device{Language: "fr", Dark: true})
//	ada.Open(server.URL + "/login")
//	ada.Fill("Adresse e-mail", "ada@example.com")
//	ada.Fill("Mot de passe", password)
//	ada.Click("Se connecter")
//	if ada.Status() != http.StatusOK { … }
//	ada.Accessible()
//	ada.KeyboardWalk()
//
// What a visitor does is done when the call returns: acts that lead to another page wait until it has
// loaded. Whatever cannot be done fails the test, with the address and the text of the page. Things are
// found by their accessible name, which is what a screen reader says; what has none cannot be found.
//
// A Visitor belongs to one goroutine at a time; several may work at once.
package browser
