package settings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Duration is a time span of zero or more, written as Go writes them and also in days: 90s, 1h30m,
// 30d. A day is 24 hours.
type Duration time.Duration

const day = 24 * time.Hour

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	word, rest := string(text), string(text)
	var days time.Duration
	if before, after, ok := strings.Cut(word, "d"); ok {
		n, err := strconv.ParseUint(before, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return notADuration(word)
		}
		if days, rest = time.Duration(n)*day, after; rest == "" {
			rest = "0"
		}
	}
	span, err := time.ParseDuration(rest)
	if err != nil || span < 0 || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") || days+span < days {
		return notADuration(word)
	}
	*d = Duration(days + span)
	return nil
}

func notADuration(word string) error {
	return fmt.Errorf("%s is not a duration, such as 90s, 1h30m or 30d", quote(word))
}

// String returns the duration as one would write it.
func (d Duration) String() string {
	span := time.Duration(d)
	if span >= 2*day && span%day == 0 {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	text := span.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Placeholder says in the help what to write.
func (Duration) Placeholder() string { return "DURATION" }
