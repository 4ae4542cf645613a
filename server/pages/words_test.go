package pages

import "testing"

func TestInitials(t *testing.T) {
	for want, u := range map[string]struct{ email, first, last string }{
		"AL": {"ada@example.com", "Ada", "Lovelace"},
		"É":  {"e@example.com", "édouard", ""},
		"G":  {"grace@example.com", "", ""},
		"王":  {"w@example.com", "", "王"},
	} {
		if got := initials(user(1, u.email, u.first, u.last, "user")); got != want {
			t.Errorf("initials of %+v = %q, want %q", u, got, want)
		}
	}
}

// TestRolesOfAppsAreCalledWhatTheyAre, as no catalogue has a text for them.
func TestRolesOfAppsAreCalledWhatTheyAre(t *testing.T) {
	v := sample("users", "users", &ada, usersBody{})
	for role, want := range map[string]string{"admin": "Administrator", "user": "User", "": "No role", "proof-reader": "proof-reader"} {
		if got, err := v.RoleName(role); got != want || err != nil {
			t.Errorf("RoleName(%q) = %q, %v, want %q", role, got, err, want)
		}
	}
}
