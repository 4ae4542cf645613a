package pages

import "testing"

// TestOnlyTheFormThatWasSentIsWrong: fields of the same name stand in two forms of a page.
func TestOnlyTheFormThatWasSentIsWrong(t *testing.T) {
	page := render(t, samples()["account-email-wrong"])
	wrong := map[string]bool{}
	for _, node := range page {
		if has(node, "aria-invalid") {
			wrong[attribute(node, "id")] = true
		}
	}
	if !wrong["email-old_password"] || wrong["password-old_password"] {
		t.Errorf("wrong are %v: want the password of the email's form, and not that of the other", wrong)
	}
}
