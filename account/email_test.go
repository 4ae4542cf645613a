package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/store/memory"
)

func TestEmailKey(t *testing.T) {
	for _, c := range []struct{ name, email, key string }{
		{"plain", "bob@hbtn.io", "bob@hbtn.io"},
		{"letter case", "Bob@HBTN.io", "bob@hbtn.io"},
		{"Å as one", "\u00c5sa@x.se", "\u00e5sa@x.se"},
		{"Å as A and a ring", "A\u030asa@x.se", "\u00e5sa@x.se"},
		{"Å as the unit", "\u212bsa@x.se", "\u00e5sa@x.se"},
		{"full width", "ｂｏｂ＠ｈｂｔｎ．ｉｏ", "bob@hbtn.io"},
		{"full width and case", "ＢＯＢ@hbtn.io", "bob@hbtn.io"},
		{"plus stays", "bob+tag@hbtn.io", "bob+tag@hbtn.io"},
		{"dots stay", "b.o.b@hbtn.io", "b.o.b@hbtn.io"},
		{"IDN stays", "bob@BÜCHER.de", "bob@bücher.de"},
		{"IDN in ASCII stays", "bob@xn--bcher-kva.de", "bob@xn--bcher-kva.de"},
		{"Cyrillic is not Latin", "\u0430@x.de", "\u0430@x.de"},
		{"digits first", "1@1.de", "1@1.de"},
		{"all that RFC 5322 allows", "a!#$%&'*+/=?^_`{|}~-.b@x-y.de", "a!#$%&'*+/=?^_`{|}~-.b@x-y.de"},
		{"two at signs", "a@b@c", "a@b@c"},
		{"the longest", strings.Repeat("a", 249) + "@x.de", strings.Repeat("a", 249) + "@x.de"},
	} {
		key, err := account.EmailKey(c.email)
		if err != nil || key != c.key {
			t.Errorf("%s: EmailKey(%+q) = %+q, %v; want %+q", c.name, c.email, key, err, c.key)
		}
		if got := account.VerbatimKey(c.email); got != c.key {
			t.Errorf("%s: VerbatimKey(%+q) = %+q, want %+q", c.name, c.email, got, c.key)
		}
	}
}

// notEmails are what EmailKey refuses.
var notEmails = map[string]string{
	"empty":             "",
	"blank":             " ",
	"no at":             "bob",
	"nothing before":    "@x.de",
	"nothing after":     "bob@",
	"only at":           "@",
	"ligature":          "\ufb01@x.de",
	"long s":            "\u017f@x.de",
	"NUL":               "bob\x00@x.de",
	"newline":           "bob@x.de\n",
	"blank before":      " bob@x.de",
	"blank after":       "bob@x.de ",
	"no-break space":    "bob@x.de\u00a0",
	"zero-width space":  "b\u200bob@x.de",
	"soft hyphen":       "b\u00adob@x.de",
	"right to left":     "bob\u202e@x.de",
	"not UTF-8":         "bob\xff@x.de",
	"unassigned":        "bob\U000e0080@x.de",
	"emoji":             "bob😀@x.de",
	"one byte too long": strings.Repeat("a", 250) + "@x.de",
	"a megabyte":        strings.Repeat("a", 1<<20) + "@x.de",
}

func TestEmailKeyRefuses(t *testing.T) {
	for name, email := range notEmails {
		if key, err := account.EmailKey(email); !errors.Is(err, account.ErrEmail) || key != "" {
			t.Errorf("%s: EmailKey = %+q, %v; want ErrEmail", name, key, err)
		}
		if got := account.VerbatimKey(email); got != email {
			t.Errorf("%s: VerbatimKey = %+q, want the text itself", name, got)
		}
	}
}

