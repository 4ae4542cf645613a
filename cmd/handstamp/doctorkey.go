package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/handstamp/handstamp/internal/masterkey"
)

// keyFacts are what doctor sees of the master key.
type keyFacts struct {
	isGiven     bool   // by the setting
	path        string // of its file, if it is not
	err         error  // why there is none that can be used
	made        time.Time
	hasDatabase bool
}

func lookAtKey(s serveSettings) keyFacts {
	if !s.MasterKey.IsZero() {
		_, err := masterkey.Parse(s.MasterKey.Reveal())
		return keyFacts{isGiven: true, err: err}
	}
	facts := keyFacts{path: dataFolder(s.Data).masterKeyFile(), hasDatabase: dataFolder(s.Data).hasDatabase()}
	info, err := os.Stat(facts.path)
	if err == nil {
		facts.made = info.ModTime()
		_, err = masterkey.Load(facts.path)
	}
	facts.err = err
	return facts
}

const year = 365 * 24 * time.Hour

func judgeKey(facts keyFacts, now time.Time) findings {
	const about = "master key"
	var found findings
	age := now.Sub(facts.made)
	switch {
	case facts.isGiven && facts.err != nil:
		found.broken(about, "the setting master-key: "+facts.err.Error(), "set the key that the server had before")
	case facts.isGiven:
		found.ok(about, "from the setting master-key")
	case errors.Is(facts.err, fs.ErrNotExist) && facts.hasDatabase:
		found.weak(about, fmt.Sprintf("%s is not there, and a database is", facts.path),
			"if \"handstamp serve\" has used this folder, it does not start without, so bring the key back from its copy; otherwise it makes one")
	case errors.Is(facts.err, fs.ErrNotExist): // as before the first start
	case errors.Is(facts.err, fs.ErrPermission):
		found.broken(about, "you may not read "+facts.path, "run this as the user of the server, to whom it must belong")
	case facts.err != nil:
		found.broken(about, facts.err.Error(), "bring it back from its copy")
	case age > year:
		found.ok(about, "%s, made %d days ago, which is long if people have left since who could read it", facts.path, int(age/(24*time.Hour)))
	default:
		found.ok(about, "%s; keep a copy of it, and not where the backups are", facts.path)
	}
	return found
}

// settingsFileFacts are what doctor sees of a settings file.
type settingsFileFacts struct {
	path     string
	mode     fs.FileMode
	isInData bool // where it is judged with the other files
	isThere  bool
}

func lookAtSettingsFile(path, folder string) settingsFileFacts {
	info, err := os.Stat(path)
	if err != nil { // the settings have said so
		return settingsFileFacts{}
	}
	return settingsFileFacts{
		path: path, mode: info.Mode(), isThere: true,
		isInData: filepath.Clean(filepath.Dir(path)) == filepath.Clean(folder),
	}
}

// judgeSettingsFile says whether others could set what they like. Those who may only read it are no
// harm unless there are secrets in it, of which the settings warn.
func judgeSettingsFile(facts settingsFileFacts) findings {
	var found findings
	if facts.isThere && !facts.isInData && hasModes && facts.mode.Perm()&0o022 != 0 {
		found.weak("settings", fmt.Sprintf("others on this machine can change %s (mode %04o)", facts.path, facts.mode.Perm()),
			"chmod go-w "+shellWord(facts.path))
	}
	return found
}
