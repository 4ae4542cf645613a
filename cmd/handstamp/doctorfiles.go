package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// fileFacts are what doctor sees of a file in the data folder.
type fileFacts struct {
	path       string
	mode       fs.FileMode
	owner      owner
	modified   time.Time
	isDatabase bool // a whole SQLite database
}

func lookAtFiles(folder string) ([]fileFacts, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []fileFacts
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			continue // gone meanwhile, or somebody else's
		}
		files = append(files, fileFacts{
			path: path, mode: info.Mode(), owner: ownerOf(info), modified: info.ModTime(),
			isDatabase: info.Mode().IsRegular() && isSQLite(path),
		})
	}
	return files, nil
}

// isSQLite reports whether a file begins as SQLite databases do (https://www.sqlite.org/fileformat.html).
func isSQLite(path string) bool {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, len(magic))
	n, _ := f.Read(head)
	return string(head[:n]) == magic
}

// judgeModes says which files others may read or write.
func (f *findings) judgeModes(facts folderFacts) {
	var open []string
	for _, file := range facts.files {
		if file.mode.Perm()&0o077 != 0 {
			open = append(open, file.path)
		}
	}
	if len(open) > 0 {
		f.weak("files", "the modes of "+listed(open)+" let others in", "chmod 600 "+shellWords(open))
	} else if len(facts.files) > 0 {
		f.ok("files", "only their owner can read the %d in the data folder", len(facts.files))
	}
}

// judgeOwners says which files the server cannot open, which runs as the owner of the folder.
func (f *findings) judgeOwners(facts folderFacts) {
	var foreign []string
	for _, file := range facts.files {
		if file.owner.isKnown && facts.owner.isKnown && file.owner.uid != facts.owner.uid {
			foreign = append(foreign, file.path)
		}
	}
	if len(foreign) > 0 {
		f.broken("files", fmt.Sprintf("the data folder belongs to %s and %s to somebody else, so that the server cannot use them",
			facts.owner.name, listed(foreign)), fmt.Sprintf("chown %s: %s", shellWord(facts.owner.name), shellWords(foreign)))
	}
}

// judgeBackups says what lies beside the database and should not.
func (f *findings) judgeBackups(facts folderFacts, now time.Time) {
	var copies []string
	for _, file := range facts.files {
		name := filepath.Base(file.path)
		isPartial := strings.Contains(name, ".partial-") && now.Sub(file.modified) < time.Hour // still being written
		if file.isDatabase && name != databaseName && !isPartial {
			copies = append(copies, file.path)
		}
	}
	if len(copies) > 0 {
		f.weak("backups", listed(copies)+" beside the database: what takes the one takes the other",
			"move it to another machine, and not to where the master key is")
	}
}

// listed returns the names of files, of which there is one at least, for people.
func listed(paths []string) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	const most = 8
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(paths)-most))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func shellWords(paths []string) string {
	words := slices.Clone(paths)
	for i := range words {
		words[i] = shellWord(words[i])
	}
	return strings.Join(words, " ")
}
