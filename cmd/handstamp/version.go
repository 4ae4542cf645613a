package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker in a release.
var version = ""

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (versionCmd) Help() string { return "Example:\n\n  handstamp version" }

// Run implements the command.
func (v versionCmd) Run(t terminal) error {
	name := versionName()
	if v.JSON {
		return printJSON(t, map[string]string{"version": name, "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(t.out, "handstamp %s (%s)\n", name, runtime.Version())
	return err
}

// versionName returns the version for people to read.
func versionName() string {
	name := version
	if info, ok := debug.ReadBuildInfo(); ok && name == "" {
		name = info.Main.Version
	}
	if name == "" || name == "(devel)" {
		name = "development"
	}
	return name
}
