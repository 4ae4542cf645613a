package password_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/handstamp/handstamp/password"
)

var ada = []string{"ada.lovelace@example.com", "Ada", "Lovelace", "Handstamp", "login.analytical-engine.org", "", "प्रिया शर्मा"}

func TestJudge(t *testing.T) {
	for plain, want := range map[string]error{
		// What a person may well choose.
		"correct horse battery staple":                    nil,
		"correcthorsebattery":                             nil,
		"ein Pferd frisst keinen Salat":                   nil,
		"пароль лежит под ковром":                         nil,
		"東京特許許可局長今日急遽休暇許":                                 nil,
		"my password is not password":                     nil, // compared whole
		"ada likes handstamps":                            nil,
		"Ada Lovelace was here":                           nil,
		"adasdog1815rex!":                                 nil,
		"4815162342108!?":                                 nil,
		"583920174658123":                                 nil, // only digits, and drawn by lot
		"dGVzdCBvZiBhIHJ":                                 nil,
		"wordwordwordwor!":                                nil,
		"ada 94 82 71 60 53 49":                           nil, // most of it is unknown
		"correct horse 1 correct horse 1 correct horse 1": nil, // long enough by itself

		// The list, in any letter case.
		"1qaz2wsx3edc4rfv":   password.ErrTooCommon,
		"1QAZ2wsx3EDC4rfv":   password.ErrTooCommon,
		"mailcreated5240":    password.ErrTooCommon,
		"welcome1welcome1":   password.ErrTooRegular,
		"whateverbadinga":    password.ErrTooCommon,
		"123456789987654321": password.ErrTooCommon,

		// Repetitions.
		"aaaaaaaaaaaaaaaaaaaaa": password.ErrTooRegular,
		"abcabcabcabcabc":       password.ErrTooRegular,
		"xk7xk7xk7xk7xk7":       password.ErrTooRegular,
		"xk7xk7xk7xk7xk7x":      password.ErrTooRegular, // broken off
		"hunter2!hunter2!":      password.ErrTooRegular,
		"ünïünïünïünïünï":       password.ErrTooRegular,
		"      \u00a0        ":  password.ErrTooRegular,
		"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀":              password.ErrTooRegular,
		strings.Repeat("ab", 512):      password.ErrTooRegular,
		"qwerty123456789qwerty1234567": password.ErrTooRegular,

		// Runs.
		"abcdefghijklmno":    password.ErrTooRegular,
		"zyxwvutsrqponml":    password.ErrTooRegular,
		"567890123456789":    password.ErrTooRegular,
		"asdfghjklöäasdf":    password.ErrTooRegular,
		"poiuytrewqasdfg":    password.ErrTooRegular,
		"йцукенгшщзхъфыва":   password.ErrTooRegular,
		"абвгдеёжзиклмно":    nil, // ё breaks what would be runs, and is a letter
		"aaaabbbbccccdddd":   password.ErrTooRegular,
		"qazwsxqwe123456!":   password.ErrTooRegular,
		"abcdef-123456-xyz":  password.ErrTooRegular,
		"~!@#$%^&*()_+qwe":   password.ErrTooRegular,
		"qwerty 1 asdfgh 99": password.ErrTooRegular,

		// What is known of the user and the service.
		"ada.lovelace@example.com": password.ErrTooPersonal,
		"ADA.LOVELACE@EXAMPLE.COM": password.ErrTooPersonal,
		"adalovelaceadal":          nil, // "adal" is no word
		"lovelace.ada.lovelace":    password.ErrTooPersonal,
		"lovelacelovelace":         password.ErrTooPersonal,
		"Ada-Lovelace-1815":        password.ErrTooPersonal,
		"ada123456789012":          password.ErrTooPersonal,
		"handstamp2026!!":          password.ErrTooPersonal,
		"!!handstamp!!handstamp!!": password.ErrTooPersonal,
		"analytical engine":        password.ErrTooPersonal,
		"Lovelace Handstamp":       password.ErrTooPersonal,
		"शर्मा 1947 शर्मा":         password.ErrTooPersonal,
	} {
		if got := password.Judge(plain, 15, ada...); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", plain, got, want)
		}
	}
}

