package texts_test

import (
	"html/template"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/server/pages/texts"
)

// find returns a language that has to be there.
func find(t testing.TB, c *texts.Catalogues, tag string) *texts.Language {
	t.Helper()
	l, known := c.Find(tag)
	if !known {
		t.Fatalf("no language %q", tag)
	}
	return l
}

func load(t testing.TB, overrides map[string]map[string]string) *texts.Catalogues {
	t.Helper()
	c, err := texts.Load(overrides)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLanguages(t *testing.T) {
	var got []string
	for _, l := range texts.Default().Languages() {
		got = append(got, l.Tag()+" "+l.Name())
	}
	if diff := cmp.Diff([]string{"en English", "fr Français", "de Deutsch", "es Español"}, got); diff != "" {
		t.Error(diff)
	}
	if l, known := texts.Default().Find("tlh"); known {
		t.Errorf("tlh is %v", l)
	}
}

func TestText(t *testing.T) {
	fr := find(t, texts.Default(), "fr")
	for _, row := range []struct {
		key  string
		args []any
		want string // empty for an error
	}{
		{"role.user", nil, "Utilisateur"},
		{"problem.password_too_short", []any{"min", 15}, "au moins 15 caractères"},
		{"problem.password_too_short", []any{"min", 15_000}, "au moins 15\u202f000 caractères"},
		{"problem.password_too_short", []any{"min", "<b>{x}"}, "au moins <b>{x} caractères"}, // escaping is for templates
		{"problem.password_too_short", nil, ""},
		{"problem.password_too_short", []any{"max", 15}, ""},
		{"problem.password_too_short", []any{"min"}, ""},
		{"problem.password_too_short", []any{"min", 15, "max", 20}, ""},
		{"problem.password_too_short", []any{"min", 15, "min", 16}, ""},
		{"problem.password_too_short", []any{15, "min"}, ""},
		{"problem.password_too_short", []any{"min", 1.5}, ""},
		{"role.user", []any{"name", "Ada"}, ""},
		{"role", nil, ""},
		{"", nil, ""},
	} {
		got, err := fr.Text(row.key, row.args...)
		if (err == nil) != (row.want != "") || !strings.Contains(got, row.want) {
			t.Errorf("%q %v: %q, %v; want %q", row.key, row.args, got, err, row.want)
		}
	}
}

// TestTextInTemplates: what the pages do with it.
func TestTextInTemplates(t *testing.T) {
	page := template.Must(template.New("").Parse(`{{.L.Text "problem.too_many_attempts" "wait" .Wait}} {{.L.Count "duration.days" .Days}}`))
	for tag, want := range map[string]string{
		"en": "There were too many attempts. Please wait &lt;i&gt;, then try again. 1,200 days",
		"de": "Es gab zu viele Versuche. Bitte warten Sie &lt;i&gt; und versuchen Sie es dann noch einmal. 1.200 Tage",
	} {
		var b strings.Builder
		data := map[string]any{"L": find(t, texts.Default(), tag), "Wait": "<i>", "Days": 1200}
		if err := page.Execute(&b, data); err != nil || b.String() != want {
			t.Errorf("%q, %v; want %q", b.String(), err, want)
		}
	}
	broken := template.Must(template.New("").Parse(`{{.Text "no.such"}}`))
	if err := broken.Execute(&strings.Builder{}, find(t, texts.Default(), "en")); err == nil || !strings.Contains(err.Error(), "no.such") {
		t.Errorf("a text that is not there: %v", err)
	}
}

// TestCount: French has one of none.
func TestCount(t *testing.T) {
	for tag, want := range map[string][]string{
		"en": {"0 days", "1 day", "2 days", "1,000 days"},
		"fr": {"0 jour", "1 jour", "2 jours", "1\u202f000 jours"},
		"de": {"0 Tage", "1 Tag", "2 Tage", "1.000 Tage"},
		"es": {"0 días", "1 día", "2 días", "1000 días"},
	} {
		l := find(t, texts.Default(), tag)
		var got []string
		for _, n := range []int{0, 1, 2, 1000} {
			text, err := l.Count("duration.days", n)
			if err != nil {
				t.Error(err)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tag, diff)
		}
	}
	if text, err := find(t, texts.Default(), "en").Count("role.user", 1); err == nil {
		t.Errorf("a text without forms: %q", text)
	}
}

func TestNumber(t *testing.T) {
	numbers := []int{0, 7, 999, 1000, 9999, 10_000, 123_456, 1_234_567, -1000, -12_345}
	for tag, want := range map[string]string{
		"en": "0 7 999 1,000 9,999 10,000 123,456 1,234,567 -1,000 -12,345",
		"fr": "0 7 999 1\u202f000 9\u202f999 10\u202f000 123\u202f456 1\u202f234\u202f567 -1\u202f000 -12\u202f345",
		"de": "0 7 999 1.000 9.999 10.000 123.456 1.234.567 -1.000 -12.345",
		"es": "0 7 999 1000 9999 10.000 123.456 1.234.567 -1000 -12.345",
	} {
		var got []string
		for _, n := range numbers {
			got = append(got, find(t, texts.Default(), tag).Number(n))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// TestDuration: it is never less than what it tells of.
func TestDuration(t *testing.T) {
	en := find(t, texts.Default(), "en")
	for d, want := range map[time.Duration]string{
		0:                       "0 seconds",
		time.Millisecond:        "1 second",
		time.Second:             "1 second",
		90 * time.Second:        "90 seconds",
		time.Minute:             "1 minute",
		2 * time.Minute:         "2 minutes",
		2*time.Minute + 1:       "3 minutes",
		time.Hour:               "1 hour",
		90 * time.Minute:        "90 minutes",
		23*time.Hour + 1:        "24 hours",
		24 * time.Hour:          "1 day",
		36 * time.Hour:          "36 hours",
		30 * 24 * time.Hour:     "30 days",
		30*24*time.Hour + 1:     "31 days",
		10_000 * 24 * time.Hour: "10,000 days",
	} {
		if got, err := en.Duration(d); got != want || err != nil {
			t.Errorf("%v: %q, %v; want %q", d, got, err, want)
		}
	}
}

func TestOverrides(t *testing.T) {
	c := load(t, map[string]map[string]string{
		"fr": {"role.user": "Adhérent", "problem.password_too_short": "Trop court, {min} minimum, oui {min}."},
		"en": {"problem.password_too_short": "Too short."},
	})
	for _, row := range []struct{ tag, key, want string }{
		{"fr", "role.user", "Adhérent"},
		{"en", "role.user", "User"},
		{"de", "role.user", "Benutzer"},
		{"fr", "role.admin", "Administrateur"},
	} {
		if got, err := find(t, c, row.tag).Text(row.key); got != row.want || err != nil {
			t.Errorf("%s %s: %q, %v; want %q", row.tag, row.key, got, err, row.want)
		}
	}
	// The page gives what the original takes, whatever became of it.
	for tag, want := range map[string]string{"en": "Too short.", "fr": "Trop court, 8 minimum, oui 8."} {
		if got, err := find(t, c, tag).Text("problem.password_too_short", "min", 8); got != want || err != nil {
			t.Errorf("%s: %q, %v", tag, got, err)
		}
	}
	if got, err := find(t, texts.Default(), "fr").Text("role.user"); got != "Utilisateur" || err != nil {
		t.Errorf("the default catalogues are now %q, %v", got, err)
	}
}

// TestLoadRefuses what could not be shown, and says all of it.
func TestLoadRefuses(t *testing.T) {
	c, err := texts.Load(map[string]map[string]string{
		"tlh": {"role.user": "lo’wI’"},
		"FR":  {"role.user": "Adhérent"},
		"es":  {"role.user": "Socio", "role.boss": "Jefe"},
		"en": {
			"role.user":                    "Hello {name}",
			"role.none":                    " ",
			"role.admin":                   "A { brace",
			"outcome.success":              "A } brace",
			"outcome.failure":              "{}",
			"action.login":                 "{Count}",
			"duration.days.one":            "{min}",
			"problem.password_too_short":   "{min} {max}",
			"problem.too_many_attempts":    "{wait",
			"problem.credential_refused":   "{{.Email}}",
			"problem.ambiguous_credential": "mistyped",
		},
	})
	if err == nil || c != nil {
		t.Fatalf("%v, %v", c, err)
	}
	for _, want := range []string{
		`there is no language "tlh"`, `there is no language "FR"`, `es "role.boss": there is no such text`,
		`en "role.user": nothing can be put in for {name}: there is nothing in this text`,
		`en "role.none": the text is empty`, `en "role.admin": a {`, `en "outcome.success": there is a }`,
		`en "outcome.failure": a {`, `en "action.login": a {`,
		`en "duration.days.one": nothing can be put in for {min}: there is {count}`,
		`en "problem.password_too_short": nothing can be put in for {max}: there is {min}`,
		`en "problem.too_many_attempts": a {`, `en "problem.credential_refused": a {`,
		`en "problem.ambiguous_credential": there is no such text`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q", want)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 14 {
		t.Errorf("%d lines:\n%v", got, err)
	}
}

func TestChoose(t *testing.T) {
	for _, row := range []struct{ cookie, accept, want string }{
		{"", "", "en"},
		{"de", "fr", "de"},
		{"tlh", "fr", "fr"},
		{"DE", "fr", "fr"}, // no cookie of ours
		{"de; x", "", "en"},
		{"", "fr", "fr"},
		{"", "FR-ca", "fr"},
		{"", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"", "en;q=0.1, es;q=0.2", "es"},
		{"", "ja, fr;q=0.5", "fr"},
		{"", "ja, zh-Hant", "en"},
		{"", "fr;q=0, de;q=0.1", "de"},
		{"", "*", "en"},
		{"", "es-419, *;q=0.1", "es"},
		{"", "gsw", "de"},
		{"", "gl", "es"},
		{"", "br", "fr"},
		{"", "fr;q=x", "en"},
		{"", ",,,", "en"},
		{"", "\x00\xff", "en"},
		{"", "de" + strings.Repeat(",ja;q=0.1", 10_000), "de"},
		{"", strings.Repeat("ja;q=0.1,", 10_000) + "de", "en"}, // beyond what is read
		{"", strings.Repeat("d", 10_000), "en"},
		{"", strings.Repeat("-", 1_000_000), "en"},
	} {
		if got := texts.Default().Choose(row.cookie, row.accept).Tag(); got != row.want {
			t.Errorf("cookie %q, Accept-Language %.60q: %s, want %s", row.cookie, row.accept, got, row.want)
		}
	}
}

// FuzzChoose: whatever is asked for, the answer is one of the languages.
func FuzzChoose(f *testing.F) {
	for _, seed := range []string{"fr", "de-AT,de;q=0.9", "*;q=0.1", "x-a-b", "zh-Hant-TW-u-co-stroke", "i-klingon", "en-a-bb-x-c"} {
		f.Add("", seed)
		f.Add(seed, "")
	}
	all := texts.Default().Languages()
	f.Fuzz(func(t *testing.T, cookie, accept string) {
		if l := texts.Default().Choose(cookie, accept); !slices.Contains(all, l) {
			t.Errorf("%q, %q: %v", cookie, accept, l)
		}
	})
}
