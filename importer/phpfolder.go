package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// phpPrefix is what the names of PHP's files begin with.
const phpPrefix = "sess_"

const (
	maxPHPFiles  = 1_000_000
	maxPHPLevels = 8 // of sub-directories; more than two would have more folders than sessions
)

// ErrOwners means that a folder has sessions of several users of the system. PHP itself takes no file
// but its own user's and root's, and neither may we: in a folder that others can write to, as Debian has it, anybody could leave
// a session that names somebody else.
var ErrOwners = errors.New("session files of several owners")

// A phpFile is a file of one session.
type phpFile struct {
	name  string // within the folder
	owner int
}

// listPHP returns the files in root, in the order of their names.
func listPHP(root *os.Root) ([]phpFile, error) {
	var files []phpFile
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != ".": // gone since: PHP ends sessions meanwhile
			return nil
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && (len(entry.Name()) != 1 || strings.Count(name, "/") == maxPHPLevels) {
				return fs.SkipDir
			}
			return nil
		case !strings.HasPrefix(entry.Name(), phpPrefix):
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if files = append(files, phpFile{name, ownerOf(info)}); len(files) > maxPHPFiles {
			return fmt.Errorf("%w: more than %d sessions", ErrTooLarge, maxPHPFiles)
		}
		return nil
	})
	return files, cause(err)
}

// ofOwner returns those of files that are of owner; -1 stands for the one user whose files they are. Those
// of root, who can do everything anyway, always count.
func ofOwner(files []phpFile, owner int) ([]phpFile, error) {
	var kept []phpFile
	found := -1
	for _, file := range files {
		if file.owner != 0 && owner >= 0 && file.owner != owner {
			continue
		}
		if file.owner != 0 && found >= 0 && file.owner != found {
			return nil, fmt.Errorf("%w: say whose count", ErrOwners)
		}
		if file.owner != 0 {
			found = file.owner
		}
		kept = append(kept, file)
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("%w: it has no %s files", ErrNothingThere, phpPrefix)
	}
	return kept, nil
}

// openIn opens a regular file in root, and no other than the one that lies there: anything else could
// lead elsewhere, or wait.
func openIn(root *os.Root, name string) (*os.File, error) {
	lies, err := root.Lstat(name)
	if err != nil {
		return nil, cause(err)
	}
	if err := judge(lies); err != nil {
		return nil, err
	}
	f, err := root.OpenFile(path.Clean(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	opened, err := f.Stat()
	if err == nil {
		err = judge(opened)
	}
	if err == nil && !os.SameFile(lies, opened) {
		err = fmt.Errorf("%w: not the file that was there", ErrFormat)
	}
	if err != nil {
		_ = f.Close()
		return nil, cause(err)
	}
	return f, nil
}
