package main

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// clockFacts are what doctor knows of the time.
type clockFacts struct {
	now    time.Time
	built  time.Time // when the program was made; zero if it is not known
	newest time.Time // when the database was written last; zero if there is none
	isKept bool      // somebody keeps the clock right
	known  bool      // whether somebody does is known
}

func lookAtClock(now time.Time, folder folderFacts) clockFacts {
	facts := clockFacts{now: now}
	facts.isKept, facts.known = isSynchronised()
	for _, file := range folder.files {
		if strings.HasPrefix(filepath.Base(file.path), databaseName) && file.modified.After(facts.newest) {
			facts.newest = file.modified
		}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				facts.built, _ = time.Parse(time.RFC3339, s.Value)
			}
		}
	}
	return facts
}

// clockSlack is by how much two clocks may differ that are right.
const clockSlack = time.Minute

func judgeClock(facts clockFacts) findings {
	const about, set = "clock", "set the clock (timedatectl set-ntp true)"
	var found findings
	now := facts.now.UTC().Format(time.DateTime) + " UTC"
	switch {
	case facts.now.Add(clockSlack).Before(facts.built):
		found.broken(about, fmt.Sprintf("%s is before this program was made, so sessions live too long", now), set)
	case facts.now.Add(clockSlack).Before(facts.newest):
		found.broken(about, fmt.Sprintf("%s is before the database was written last, %s UTC, so sessions live too long",
			now, facts.newest.UTC().Format(time.DateTime)), set)
	case facts.known && !facts.isKept:
		found.weak(about, now+", and nobody keeps it right: sessions and the times in the audit log depend on it",
			"run a time service, such as chrony or systemd-timesyncd")
	case facts.known:
		found.ok(about, "%s, kept right by a time service", now)
	default:
		found.ok(about, "%s; whether a time service keeps it right cannot be seen here", now)
	}
	return found
}
