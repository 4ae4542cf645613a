package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
)

// readSmall returns the text of a regular file, and whether others than its owner can read it. It
// waits for nobody: anything but a regular file is an error.
func readSmall(path string, limit int64) (text string, isExposed bool, err error) {
	// Opening a FIFO would wait for somebody who writes.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", false, cause(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", false, cause(err)
	}
	if !info.Mode().IsRegular() {
		return "", false, errors.New("not a regular file")
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return "", false, cause(err)
	}
	if int64(len(content)) > limit {
		return "", false, fmt.Errorf("more than %s", Size(limit))
	}
	return string(content), isReadableByOthers(info), nil
}

// cause drops the path from an error of package os: whoever wraps it names the path.
func cause(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// isReadableByOthers reports whether the mode lets others than the owner in. Windows has no modes.
func isReadableByOthers(info os.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}
