package main

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestPythonSeconds holds what Python 3 makes of SESSION_DURATION, where its ValueError is 0.
func TestPythonSeconds(t *testing.T) {
	const most = math.MaxInt64 / time.Second * time.Second
	for text, want := range map[string]time.Duration{
		"60":  time.Minute,
		"0":   0,
		"007": 7 * time.Second,

		" 60 ":         time.Minute,
		"\t60\n":       time.Minute,
		"\v\f\r60":     time.Minute,
		"\u00a060\x85": 0, // a byte that is not UTF-8
		"\u00a060":     time.Minute,
		"60\u2003":     time.Minute,
		"\u008560":     time.Minute,
		"6 0":          0,
		"60\u200b":     0,
		"\ufeff60":     0,
		"\x1c60":       0,

		"+60":  time.Minute,
		"-60":  -time.Minute,
		"-0":   0,
		" -60": -time.Minute,
		"- 60": 0,
		"+ 60": 0,
		"--60": 0,
		"++60": 0,
		"+-60": 0,
		"-+60": 0,
		"60-":  0,
		"+":    0,
		"-":    0,
		"−60":  0, // the minus sign of typographers

		"1_000":   1000 * time.Second,
		"1_0_0":   100 * time.Second,
		"0_1":     time.Second,
		"-1_0":    -10 * time.Second,
		"_1":      0,
		"1_":      0,
		"1__0":    0,
		"+_1":     0,
		"_":       0,
		"1 _0":    0,
		"1_000 _": 0,

		"٦٠":   time.Minute, // Arabic-Indic
		"६०":   time.Minute, // Devanagari
		"６０":   time.Minute, // full width
		"𝟞𝟘":   time.Minute, // double-struck, beyond 16 bits
		"𝟔𝟎":   time.Minute, // bold, of the same run of digits
		"-٦_0": -time.Minute,
		"6٠":   time.Minute,
		"²":    0, // a digit, but no decimal one
		"½":    0,
		"Ⅻ":    0,
		"一":    0,

		"":         0,
		" ":        0,
		"abc":      0,
		"60s":      0,
		"1.5":      0,
		"1.":       0,
		"1,000":    0,
		"1e3":      0,
		"0x10":     0,
		"0b1":      0,
		"0o7":      0,
		"inf":      0,
		"None":     0,
		"6\x000":   0,
		"\xff":     0,
		"6\xff":    0,
		"6\ufffd0": 0,

		"9223372036":                   most,
		"9223372037":                   most,
		"99999999999999999999999999":   most,
		"-99999999999999999999999999":  -most,
		strings.Repeat("9", 4000):      most,
		strings.Repeat("0", 4000):      0,
		strings.Repeat("0", 400) + "1": time.Second,
	} {
		if got := pythonSeconds(text); got != want {
			t.Errorf("%.40q: %v, want %v", text, got, want)
		}
	}
}

// TestDigitValue checks, without the tables that the code reads, what it relies on: that decimal
// digits stand in runs of ten from zero to nine.
func TestDigitValue(t *testing.T) {
	digits, start := 0, rune(-1)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		value, ok := digitValue(r)
		if ok != unicode.IsDigit(r) {
			t.Errorf("%U: %v, want %v", r, ok, unicode.IsDigit(r))
		}
		if !ok {
			if start >= 0 && (r-start)%10 != 0 {
				t.Errorf("the run from %U has %d digits", start, r-start)
			}
			start = -1
			continue
		}
		if start < 0 {
			start = r
		}
		if want := int(r-start) % 10; value != want {
			t.Errorf("%U is %d, want %d", r, value, want)
		}
		digits++
	}
	if digits < 600 {
		t.Errorf("only %d digits", digits)
	}
}

