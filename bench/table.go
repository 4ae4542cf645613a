package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A table is printed as plain text, its columns aligned.
type table struct {
	out  io.Writer
	rows *tabwriter.Writer
}

// table begins a table with a title, and says what is measured.
func (b *bench) table(title, about string, columns ...string) *table {
	fmt.Fprintf(b.out, "\n%s\n%s\n\n", title, strings.Repeat("=", len(title)))
	fmt.Fprintf(b.out, "%s\n\n", about)
	t := &table{out: b.out, rows: tabwriter.NewWriter(b.out, 0, 0, 3, ' ', 0)}
	t.row(columns...)
	return t
}

func (t *table) row(cells ...string) { fmt.Fprintln(t.rows, "  "+strings.Join(cells, "\t")) }

// end prints what was gathered.
func (t *table) end() error {
	if err := t.rows.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	_, err := fmt.Fprintln(t.out)
	return err
}

// target says whether what was measured is what was aimed at.
func (b *bench) target(isMet bool, format string, args ...any) {
	verdict := "met:    "
	if !isMet {
		verdict = "NOT MET:"
	}
	fmt.Fprintf(b.out, "  target %s %s\n", verdict, fmt.Sprintf(format, args...))
}
