package look_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/server/pages/look"
)

func TestZeroLook(t *testing.T) {
	var own look.Look
	if err := own.Check(); err != nil || own.AppName() != "Handstamp" || own.LogoType() != "" {
		t.Errorf("%v, %q, %q", err, own.AppName(), own.LogoType())
	}
}

func TestName(t *testing.T) {
	for name, isGood := range map[string]bool{
		"Lighthouse":                        true,
		"Ünïcode & <b>Söhne</b> 灯台":         true,
		strings.Repeat("灯", 64):             true,
		strings.Repeat("灯", 65):             false,
		" ":                                 false,
		"two\nlines":                        false,
		"two\u2028lines":                    false,
		"bell\a":                            false,
		"next\u0085line":                    false,
		"txt.\u202eexe":                     false,
		"not \xff text":                     false,
		strings.Repeat("\u2066", 3):         false,
		"\u200fright-to-left mark":          false,
		"family \U0001F468\u200d\U0001F467": true, // joined by a character that controls nothing else
	} {
		l := look.Look{Name: name}
		if err := l.Check(); (err == nil) != isGood || err != nil && !errors.Is(err, look.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
		if l.AppName() != name {
			t.Errorf("called %q, want %q", l.AppName(), name)
		}
	}
}

func TestAccents(t *testing.T) {
	for text, isGood := range map[string]bool{
		"#07b": true, "#0B7285": true, "#ffffff": true,
		"0b7285": false, "#0b728": false, "#0b72855": false, "#ggg": false, "red": false, "#": false, "#07b;}": false,
		"rgb(0,0,0)": false, " #07b": false, "#é1": false,
	} {
		for name, l := range map[string]look.Look{"light": {Accent: text}, "dark": {AccentDark: text}} {
			if err := l.Check(); (err == nil) != isGood || err != nil && !errors.Is(err, look.ErrAccent) {
				t.Errorf("%s %q: %v", name, text, err)
			}
		}
	}
}

// TestAllThatIsWrong is said at once.
func TestAllThatIsWrong(t *testing.T) {
	err := look.Look{Name: "\n", Logo: []byte("?"), Accent: "red"}.Check()
	for _, want := range []error{look.ErrName, look.ErrLogo, look.ErrAccent} {
		if !errors.Is(err, want) {
			t.Errorf("%v is not said in %v", want, err)
		}
	}
}
