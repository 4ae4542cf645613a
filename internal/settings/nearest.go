package settings

import (
	"fmt"
	"strings"
)

// suggest says which of the known names was probably meant.
func suggest(name string, known []string) string {
	nearest, least := "", 0
	for _, k := range known {
		if d := distance(fold(name), fold(k)); nearest == "" || d < least {
			nearest, least = k, d
		}
	}
	switch {
	case nearest == "":
		return ""
	case least <= max(2, len(fold(name))/3):
		return fmt.Sprintf("; did you mean %s?", nearest)
	default:
		return fmt.Sprintf("; the nearest that there is is %s", nearest)
	}
}

// fold makes spellings alike that people mix up: of the file and of the environment.
func fold(name string) string {
	return strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(strings.TrimPrefix(name, Prefix)))
}

// distance returns how many letters have to be put in, taken out or replaced (Levenshtein). A word
// that is a part of the other is near, however long that is: for "idle" one means session-idle.
func distance(a, b string) int {
	if a != b && a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a)) {
		return 1 + (max(len(a), len(b))-min(len(a), len(b)))/8
	}
	line := make([]int, len(b)+1) // distances from the part of a so far to each beginning of b
	for j := range line {
		line[j] = j
	}
	for i := range len(a) {
		diagonal := line[0]
		line[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = line[j+1]
			line[j+1] = min(cost, line[j]+1, diagonal+1)
		}
	}
	return line[len(b)]
}
