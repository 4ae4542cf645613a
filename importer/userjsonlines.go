package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/handstamp/handstamp/internal/jsonobject"
)

func (d *reading) jsonLines(r io.Reader) error {
	lines := bufio.NewReaderSize(&bounded{r: r, left: maxFile, line: maxFile}, maxLine)
	for line := 1; ; line++ {
		text, err := lines.ReadSlice('\n')
		if line == 1 {
			text = bytes.TrimPrefix(text, byteOrderMark)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			d.problems.add(line, "longer than %d bytes", maxLine)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = lines.ReadSlice('\n')
			}
		} else if text = bytes.TrimSpace(text); len(text) > 0 && (err == nil || err == io.EOF) {
			d.jsonLine(line, text)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (d *reading) jsonLine(line int, text []byte) {
	object, err := jsonobject.ParseStrict(text)
	if err != nil {
		d.problems.add(line, "%v", err)
		return
	}
	fields := make(fields, len(object))
	bad := false
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value, known := object[name], canonical(name)
		text, err := object.Text(name)
		switch {
		case known == "":
			d.problems.add(line, "the member %.40q is not known; there are %s", name, memberList)
			bad = true
			continue
		case known == "disabled" && (string(value) == "true" || string(value) == "false"):
			err, text = nil, new(string(value))
		case known == "disabled" && text != nil:
			err = jsonobject.ErrFormat
		}
		if err != nil {
			d.problems.add(line, "%s %s", name, wrongType(known, err))
			bad = true
		} else if text != nil && !fields.put(known, *text) {
			d.problems.add(line, "%s", bothHashes)
			bad = true
		}
	}
	if !bad {
		d.user(line, fields)
	}
}

// wrongType says why the value of a member was not taken.
func wrongType(member string, err error) string {
	switch {
	case errors.As(err, new(*jsonobject.SurrogateError)):
		return "has half a surrogate pair, which is no character"
	case member == "disabled":
		return "is neither true nor false"
	default:
		return "is not text"
	}
}
