package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files that tests compare with")

const settingsPage = "../../docs/settings.md"

const settingsIntroduction = `# Settings

<!-- Written by "go test ./cmd/handstamp -run TestSettingsPage -update" from cmd/handstamp/servesettings.go. -->

What ` + "`handstamp serve`" + ` and ` + "`handstamp gate`" + ` can be told, and where from:

1. flags: ` + "`--session-idle=1h`" + `
2. environment: ` + "`HANDSTAMP_SESSION_IDLE=1h`" + `; an empty variable is not set
3. the settings file, in TOML: ` + "`session-idle = \"1h\"`" + `. It is the one that ` + "`--config`" + ` or ` + "`HANDSTAMP_CONFIG`" + ` names, or
   else ` + "`handstamp.toml`" + ` in the data folder if that is there
4. the default

What stands higher in this list counts. A name that is not known is an error, wherever it stands.

` + "`handstamp serve --check`" + ` says everything that is wrong with the settings, and exits.
` + "`SIGHUP`" + ` makes a server read them again: what needs a restart stays as it was, and the log says so; if anything is wrong,
everything stays as it was.

A duration is a number with a unit (` + "`90s`, `1h30m`, `30d`" + `), and so is a size (` + "`512KiB`, `64MiB`, `1GiB`" + `). A list has commas between
its elements, or is one in TOML: ` + "`trusted-proxies = [\"loopback\", \"10.0.0.0/8\"]`" + `.

A secret is never a flag, as everybody on the machine can read those; a flag, a variable or a key names the file that it is in. Only
its owner should be able to read that file. Under systemd, use ` + "`LoadCredential=`" + `.
`

// TestSettingsPage: the page is what the code says.
func TestSettingsPage(t *testing.T) {
	var page bytes.Buffer
	page.WriteString(settingsIntroduction)
	if err := serveTable.WriteMarkdown(&page); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(settingsPage, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(settingsPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), page.String()); diff != "" {
		t.Errorf("docs/settings.md is not what the code says; \"go test ./cmd/handstamp -run TestSettingsPage -update\" writes it:\n%s", diff)
	}
}
