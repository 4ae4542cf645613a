package settings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Size is a number of bytes, written with a unit: 512KiB, 64MiB, 1GiB. Zero needs none.
type Size int64

// The units, of which the greatest that fits is written.
var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Size) UnmarshalText(text []byte) error {
	word := string(text)
	if word == "0" {
		*s = 0
		return nil
	}
	for _, unit := range units {
		number, ok := strings.CutSuffix(word, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSuffix(number, " "), 10, 63)
		if err != nil || n > uint64(math.MaxInt64/unit.bytes) {
			break
		}
		*s = Size(int64(n) * unit.bytes)
		return nil
	}
	return fmt.Errorf("%s is not a size, such as 512KiB, 64MiB or 1GiB", quote(word))
}

// String returns the size as one would write it.
func (s Size) String() string {
	for _, unit := range units {
		if s != 0 && int64(s)%unit.bytes == 0 {
			return strconv.FormatInt(int64(s)/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Placeholder says in the help what to write.
func (Size) Placeholder() string { return "SIZE" }
