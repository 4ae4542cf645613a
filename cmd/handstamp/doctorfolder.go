package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// folderFacts are what doctor sees of a data folder.
type folderFacts struct {
	path     string
	nearest  string // the folder itself, or as long as it is not there, the one above that is
	err      error  // why it could not be looked at
	mode     fs.FileMode
	owner    owner
	files    []fileFacts
	passable []string // folders above in which everybody may replace it
}

// An owner is a user of this machine.
type owner struct {
	isKnown bool
	uid     uint32
	name    string
}

// hasModes says whether modes mean on this system what they mean on Unix.
const hasModes = runtime.GOOS != "windows"

func lookAtFolder(path string) folderFacts {
	facts := folderFacts{path: path, nearest: path}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = errNoFolder
	}
	if err == nil {
		facts.mode, facts.owner = info.Mode(), ownerOf(info)
		facts.files, err = lookAtFiles(path)
	}
	facts.err = err
	whole, err := filepath.Abs(path)
	if err != nil {
		return facts
	}
	for above := filepath.Dir(whole); ; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		if err == nil {
			if errors.Is(facts.err, fs.ErrNotExist) && facts.nearest == path {
				facts.nearest = above
			}
			if hasModes && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
				facts.passable = append(facts.passable, above)
			}
		}
		if above == filepath.Dir(above) {
			return facts
		}
	}
}

var errNoFolder = errors.New("not a folder")

// judgeFolder says what is weak about the data folder and what is in it.
func judgeFolder(facts folderFacts, now time.Time) findings {
	const about = "data folder"
	var found findings
	where := shellWord(facts.path)
	switch {
	case errors.Is(facts.err, fs.ErrNotExist):
		found.weak(about, fmt.Sprintf("there is none at %s", facts.path),
			"name the right one with --data, or start \"handstamp serve\", which makes it")
	case errors.Is(facts.err, errNoFolder):
		found.broken(about, facts.path+" is something else", "name the right one with --data")
	case errors.Is(facts.err, fs.ErrPermission):
		found.broken(about, fmt.Sprintf("you may not look into %s", facts.path),
			fmt.Sprintf("run this as its owner: sudo -u %s handstamp doctor", cmp.Or(facts.owner.name, "USER")))
	case facts.err != nil:
		found.broken(about, facts.err.Error(), "")
	case hasModes && facts.mode.Perm()&0o077 != 0:
		found.weak(about, fmt.Sprintf("others on this machine can enter %s (mode %04o)", facts.path, facts.mode.Perm()), "chmod 700 "+where)
	default:
		found.ok(about, "%s, for its owner%s only", facts.path, prefixed(" ", facts.owner.name))
	}
	for _, above := range facts.passable {
		found.weak(about, fmt.Sprintf("everybody on this machine can put something else in its place, as %s is writable by all", above),
			"chmod o-w "+shellWord(above))
	}
	if hasModes {
		found.judgeModes(facts)
		found.judgeOwners(facts)
	}
	found.judgeBackups(facts, now)
	return found
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
