package settings

import "fmt"

// A File is what is in a small file, for a setting that says where that is. It is read when the settings
// are, so that a reload also sees what has changed in it.
type File struct {
	Path    string // empty for no file
	Content []byte
}

// UnmarshalText implements [encoding.TextUnmarshaler]: it reads the file at the path that text is. The
// empty text is no file.
func (f *File) UnmarshalText(text []byte) error {
	*f = File{Path: string(text)}
	if f.Path == "" {
		return nil
	}
	content, _, err := readSmall(f.Path, maxFile)
	if err != nil {
		return fmt.Errorf("read %s: %w", quote(f.Path), err)
	}
	f.Content = []byte(content)
	return nil
}

// String returns the path.
func (f File) String() string { return f.Path }

// Placeholder says in the help what to write.
func (File) Placeholder() string { return "FILE" }