// unset takes a variable out of the environment for as long as the test runs.
func unset(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // so that it is put back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}

var classicVariables = []string{"API_HOST", "API_PORT", "AUTH_TYPE", "SESSION_NAME", "SESSION_DURATION"}

func TestReadClassicSettings(t *testing.T) {
	defaults := classicSettings{host: "0.0.0.0", port: "5000", sessionName: "_my_session_id"}
	with := func(change func(*classicSettings)) classicSettings {
		s := defaults
		change(&s)
		return s
	}
	type env map[string]string
	for _, row := range []struct {
		name string
		env  env
		want classicSettings
		says string // of the error, or "" for none
	}{
		{"nothing is set", env{}, defaults, ""},
		{
			"everything is set",
			env{"API_HOST": "::1", "API_PORT": "8080", "AUTH_TYPE": "session_db_auth", "SESSION_NAME": "sid", "SESSION_DURATION": "60"},
			classicSettings{"::1", "8080", authSessionDB, "sid", time.Minute},
			"",
		},
		{"empty is not set", env{"API_HOST": "", "API_PORT": "", "SESSION_NAME": "", "SESSION_DURATION": ""}, defaults, ""},
		{"auth", env{"AUTH_TYPE": "auth"}, with(func(s *classicSettings) { s.auth = authNobody }), ""},
		{"basic_auth", env{"AUTH_TYPE": "basic_auth"}, with(func(s *classicSettings) { s.auth = authBasic }), ""},
		{"session_auth", env{"AUTH_TYPE": "session_auth"}, with(func(s *classicSettings) { s.auth = authSession }), ""},
		{"session_exp_auth", env{"AUTH_TYPE": "session_exp_auth"}, with(func(s *classicSettings) { s.auth = authSessionExp }), ""},
		{"duration that is no number", env{"SESSION_DURATION": "1.5"}, defaults, ""},
		{"negative duration", env{"SESSION_DURATION": "-1"}, with(func(s *classicSettings) { s.duration = -time.Second }), ""},
		{"port 0 is any", env{"API_PORT": "0"}, with(func(s *classicSettings) { s.port = "0" }), ""},
		{"the last port", env{"API_PORT": "65535"}, with(func(s *classicSettings) { s.port = "65535" }), ""},
		{"port with a zero", env{"API_PORT": "05000"}, defaults, ""},

		// Open to everybody is what nobody may get by a slip.
		{"AUTH_TYPE empty", env{"AUTH_TYPE": ""}, defaults, `AUTH_TYPE is ""`},
		{"AUTH_TYPE unknown", env{"AUTH_TYPE": "basic"}, defaults, `AUTH_TYPE is "basic"`},
		{"AUTH_TYPE in capitals", env{"AUTH_TYPE": "BASIC_AUTH"}, defaults, "BASIC_AUTH"},
		{"AUTH_TYPE with a blank", env{"AUTH_TYPE": "auth "}, defaults, `"auth "`},
		{"AUTH_TYPE of a class", env{"AUTH_TYPE": "None"}, defaults, "None"},

		{"port too high", env{"API_PORT": "65536"}, defaults, `API_PORT is "65536"`},
		{"port negative", env{"API_PORT": "-1"}, defaults, "API_PORT"},
		{"port by name", env{"API_PORT": "http"}, defaults, "API_PORT"},
		{"port with a blank", env{"API_PORT": " 5000"}, defaults, "API_PORT"},
		{"port with a sign", env{"API_PORT": "+5000"}, defaults, "API_PORT"},
		{"port in hexadecimal", env{"API_PORT": "0x50"}, defaults, "API_PORT"},

		{"name with a blank", env{"SESSION_NAME": "a b"}, defaults, `SESSION_NAME is "a b"`},
		{"name with =", env{"SESSION_NAME": "a=b"}, defaults, "SESSION_NAME"},
		{"name with ;", env{"SESSION_NAME": "a;b"}, defaults, "SESSION_NAME"},
		{"name with a line end", env{"SESSION_NAME": "a\r\nSet-Cookie: b"}, defaults, "SESSION_NAME"},
		{"name that is not ASCII", env{"SESSION_NAME": "é"}, defaults, "SESSION_NAME"},
	} {
		t.Run(row.name, func(t *testing.T) {
			unset(t, classicVariables...)
			for name, value := range row.env {
				t.Setenv(name, value)
			}
			got, err := readClassicSettings()
			if row.says == "" {
				if err != nil || got != row.want {
					t.Errorf("%+v, %v; want %+v", got, err, row.want)
				}
				return
			}
			if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), row.says) || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("got %v, want a usage error in one line that says %s", err, row.says)
			}
		})
	}
}

func TestNetwork(t *testing.T) {
	for host, want := range map[string]string{
		"0.0.0.0": "tcp4", "127.0.0.1": "tcp4", "::": "tcp", "::1": "tcp", "localhost": "tcp",
	} {
		if got := (classicSettings{host: host}).network(); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}
