package settings_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/settings"
)

func TestReload(t *testing.T) {
	load := func(entries ...string) example {
		l, err := table.Load(settings.Sources{Environment: entries})
		if err != nil {
			t.Fatal(err)
		}
		return l.Values
	}
	before := load("HANDSTAMP_API_KEY=a", "HANDSTAMP_TRUSTED_PROXIES=loopback")
	if result, changed, restart := table.Reload(before, load("HANDSTAMP_API_KEY=a", "HANDSTAMP_TRUSTED_PROXIES=loopback")); changed != nil ||
		restart != nil || result.Idle != before.Idle {
		t.Errorf("nothing changed: %v, %v", changed, restart)
	}
	after := load("HANDSTAMP_API_KEY=b", "HANDSTAMP_SESSION_IDLE=2h", "HANDSTAMP_LISTEN=:1", "HANDSTAMP_TRUSTED_PROXIES=loopback,private", "HANDSTAMP_LEVEL=warn")
	result, changed, restart := table.Reload(before, after)
	if diff := cmp.Diff([]string{"session-idle", "trusted-proxies", "level"}, changed); diff != "" {
		t.Error("changed:", diff)
	}
	if diff := cmp.Diff([]string{"listen", "api-key"}, restart); diff != "" {
		t.Error("restart:", diff)
	}
	if result.Idle != duration(2*time.Hour) || len(result.Nets) != 2 || result.Level != "warn" {
		t.Errorf("what can change has not: %+v", result)
	}
	if result.Listen != before.Listen || result.Key.Reveal() != "a" {
		t.Errorf("what needs a restart has changed: %+v", result)
	}
}
