package program

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// overlay makes a folder with changed copies of source files, and returns the name of the file that has the
// go command read those instead.
func (v Variant) overlay(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	var changes []change
	if v.CheapPasswords {
		changes = append(changes, cheapPasswords)
	}
	if v.WallClock {
		changes = append(changes, wallClock)
	}
	replace := make(map[string]string)
	for _, c := range changes {
		if err := c.make(folder, replace); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(folder, "overlay.json")
	return list, os.WriteFile(list, text, 0o600)
}

// A change is one of a package: of one line, and perhaps by files that it does not have.
type change struct {
	of       string // the package
	file     string
	from, to string
	added    map[string]string // texts of files, by name
}

// What a hash costs, and what it costs then.
var cheapPasswords = change{
	of: module + "/password", file: "params.go", from: "MemoryKiB: 19456, Passes: 2,", to: "MemoryKiB: 8, Passes: 1,",
}

// make writes the changed files into folder and adds them to replace.
func (c change) make(folder string, replace map[string]string) error {
	found, err := exec.Command("go", "list", "-f", "{{.Dir}}", c.of).Output()
	if err != nil {
		return fmt.Errorf("find package %s: %w", c.of, err)
	}
	dir := strings.TrimSpace(string(found))
	source, err := os.ReadFile(filepath.Join(dir, c.file))
	if err != nil {
		return err
	}
	if strings.Count(string(source), c.from) != 1 {
		return fmt.Errorf("%s of %s does not say %q once", c.file, c.of, c.from)
	}
	texts := map[string]string{c.file: strings.Replace(string(source), c.from, c.to, 1)}
	maps.Copy(texts, c.added)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		replace[filepath.Join(dir, name)] = filepath.Join(folder, name)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(texts[name]), 0o600); err != nil {
			return err
		}
	}
	return nil
}
