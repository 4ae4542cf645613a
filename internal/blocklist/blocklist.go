// Package blocklist holds the passwords that are tried first: 100,000 of the most common ones in
// published breaches, compared whole.
//
// The list has every password of at least 15 characters among the million most common ones, which
// are what somebody picks who has to make it long, and below that the most common of at least 8.
// Shorter ones are not in it: no rule accepts them. README.md says where it comes from and under
// which licence; zcat shows what is in it.
//
// It is an exact list and not a filter of hashes, so that nobody is refused a good password by
// accident. It takes 380 KB of the binary, and 1 MiB of memory once it has been asked.
package blocklist

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

//go:generate go run generate.go 10_million_password_list_top_1000000.txt

// compressed is the list, one password on each line, in lower case and in the order of the bytes.
//
//go:embed common.txt.gz
var compressed string

// list returns the list. It is unpacked on first use, which takes some milliseconds.
var list = sync.OnceValue(unpack)

func unpack() string {
	var text strings.Builder
	text.Grow(1 << 20)
	packed, err := gzip.NewReader(strings.NewReader(compressed))
	if err == nil {
		_, err = io.Copy(&text, packed)
	}
	if err != nil {
		panic("blocklist: the embedded list is broken: " + err.Error()) // as it was compiled in, no caller can help it
	}
	return text.String()
}

// Contains reports whether password, as a whole and in whatever letter case, is on the list. It is safe
// for concurrent use.
func Contains(password string) bool {
	password = strings.ToLower(password)
	rest := list()
	for rest != "" {
		// The line around the middle decides which part to go on with.
		start := strings.LastIndexByte(rest[:len(rest)/2], '\n') + 1
		line, behind, _ := strings.Cut(rest[start:], "\n")
		switch strings.Compare(password, line) {
		case 0:
			return true
		case 1:
			rest = behind
		default:
			rest = rest[:start]
		}
	}
	return false
}
