package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/pages/look"
)

const pictured = `<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>`

// TestPageSettings: what an app says of itself gets to the pages.
func TestPageSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "logo.svg", pictured)
	write(t, "texts.toml", "[fr]\naction.login = 'Entrez'\n")
	l, err := loadFrom(t, "--app-name=Lighthouse --accent=#07b --accent-dark=#7bf --logo=logo.svg --texts=texts.toml",
		"HANDSTAMP_RETURN_ORIGINS=https://App.example.com:443/, http://localhost:8080")
	if err != nil || l.Warnings != nil {
		t.Fatal(err, l.Warnings)
	}
	s := l.Values
	want := look.Look{Name: "Lighthouse", Logo: []byte(pictured), Accent: "#07b", AccentDark: "#7bf"}
	if diff := cmp.Diff(want, s.look()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"https://app.example.com", "http://localhost:8080"}, originTexts(s.ReturnOrigins)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]map[string]string{"fr": {"action.login": "Entrez"}}, s.Texts.Texts); diff != "" {
		t.Error(diff)
	}
}

// TestPageSettingsRefused: at the start, with the name of the setting and what is wrong. The doctor says the
// same.
func TestPageSettingsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "script.svg", strings.Replace(pictured, "<path", "<script/><path", 1))
	write(t, "key", "43 characters of secrets")
	write(t, "texts.toml", "[fr]\naction.login = 7\n")
	for flags, says := range map[string]string{
		"--app-name=" + strings.Repeat("x", 65):           "flag --app-name: not a name for an app: it has more than 64 characters",
		"--logo=script.svg":                               "flag --logo: not a logo: image/svg+xml: it has a <script>, which is no part of a picture",
		"--logo=key":                                      "flag --logo: not a logo: its content is neither SVG, PNG, JPEG nor WebP",
		"--logo=nowhere.svg":                              `flag --logo: read "nowhere.svg": `,
		"--accent=teal":                                   `flag --accent: not a colour: "teal" is not written like #0b7285 or #07b`,
		"--accent-dark=#12345":                            "flag --accent-dark: not a colour",
		"--texts=texts.toml":                              `flag --texts: texts.toml, table "fr", "action.login": is not text`,
		"--return-origins=https://a.example/path":         "flag --return-origins: ",
		"--return-origins=*":                              "has a wildcard",
		"--return-origins=javascript:alert(1)":            "flag --return-origins: ",
		"--accent=teal --accent-dark=x --app-name=\u202e": "3 settings cannot be used:",
	} {
		_, err := loadFrom(t, flags)
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secrets") {
			t.Errorf("%s\ngot  %v\nwant %s", flags, err, says)
		}
		found := judgeLoading("", nil, err)
		if found.count(stateBroken) == 0 || !strings.Contains(found[0].Says, strings.TrimPrefix(says, "3 settings cannot be used:")) {
			t.Errorf("%s: the doctor says %v", flags, found)
		}
	}
}

// TestReloadOfPages: a picture that has changed under its name is a change, and one that is none any more
// changes nothing.
func TestReloadOfPages(t *testing.T) {
	t.Chdir(t.TempDir())
	const settings = "app-name = 'Lighthouse'\nlogo = 'logo.svg'\ntexts = 'texts.toml'\n"
	write(t, "data/handstamp.toml", settings)
	write(t, "logo.svg", pictured)
	write(t, "texts.toml", "[en]\n")
	l, err := loadFrom(t, "")
	if err != nil {
		t.Fatal(err)
	}
	repainted := strings.Replace(pictured, "8", "9", 1)
	write(t, "logo.svg", repainted)
	write(t, "data/handstamp.toml", settings+"accent = '#07b'\nreturn-origins = 'https://app.example.com'\n")
	next, changed, restart, err := reloadServeSettings(l.Values, nil, nil)
	if err != nil || restart != nil || !cmp.Equal(changed, []string{"logo", "accent", "return-origins"}) {
		t.Errorf("%q, %q, %v", changed, restart, err)
	}
	if got := next.Values.look(); string(got.Logo) != repainted || got.Accent != "#07b" {
		t.Errorf("%+v", got)
	}

	write(t, "logo.svg", "gone wrong")
	if _, changed, _, err := reloadServeSettings(next.Values, nil, nil); changed != nil || err == nil || !strings.Contains(err.Error(), "line 2, logo: not a logo") {
		t.Errorf("%q, %v", changed, err)
	}
}

// TestPasswordsAreNotTheApp: nobody's password is little more than what the app is called.
func TestPasswordsAreNotTheApp(t *testing.T) {
	const plain = "lighthouse-keeper1"
	for name, isGood := range map[string]bool{"": true, "Lighthouse Keeper": false} {
		err := serveSettings{AppName: name, PasswordLength: 15}.passwordRules().Check(plain, account.User{Email: "ada@example.com"})
		if (err == nil) != isGood || err != nil && !errors.Is(err, password.ErrTooPersonal) {
			t.Errorf("app %q: %v", name, err)
		}
	}
	err := serveSettings{AppName: "Lighthouse", PasswordLength: 15}.passwordRules().Check("handstamp-handstamp", account.User{})
	if err == nil {
		t.Error("a password of our own name")
	}
}
