package password

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// made is a hash that another program made.
type made struct{ form, password, encoded string }

func (m *made) UnmarshalJSON(b []byte) error {
	var fields [3]string
	err := json.Unmarshal(b, &fields)
	m.form, m.password, m.encoded = fields[0], fields[1], fields[2]
	return err
}

// Whatever the programs of others make of awkward passwords is accepted here, and refused with one
// character changed. Debian's packages are named in the Makefile.
func TestOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the programs of others")
	}
	passwords, err := os.ReadFile(filepath.Join("testdata", "passwords.json"))
	if err != nil {
		t.Fatal(err)
	}
	// Not the python3 of the PATH, which need not be the one that Debian's packages are for.
	const python = "/usr/bin/python3"
	for name, list := range map[string]func(t *testing.T) []made{
		"passlib":  func(t *testing.T) []made { return run(t, passwords, python, "testdata/python.py", "passlib") },
		"django":   func(t *testing.T) []made { return run(t, passwords, python, "testdata/python.py", "django") },
		"werkzeug": func(t *testing.T) []made { return run(t, passwords, python, "testdata/python.py", "werkzeug") },
		"php":      func(t *testing.T) []made { return run(t, passwords, "php", "testdata/php.php") },
		"htpasswd": func(t *testing.T) []made { return htpasswd(t, passwords) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := list(t)
			if len(all) < 200 {
				t.Errorf("only %d hashes", len(all))
			}
			for i, m := range all {
				s, err := parse(m.encoded)
				if err != nil {
					t.Errorf("%s: %s: %v", m.form, m.encoded, err)
					continue
				}
				if !s.matches(m.password) {
					t.Errorf("%s: %s refuses %q", m.form, m.encoded, m.password)
				}
				if wrong := changed(m.password, i); s.matches(wrong) {
					t.Errorf("%s: %s of %q accepts %q", m.form, m.encoded, m.password, wrong)
				}
			}
		})
	}
}

// run returns what a program makes of the passwords.
func run(t *testing.T, passwords []byte, name string, args ...string) []made {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = bytes.NewReader(passwords)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v (make deps installs what is missing)", cmd, err)
	}
	var all []made
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return all
}

// htpasswd takes one password at a time.
func htpasswd(t *testing.T, passwords []byte) []made {
	var plain []string
	if err := json.Unmarshal(passwords, &plain); err != nil {
		t.Fatal(err)
	}
	var all []made
	for _, form := range []string{"-B -C 4", "-m", "-s", "-2 -r 1000", "-5 -r 2000"} {
		for _, password := range plain {
			args := append(strings.Fields("-nb "+form), "user", password)
			cmd := exec.CommandContext(t.Context(), "htpasswd", args...)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v (make deps installs what is missing)", cmd, err)
			}
			encoded := strings.TrimPrefix(strings.TrimSpace(string(out)), "user:")
			all = append(all, made{form, password, encoded})
		}
	}
	return all
}

// changed returns password with another character in one place, which is among those that bcrypt
// looks at and another one for each n.
func changed(password string, n int) string {
	characters := []rune(password)
	seen := 0
	for size := 0; seen < len(characters) && size+len(string(characters[seen])) <= 72; seen++ {
		size += len(string(characters[seen]))
	}
	place := n % seen
	if characters[place] == 'Q' {
		characters[place] = 'R'
	} else {
		characters[place] = 'Q'
	}
	return string(characters)
}
