package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
)

func TestPasswordRules(t *testing.T) {
	rules := account.PasswordRules{Service: []string{"Handstamp", "login.example.org"}}
	zoe := account.User{Email: "zoe@exämple.fr", FirstName: ptr("Zoe\u0301"), LastName: ptr("")}
	for plain, want := range map[string]error{
		"correct horse battery": nil,
		"corre\u0301ct horse b": nil,
		"日本日本日本語は難しいですよね":       nil,
		"":                                     account.ErrPassword,
		"correct\x00horse battery":             account.ErrPassword,
		"correct horse \xff battery":           account.ErrPassword,
		"handstamp2026!!":                      password.ErrTooPersonal,
		"login example org":                    password.ErrTooPersonal,
		"zoe@exa\u0308mple.fr1":                password.ErrTooPersonal,
		"Zo\u00e9-Zo\u00e9-123456789":          password.ErrTooPersonal, // composed differently in the name
		"mailcreated5240":                      password.ErrTooCommon,
		"MAILCREATED5240":                      password.ErrTooCommon,
		"abcabcabcabcabc":                      password.ErrTooRegular,
		strings.Repeat("correct horse ", 100):  password.ErrTooLong,
		strings.Repeat("correct horse ", 1000): password.ErrTooLong,
	} {
		err := rules.Check(plain, zoe)
		if !errors.Is(err, want) || err != nil && !errors.Is(err, account.ErrPassword) {
			t.Errorf("%+q: %v, want %v", plain, err, want)
		}
	}
	for _, who := range []account.User{{}, {Email: "a"}} {
		if err := (account.PasswordRules{}).Check("correct horse battery", who); err != nil {
			t.Errorf("%v: %v", who, err)
		}
	}
}

// TestPasswordRulesCountWhatIsHashed: an accent that is typed as a character of its own makes no
// password longer.
func TestPasswordRulesCountWhatIsHashed(t *testing.T) {
	for _, c := range []struct {
		rules account.PasswordRules
		plain string
		have  int // 0 for enough
		min   int
	}{
		{account.PasswordRules{}, "fifteen charact", 0, 0},
		{account.PasswordRules{}, "fourteen chars", 14, 15},
		{account.PasswordRules{}, "fourte\u0301en chars", 14, 15},
		{account.PasswordRules{MinCodePoints: -1}, "fourteen chars", 14, 15},
		{account.PasswordRules{MinCodePoints: 8}, "rdx7 kwq", 0, 0},
		{account.PasswordRules{MinCodePoints: 8}, "rdx7 ke\u0301", 7, 8},
		{account.PasswordRules{MinCodePoints: 20}, "fifteen charact", 15, 20},
	} {
		err := c.rules.Check(c.plain, account.User{Email: bobsEmail})
		short, is := errors.AsType[*password.TooShortError](err)
		if c.have == 0 && err != nil || c.have != 0 && (!is || short.CodePoints != c.have || short.Min != c.min) {
			t.Errorf("%+v: %+q: %v, want %d of %d", c.rules, c.plain, err, c.have, c.min)
		}
	}
	const says = "password not acceptable: too short: it has 7 characters, and at least 15 are needed"
	if err := (account.PasswordRules{}).Check("hunter2", account.User{}); err == nil || err.Error() != says {
		t.Errorf("%v, want %s", err, says)
	}
}

func BenchmarkPasswordRules(b *testing.B) {
	rules := account.PasswordRules{Service: []string{"Handstamp"}}
	bob := account.User{Email: bobsEmail, FirstName: ptr("Bob"), LastName: ptr("Dylan")}
	for b.Loop() {
		if err := rules.Check("correct horse battery staple", bob); err != nil {
			b.Fatal(err)
		}
	}
}
