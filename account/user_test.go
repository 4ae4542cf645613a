package account_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
)

// TestDisplayName is the founding documents' table.
func TestDisplayName(t *testing.T) {
	for _, c := range []struct {
		email       string
		first, last *string
		want        string
	}{
		{"", nil, nil, ""},
		{"bob@hbtn.io", nil, nil, "bob@hbtn.io"},
		{"bob@hbtn.io", ptr("Bob"), nil, "Bob"},
		{"bob@hbtn.io", nil, ptr("Dylan"), "Dylan"},
		{"bob@hbtn.io", ptr("Bob"), ptr("Dylan"), "Bob Dylan"},
		{"bob@hbtn.io", ptr(""), ptr(""), "bob@hbtn.io"},
		{"bob@hbtn.io", ptr(""), ptr("Dylan"), "Dylan"},
		{"bob@hbtn.io", ptr("Bob"), ptr(""), "Bob"},
		{"", ptr("Bob"), ptr("Dylan"), "Bob Dylan"},
	} {
		u := account.User{Email: c.email, FirstName: c.first, LastName: c.last}
		if got := u.DisplayName(); got != c.want {
			t.Errorf("%q %v %v: %q, want %q", c.email, c.first, c.last, got, c.want)
		}
	}
}

// TestUserInJSON has no secret in it.
func TestUserInJSON(t *testing.T) {
	u := account.User{PasswordHash: "secret", EmailKey: "secret", Place: 7777, Epoch: 8888}
	text, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"secret", "7777", "8888"} {
		if strings.Contains(string(text), hidden) {
			t.Errorf("%s shows %s", text, hidden)
		}
	}
}
