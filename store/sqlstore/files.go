package sqlstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// settle gives the finished file temporary its name, so that a power cut leaves all of it there or
// nothing. Where a file with this name is there and may not be replaced, it returns [fs.ErrExist].
func settle(temporary, name string, replace bool) error {
	if err := syncPath(temporary); err != nil {
		return err
	}
	if !replace {
		// Unlike a rename, a link does not take the place of what has come meanwhile.
		err := os.Link(temporary, name)
		if err == nil {
			return errors.Join(os.Remove(temporary), syncFolder(name))
		}
		if errors.Is(err, fs.ErrExist) || isThere(name) {
			return fmt.Errorf("%s: %w", name, fs.ErrExist)
		}
	} // a file system without links
	if err := os.Rename(temporary, name); err != nil {
		return err
	}
	return syncFolder(name)
}

func isThere(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// syncFolder makes the name of a file durable. Windows has no such call, and does it by itself.
func syncFolder(file string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return syncPath(filepath.Dir(file))
}

func syncPath(path string) error {
	flags := os.O_RDWR
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		flags = os.O_RDONLY
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