// TestOneAccountPerEmail: whoever spells an email differently meets the same account, at sign-in
// as at creation; one that merely looks alike is another.
func TestOneAccountPerEmail(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	ctx := t.Context()
	u, err := people.Create(ctx, account.Details{Email: "\u00c5sa@X.se", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{"A\u030asa@x.se", "\u212bSA@x.se", "\u00e5sa@x.se", "Åｓａ@x.se", "\u00c5sa@X.se"} {
		if _, err := people.Create(ctx, account.Details{Email: same, Password: "q"}); !errors.Is(err, account.ErrEmailTaken) {
			t.Errorf("Create(%+q): %v, want ErrEmailTaken", same, err)
		}
		for doing, find := range map[string]func() (account.User, error){
			"ByEmail":      func() (account.User, error) { return people.ByEmail(ctx, same) },
			"Authenticate": func() (account.User, error) { return people.Authenticate(ctx, same, "p") },
		} {
			if got, err := find(); err != nil || got.ID != u.ID || got.Email != "\u00c5sa@X.se" {
				t.Errorf("%s(%+q) = %v, %v; want the user as created", doing, same, got, err)
			}
		}
	}
	for _, other := range []string{"asa@x.se", "\u00e5sa+1@x.se", "\u00e5s\u0430@x.se", "\u00e5sa@x.se.", ""} {
		if got, err := people.ByEmail(ctx, other); !errors.Is(err, account.ErrNoUser) {
			t.Errorf("ByEmail(%+q) = %v, %v; want ErrNoUser", other, got, err)
		}
	}
}

// TestVerbatim is how the founding API takes emails: any text, none included, and only that
// very text signs in. Nobody can have one that another has in other spelling.
func TestVerbatim(t *testing.T) {
	people := newPeople(t, memory.NewUsers())
	people.Verbatim = true
	ctx := t.Context()
	for name, email := range notEmails {
		u, err := people.Create(ctx, account.Details{Email: email, Password: "p\x00"})
		if err != nil || u.Email != email {
			t.Errorf("%s: Create = %+q, %v", name, u.Email, err)
			continue
		}
		got, err := people.Authenticate(ctx, email, "p\x00")
		switch {
		case email == "" && !errors.Is(err, account.ErrUnknownUser):
			t.Errorf("nobody signs in without an email, and got %v, %v", got, err)
		case email != "" && (err != nil || got.ID != u.ID):
			t.Errorf("%s: Authenticate = %v, %v", name, got, err)
		}
	}
	for range 2 { // any number of users may have none
		if _, err := people.Create(ctx, account.Details{Password: "p"}); err != nil {
			t.Error(err)
		}
	}
	if _, err := people.Create(ctx, account.Details{Email: "bob", Password: "p"}); !errors.Is(err, account.ErrEmailTaken) {
		t.Errorf("a text that is there: %v, want ErrEmailTaken", err)
	}
	if _, err := people.Create(ctx, account.Details{Email: "x", Password: ""}); !errors.Is(err, account.ErrPassword) {
		t.Errorf("no password: %v, want ErrPassword", err)
	}
	bob := addBob(t, people)
	if _, err := people.Create(ctx, account.Details{Email: "BOB@hbtn.io", Password: "p"}); !errors.Is(err, account.ErrEmailTaken) {
		t.Errorf("in other spelling: %v, want ErrEmailTaken", err)
	}
	for email, want := range map[string]error{
		bobsEmail: nil, "Bob@hbtn.io": account.ErrUnknownUser, "ｂob@hbtn.io": account.ErrUnknownUser, " bob@hbtn.io": account.ErrUnknownUser,
	} {
		u, err := people.Authenticate(ctx, email, bobsPassword)
		if !errors.Is(err, want) || err == nil && u.ID != bob.ID {
			t.Errorf("Authenticate(%q) = %v, %v; want %v", email, u, err, want)
		}
	}
}

// FuzzEmailKey: the form in which emails are compared is an email itself, in that form. Else one
// account could stand in the way of another.
func FuzzEmailKey(f *testing.F) {
	for _, email := range notEmails {
		f.Add(email)
	}
	f.Add("A\u030asa@x.se")
	f.Add("ＢＯＢ@hbtn.io")
	f.Add("\u0130\u0345\u03a3@x.de")
	f.Fuzz(func(t *testing.T, email string) {
		key, err := account.EmailKey(email)
		if err != nil {
			if key != "" || !errors.Is(err, account.ErrEmail) {
				t.Fatalf("EmailKey(%+q) = %+q, %v", email, key, err)
			}
			return
		}
		if again, err := account.EmailKey(key); len(key) <= 254 && (err != nil || again != key) {
			t.Fatalf("EmailKey(%+q) = %+q, and of that %+q, %v", email, key, again, err)
		}
		if strings.ContainsAny(key, "\x00\r\n\t ") || !strings.Contains(key, "@") {
			t.Fatalf("EmailKey(%+q) = %+q", email, key)
		}
	})
}
