package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// maxFile is how large a file may be: some two million users of the founding API.
const maxFile = 512 << 20

// open opens a regular file. Anything else could wait for a writer (a FIFO), never end (a
// device), or do something when it is opened.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cause(err)
	}
	if err := judge(info); err != nil {
		return nil, err
	}
	// What lies under the name may have changed since, so do not wait for it and look again.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	info, err = f.Stat()
	if err == nil {
		err = judge(info)
	}
	if err != nil {
		_ = f.Close()
		return nil, cause(err)
	}
	return f, nil
}

func judge(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: not a regular file", ErrFormat)
	}
	if info.Size() > maxFile {
		return fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, info.Size(), maxFile)
	}
	return nil
}

// cause drops the path from an error of package os: whoever wraps it names the path.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
