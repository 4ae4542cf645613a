package settings_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/settings"
)

// presented is what somebody can set who has files to show.
type presented struct {
	Logo  settings.File     `name:"logo" group:"Pages" reload:"" help:"A picture."`
	Texts settings.TextFile `name:"texts" reload:"" help:"Other texts."`
}

var presentedTable = settings.NewTable[presented]()

// loadFiles loads the settings with a file of each kind in the working directory.
func loadFiles(t *testing.T, logo, texts string) (settings.Loaded[presented], error) {
	t.Helper()
	for name, content := range map[string]string{"logo.svg": logo, "texts.toml": texts} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return presentedTable.Load(settings.Sources{Environment: []string{"HANDSTAMP_LOGO=logo.svg", "HANDSTAMP_TEXTS=texts.toml"}})
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := loadFiles(t, "<svg/>", `
fr."login.title" = "Bienvenue à {name}"
[en]
"login.title" = "Welcome"
admin.users.one = "{n} user"
[en.admin.users]
other = "{n} users"
[de]
`)
	want := presented{
		Logo: settings.File{Path: "logo.svg", Content: []byte("<svg/>")},
		Texts: settings.TextFile{Path: "texts.toml", Texts: map[string]map[string]string{
			"en": {"login.title": "Welcome", "admin.users.one": "{n} user", "admin.users.other": "{n} users"},
			"fr": {"login.title": "Bienvenue à {name}"},
			"de": {},
		}},
	}
	if diff := cmp.Diff(want, l.Values); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if shown := fmt.Sprint(l.Values.Logo, l.Values.Texts); shown != "logo.svg texts.toml" {
		t.Errorf("printed as %q", shown)
	}

	// The same names, and something else in one of the files.
	next, err := loadFiles(t, "<svg><g/></svg>", "[en]\n\"login.title\" = \"Welcome\"\n")
	result, changed, _ := presentedTable.Reload(l.Values, next.Values)
	if err != nil || !cmp.Equal(changed, []string{"logo", "texts"}) || string(result.Logo.Content) != "<svg><g/></svg>" {
		t.Errorf("%v, %q, %+v", err, changed, result)
	}

	l, err = presentedTable.Load(settings.Sources{})
	if diff := cmp.Diff(presented{}, l.Values); err != nil || diff != "" {
		t.Error("nothing is set:", err, diff)
	}
}

// TestFilesThatCannotBeRead: the error says which setting, which file, and where in it.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Chdir(t.TempDir())
	for texts, says := range map[string]string{
		"\n[en":                                    "environment variable HANDSTAMP_TEXTS: texts.toml line 2: ",
		"title = 'x'\n":                            `texts.toml, "title": there must be a table for each language`,
		"[en]\n'login.title' = 7\n":                `texts.toml, table "en", "login.title": is not text`,
		"[en]\nlogin.title = ['x']\n":              `texts.toml, table "en", "login.title": is not text`,
		"[en]\n'a.b' = 'x'\na.b = 'y'\n":           `"a.b": is there twice`,
		"[en]\na = 'x'\na = 'y'\n":                 "texts.toml line 3: ",
		"[en]\n'a.b.c' = 'x'\n[en.a]\nb.c = 'y'\n": `"a.b.c": is there twice`,
		"[[en]]\na = 'x'\n":                        "there must be a table for each language",
		strings.Repeat("#", 1<<20+1):               `read "texts.toml": more than 1MiB`,
	} {
		if _, err := loadFiles(t, "", texts); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q:\ngot  %v\nwant %s", texts, err, says)
		}
	}
	for path, says := range map[string]string{
		"nowhere.svg": `environment variable HANDSTAMP_LOGO: read "nowhere.svg": `,
		".":           "not a regular file",
	} {
		l, err := presentedTable.Load(settings.Sources{Environment: []string{"HANDSTAMP_LOGO=" + path}})
		if err == nil || !strings.Contains(err.Error(), says) || l.Values.Logo.Path != "" {
			t.Errorf("%s: %v, %+v", path, err, l.Values)
		}
	}
}
