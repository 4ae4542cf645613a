//go:build ignore

// Command generate makes common.txt.gz from a list of passwords, the most common first:
//
//	go run generate.go LIST
package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

// What goes into the list: every password of at least long characters, and so many of at least
// short ones that there are size altogether.
const (
	size  = 100_000
	short = 8
	long  = 15
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run generate.go LIST")
	}
	common, err := choose(os.Args[1])
	if err == nil {
		err = write("common.txt.gz", common)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func choose(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	seen := make(map[string]bool)
	var longer, shorter []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		password := strings.ToLower(lines.Text())
		switch n := len(password); {
		case seen[password] || n < short:
		case n < long:
			shorter = append(shorter, password)
		default:
			longer = append(longer, password)
		}
		seen[password] = true
	}
	if len(longer) > size || len(longer)+len(shorter) < size {
		return nil, fmt.Errorf("%s is not the list that this was written for", path)
	}
	common := append(longer, shorter[:size-len(longer)]...)
	slices.Sort(common)
	return common, lines.Err()
}

func write(path string, common []string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	pack, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(pack, strings.Join(common, "\n")); err != nil {
		return err
	}
	if err := pack.Close(); err != nil {
		return err
	}
	return f.Close()
}
