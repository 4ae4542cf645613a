package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRules come from the file with commas in them, and from the environment between commas.
func TestRules(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "handstamp.toml", `rules = ["app.example.com/desk role=user,admin fresh", "*/* signed-in"]`)
	l, err := loadFrom(t, "--config=handstamp.toml --trusted-proxies=loopback --public-url=https://app.example.com")
	if err != nil || l.Warnings != nil {
		t.Fatal(err, l.Warnings)
	}
	if diff := cmp.Diff([]string{"app.example.com/desk role=user,admin fresh", "*/* signed-in"}, l.Values.Rules); diff != "" {
		t.Error(diff)
	}
	l, err = loadFrom(t, "--trusted-proxies=loopback --public-url=https://app.example.com", "HANDSTAMP_RULES=app.example.com/desk role=user|admin, */x public", "HANDSTAMP_FORWARD_PROXY=caddy")
	if err != nil || l.Warnings != nil || l.Values.ForwardProxy != "caddy" {
		t.Fatal(err, l.Warnings, l.Values.ForwardProxy)
	}
	if diff := cmp.Diff([]string{"app.example.com/desk role=user|admin", "*/x public"}, l.Values.Rules); diff != "" {
		t.Error(diff)
	}
}

// TestRulesRefused: with the name of the setting, and the rule.
func TestRulesRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for rules, says := range map[string]string{
		"app.example.com/x": `environment variable HANDSTAMP_RULES: rule 1, "app.example.com/x": want a host and a path`,
		"*/* public, app.example.com/admin/* role=admin":         "can never count",
		"app.example.com/x role=admin,user":                      `rule 2, "user": want a host and a path`,
		"app.example.com/x role=editor":                          `nobody has the role "editor"; there are user and admin`,
		"app.example.com/x role=admin, app.example.com/y/../z x": "rule 2",
	} {
		_, err := loadFrom(t, "--trusted-proxies=loopback", "HANDSTAMP_RULES="+rules)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", rules, err, says)
		}
	}
	if l, err := loadFrom(t, "", "HANDSTAMP_RULES=*/x public"); err != nil || len(l.Warnings) != 1 || !strings.Contains(l.Warnings[0], "trusted-proxies") {
		t.Errorf("without proxies: %v %q", err, l.Warnings)
	}
	if _, err := loadFrom(t, "", "HANDSTAMP_FORWARD_PROXY=squid"); err == nil || !strings.Contains(err.Error(), "is not one of auto, nginx") {
		t.Errorf("%v", err)
	}
}

// TestRulesForAnotherHost: nobody is signed in where the cookie does not go.
func TestRulesForAnotherHost(t *testing.T) {
	t.Chdir(t.TempDir())
	const proxied = "--trusted-proxies=loopback --public-url=https://id.example.com"
	for flags, says := range map[string]string{
		proxied:                                  "browsers do not send the session cookie to app.example.com, only to id.example.com",
		proxied + " --cookie-domain=example.com": "every host of example.com gets the session cookie",
	} {
		l, err := loadFrom(t, flags, "HANDSTAMP_RULES=app.example.com/x public")
		if err != nil || len(l.Warnings) != 1 || !strings.Contains(l.Warnings[0], says) {
			t.Errorf("%s: %v, %q; want %s", flags, err, l.Warnings, says)
		}
	}
}
