package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/handstamp/handstamp/internal/settings"
)

const (
	// configVariable names the settings file.
	configVariable = settings.Prefix + "CONFIG"

	// configName is the settings file in the data folder.
	configName = "handstamp.toml"
)

// settingsFlags say what the settings of "serve" are.
type settingsFlags struct {
	Config string `placeholder:"FILE" help:"TOML file of settings, also in $$HANDSTAMP_CONFIG. Default: handstamp.toml in the data folder, if it is there."`
	kong.Plugins
}

func newSettingsFlags() settingsFlags {
	return settingsFlags{Plugins: kong.Plugins{serveTable.Flags()}}
}

// serveFlags are the flags of "serve".
type serveFlags struct {
	Check bool `help:"Check the settings, and exit."`
	settingsFlags
}

func newServeFlags() serveFlags { return serveFlags{settingsFlags: newSettingsFlags()} }

// Help implements kong's HelpProvider.
func (serveFlags) Help() string {
	return "Each setting is a flag (--session-idle=1h), a variable (HANDSTAMP_SESSION_IDLE=1h) and a key of the " +
		"settings file (session-idle = \"1h\"); the first of them counts. docs/settings.md describes all of them.\n\n" +
		"SIGHUP reads the settings again. What cannot change without a restart is said in the log.\n\n" +
		"Example:\n\n  handstamp serve --public-url=https://id.example.com --trusted-proxies=loopback"
}

// loadServeSettings reads and checks the settings of "serve": given is what [settings.Given] returns,
// environment what [os.Environ] does. An error is one of usage, and names all that is wrong.
func loadServeSettings(given map[string][]string, environment []string) (settings.Loaded[serveSettings], error) {
	from := settings.Sources{
		Flags:          given,
		Environment:    environment,
		OtherVariables: []string{configVariable},
	}
	var besideData string
	from.File, besideData = settingsFile(given, environment)
	loaded, err := serveTable.Load(from)
	var wrong settings.Errors
	if errors.As(err, &wrong) {
		return loaded, usagef("%w", wrong)
	}
	if from.File == besideData && filepath.Join(loaded.Values.Data, configName) != besideData {
		return loaded, usagef("%s: a file that was found in the data folder cannot move it; name the file with --config", loaded.Origin("data"))
	}
	if err := checkServeSettings(&loaded); err != nil {
		return loaded, usagef("%w", err)
	}
	return loaded, nil
}

// settingsFile returns the path of the settings file, or "" for none, and where it would be in the data folder.
func settingsFile(given map[string][]string, environment []string) (path, besideData string) {
	one := func(flag, variable string) string {
		if words := given[flag]; len(words) > 0 {
			return words[0]
		}
		return lookup(environment, variable)
	}
	path = one("config", configVariable)
	besideData = filepath.Join(cmp.Or(one("data", settings.Prefix+"DATA"), defaultData), configName)
	if path == "" {
		if _, err := os.Stat(besideData); !errors.Is(err, fs.ErrNotExist) {
			path = besideData
		}
	}
	return path, besideData
}

// reloadServeSettings reads the settings again, and returns those that hold from now on, and the
// names of the ones that changed, and of the ones whose change needs a restart. After an error the
// current ones hold.
func reloadServeSettings(current serveSettings, given map[string][]string, environment []string) (
	next settings.Loaded[serveSettings], changed, restart []string, err error,
) {
	next, err = loadServeSettings(given, environment)
	if err != nil {
		return next, nil, nil, err
	}
	next.Values, changed, restart = serveTable.Reload(current, next.Values)
	next.Warnings = nil // they are about settings of which some wait for a restart
	if err := checkServeSettings(&next); err != nil {
		return next, nil, nil, usagef("with what needs a restart as it was, %w", err)
	}
	return next, changed, restart, nil
}

// lookup returns a variable of an environment, or "".
func lookup(environment []string, name string) string {
	for _, entry := range environment {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