// TestJudgeLength counts code points, and nothing else matters before that.
func TestJudgeLength(t *testing.T) {
	for _, c := range []struct {
		plain     string
		min, have int // have is 0 where it is long enough
	}{
		{"short", 8, 5},
		{"rdx7 kw", 8, 7},
		{"rdx7 kwq", 8, 0},
		{"fourteen chars", 15, 14},
		{"fifteen charact", 15, 0},
		{"ünïcödé zähltgl", 15, 0},
		{"ünïcödé zähltg", 15, 14},
		{"😀😃😄😁😆😅🤣", 8, 7},
		{"😀😃😄😁😆😅🤣x", 8, 0},
		{"aaaaaaa", 8, 7},
		{"rdx7", 0, 0},
	} {
		err := password.Judge(c.plain, c.min)
		short, is := errors.AsType[*password.TooShortError](err)
		switch {
		case c.have == 0 && err != nil:
			t.Errorf("%q: %v", c.plain, err)
		case c.have != 0 && (!is || short.CodePoints != c.have || short.Min != c.min):
			t.Errorf("%q: %v, want %d of %d", c.plain, err, c.have, c.min)
		}
	}
	if err := password.Judge(strings.Repeat("correct horse ", 80), 15); !errors.Is(err, password.ErrTooLong) {
		t.Errorf("1,120 characters: %v", err)
	}
}

// TestJudgeWithALowerMinimum: what is long enough beside a second factor is held to the same list.
func TestJudgeWithALowerMinimum(t *testing.T) {
	for plain, want := range map[string]error{
		"password":           password.ErrTooCommon,
		"PassWord1":          password.ErrTooCommon,
		"passwordpassword":   password.ErrTooCommon,
		"password1password1": password.ErrTooCommon, // what is repeated counts
		"sdfgrewq":           password.ErrTooRegular,
		"ada1815!":           nil, // more of it is unknown than known
		"ada.ada.1":          password.ErrTooPersonal,
		"xkcdxkcd":           password.ErrTooRegular,
		"rdx7 kwq":           nil,
		"tr0ub4dor&3":        nil,
	} {
		if got := password.Judge(plain, 8, "Ada"); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", plain, got, want)
		}
	}
	if err := password.Judge("abab", 0); !errors.Is(err, password.ErrTooRegular) {
		t.Errorf("no minimum: %v", err)
	}
}

// TestJudgeSaysNothingOfThePassword, as its errors are shown and may be logged.
func TestJudgeSaysNothingOfThePassword(t *testing.T) {
	for _, plain := range []string{"hunter2", "1qaz2wsx3edc4rfv", "hunter2!hunter2!", "ada.lovelace@example.com"} {
		err := password.Judge(plain, 15, ada...)
		if err == nil || strings.Contains(err.Error(), plain) || strings.Contains(err.Error(), plain[:4]) {
			t.Errorf("%q: %v", plain, err)
		}
	}
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{"", "correct horse battery", "aaaaaaaaaaaaaaaa", "q1w2e3r4t5", "\xff\xfe", "İstanbul", "ada\n\n\n\n\n\n\n\n\n", "ǅǅǅǅǅǅǅǅǅ"} {
		f.Add(seed, "ada.lovelace@example.com")
	}
	f.Fuzz(func(t *testing.T, plain, about string) {
		if len(plain) > 400 || !utf8.ValidString(plain) { // bytes could become letters where two meet
			return
		}
		err := password.Judge(plain, 8, about)
		// What is refused would be refused twice over, too; and nobody's email is a password.
		if twice := password.Judge(plain+plain, 8, about); plain != "" && err != nil && twice == nil {
			t.Errorf("%q: %v, but twice it is good", plain, err)
		}
		if same := password.Judge(plain, 0, plain); plain != "" && same == nil {
			t.Errorf("%q is good for the one of that name", plain)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	for name, plain := range map[string]string{
		"phrase":   "correct horse battery staple",
		"digits":   "583920174658123",
		"personal": "Ada-Lovelace-1815-ada.lovelace@example.co",
		"longest":  strings.Repeat("1!2?", 255) + "abx",
	} {
		b.Run(name, func(b *testing.B) {
			_ = password.Judge(plain, 15, ada...)
			for b.Loop() {
				_ = password.Judge(plain, 15, ada...)
			}
		})
	}
}
