package importer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

func (d *reading) csv(r io.Reader) error {
	source := &bounded{r: r, left: maxFile, line: maxLine}
	buffered := bufio.NewReader(source)
	if start, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	records := csv.NewReader(buffered)
	records.Comma = separator(buffered)
	records.ReuseRecord = true

	var columns []string
	for next := 1; ; {
		source.line = maxLine
		record, err := records.Read()
		if err == io.EOF {
			if columns == nil {
				d.problems.add(1, "no line that names the columns")
			}
			return nil
		}
		broken, isBroken := errors.AsType[*csv.ParseError](err)
		switch {
		case errors.Is(err, errLongLine):
			d.problems.add(next, "longer than %d bytes; is a quotation mark missing? The rest was not read", maxLine)
			return nil
		case errors.Is(err, csv.ErrFieldCount):
			d.problems.add(broken.StartLine, "%d fields, and %d columns", len(record), len(columns))
			continue
		case isBroken:
			d.problems.add(broken.StartLine, "%v; the rest was not read", broken.Err)
			return nil
		case err != nil:
			return err
		}
		line, _ := records.FieldPos(0)
		last, _ := records.FieldPos(len(record) - 1)
		next = last + strings.Count(record[len(record)-1], "\n") + 1
		if columns != nil {
			d.csvRecord(line, columns, record)
		} else if columns = d.csvColumns(line, record); columns == nil {
			return nil
		}
	}
}

// separator returns what stands between the columns in the first line.
func separator(r *bufio.Reader) rune {
	start, _ := r.Peek(r.Size())
	first, _, _ := bytes.Cut(start, []byte("\n"))
	if bytes.IndexByte(first, ';') >= 0 && bytes.IndexByte(first, ',') < 0 {
		return ';'
	}
	return ','
}

// csvColumns returns what the first line calls the columns, or nil if that is wrong.
func (d *reading) csvColumns(line int, record []string) []string {
	columns := make([]string, len(record))
	before := d.problems.Count
	seen := make(map[string]bool)
	for i, name := range record {
		columns[i] = canonical(strings.TrimSpace(name))
		switch {
		case !utf8.ValidString(name):
			d.problems.add(line, "%s", notUTF8)
		case columns[i] == "":
			d.problems.add(line, "the column %.40q is not known; there are %s", name, memberList)
		case seen[columns[i]]:
			d.problems.add(line, "the column %s is there twice", columns[i])
		}
		seen[columns[i]] = true
	}
	if !seen["email"] {
		d.problems.add(line, "no column email; the first line names the columns")
	}
	if d.problems.Count > before {
		return nil
	}
	return columns
}

const notUTF8 = "not UTF-8; save the list in that encoding"

func (d *reading) csvRecord(line int, columns, record []string) {
	fields := make(fields, len(columns))
	for i, value := range record {
		if !utf8.ValidString(value) {
			d.problems.add(line, "%s", notUTF8)
			return
		}
		if value != "" {
			fields.put(columns[i], value)
		}
	}
	d.user(line, fields)
}
