package main

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/account"
)

func TestDemoPasswords(t *testing.T) {
	form := regexp.MustCompile(`^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$`)
	seen := make(map[string]bool)
	letters := make(map[rune]int)
	const runs = 2000
	for range runs {
		plain := demoPassword()
		if !form.MatchString(plain) || seen[plain] {
			t.Errorf("%q", plain)
		}
		seen[plain] = true
		if err := (account.PasswordRules{}).Check(plain, account.User{Email: "ada@example.com"}); err != nil {
			t.Errorf("%q: %v", plain, err)
		}
		for _, letter := range strings.ReplaceAll(plain, "-", "") {
			letters[letter]++
		}
	}
	const each = runs * 20 / 31 // about 1290, give or take 35
	for _, letter := range demoLetters {
		if n := letters[letter]; n < each-250 || n > each+250 {
			t.Errorf("%c %d times, want about %d", letter, n, each)
		}
	}
}

// TestDemoTrustsNoName: what matters is where it listens in the end, and not what that is called.
func TestDemoTrustsNoName(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.8.8:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true,
		"0.0.0.0:1": false, "[::]:1": false, "192.0.2.1:1": false, "[2001:db8::1]:1": false,
	} {
		parsed, err := net.ResolveTCPAddr("tcp", address)
		if err != nil || isLoopback(parsed) != want {
			t.Errorf("%s: %v, want %v; %v", address, !want, want, err)
		}
	}
	if isLoopback(&net.UnixAddr{Name: "/tmp/x", Net: "unix"}) {
		t.Error("a socket that others may open")
	}
}
