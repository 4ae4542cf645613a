package proxies_test

import "testing"

// appHost is the app's name in all that deploy/ ships.
const appHost = "app.example.com"

// A person is somebody who has signed in, or nobody.
type person struct {
	id, role, cookie string // of nobody, all are empty
}

// A target is the Handstamp that a proxy asks.
type target interface {
	// address is where it listens.
	address() string

	// signIn returns somebody with a session of that role, "user" or "admin", another person each time.
	signIn(t *testing.T, role string) person
}

// rules are those that every target of these tests decides by, as the setting of that name has them.
// The app's own /admin would be Handstamp's.
var rules = []string{
	appHost + "/public/* public",
	appHost + "/static/* public",
	"*/staff/* role=admin",
	"*/ signed-in",
}

// startTarget starts a Handstamp that ends with the test.
func startTarget(t *testing.T) target { return startBinary(t) }
