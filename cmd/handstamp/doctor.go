package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/internal/settings"
)

type doctorCmd struct {
	Cluster bool `name:"cluster" help:"Look at all nodes that share the store, too: the running server of this machine is asked for them."`
	JSON    bool `name:"json" help:"Print JSON."`
	settingsFlags
}

func newDoctorCmd() doctorCmd { return doctorCmd{settingsFlags: newSettingsFlags()} }

// Help implements kong's HelpProvider.
func (doctorCmd) Help() string {
	return "Prints a line for each thing that it looks at: settings, public URL, proxies, files and their modes, disk, clock, " +
		"memory and the limits of the server. A line begins with ok, with weak (it works, and is less safe than it could be, or " +
		"not for long) or with broken, and says what to do. It changes nothing and needs no running server; beside one it looks at " +
		"the limits of that one. Run it as the server's user, and with the flags and variables of \"serve\".\n\n" +
		"The exit code is 0 when all is ok, 1 when something is weak or broken, and 2 when it was not called right.\n\nExample:\n\n" +
		"  sudo -u handstamp handstamp doctor --cluster --data=/var/lib/handstamp"
}

// Run implements the command.
func (c doctorCmd) Run(ctx context.Context, t terminal, parsed *kong.Context) error {
	given := settings.Given(parsed)
	found := examine(ctx, given, os.Environ())
	if c.Cluster {
		loaded, _ := loadServeSettings(given, os.Environ()) // examine has said what is wrong with them
		found = append(found, examineCluster(ctx, dataFolder(loaded.Values.Data))...)
	}
	if c.JSON {
		if err := printJSON(t, found); err != nil {
			return err
		}
		return found.verdict()
	}
	for _, f := range found {
		if _, err := fmt.Fprintln(t.out, f); err != nil {
			return err
		}
	}
	return found.verdict()
}

// examine looks at everything. Its parameters are those of [loadServeSettings].
func examine(ctx context.Context, given map[string][]string, environment []string) findings {
	loaded, err := loadServeSettings(given, environment)
	s := loaded.Values
	file, _ := settingsFile(given, environment)

	found := judgeLoading(file, loaded.Warnings, err)
	for _, f := range judgeSettings(s) {
		if err == nil || f.State != stateOK { // what could not be read may be anything
			found = append(found, f)
		}
	}

	found = append(found, judgeSettingsFile(lookAtSettingsFile(file, s.Data))...)

	now := time.Now()
	var folder folderFacts
	if s.Store.kind != storeMemory {
		folder = lookAtFolder(s.Data)
		found = append(found, judgeFolder(folder, now)...)
		found = append(found, judgeKey(lookAtKey(s), now)...)
		found = append(found, judgeDisk(lookAtDisk(folder.nearest))...)
	}
	found = append(found, judgeClock(lookAtClock(now, folder))...)

	server := lookAtServer(ctx, dataFolder(s.Data), environment)
	found = append(found, judgeServer(server, folder)...)
	found = append(found, judgeMemory(lookAtMemory(os.DirFS("/"), server.pid), s.hashMemory(), server.runs)...)
	return found
}

// judgeLoading says what the settings themselves have said.
func judgeLoading(file string, warnings []string, err error) findings {
	var found findings
	wrong, isList := errors.AsType[settings.Errors](err)
	if err != nil && !isList {
		wrong = settings.Errors{err}
	}
	for _, one := range wrong {
		found.broken("settings", one.Error(), "")
	}
	for _, warning := range warnings {
		found.weak("settings", warning, "")
	}
	switch {
	case len(found) > 0:
	case file == "":
		found.ok("settings", "no file; flags, environment and defaults fit together")
	default:
		found.ok("settings", "%s, flags and environment fit together", filepath.Clean(file))
	}
	return found
}
