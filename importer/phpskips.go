package importer

import (
	"errors"
	"path"
	"strings"

	"github.com/handstamp/handstamp/session/oldcookie"
)

// skips are the files that were skipped: those of which there may be thousands by their number, the
// others by name, up to maxProblems of them.
type skips struct {
	nobody, expired, weak, more int
	named                       []Note
}

// account notes what became of a file.
func (r *phpReading) account(file phpFile, err error) {
	s := &r.skips
	switch {
	case err == nil:
	case errors.Is(err, errNobody):
		s.nobody++
	case errors.Is(err, errExpired):
		s.expired++
	case errors.Is(err, oldcookie.ErrWeak):
		s.weak++
	case len(s.named) == maxProblems:
		s.more++
	default:
		s.named = append(s.named, Note{Kind: kindSession, Key: shownPHPFile(file.name), Skipped: true, Reason: err.Error()})
	}
}

func (r *phpReading) notes() []Note {
	notes := r.skips.named
	for _, reason := range []struct {
		count int
		text  string
	}{
		{r.skips.more, "more files like these"},
		{r.skips.nobody, "nobody is signed in: no entry " + r.UserKey + " with an id or an email"},
		{r.skips.expired, "over, as not used for " + r.Lifetime.String()},
		{r.skips.weak, "an id that could be guessed: shorter than 22 characters, less than 100 bits, or not made by chance"},
	} {
		if reason.count > 0 {
			notes = append(notes, Note{Kind: kindSession, Count: reason.count, Skipped: true, Reason: reason.text})
		}
	}
	return notes
}

// shownPHPFile returns the beginning of a file's name, which is enough to find it and too little to
// have its session.
func shownPHPFile(name string) string {
	const shown = 6
	id := strings.TrimPrefix(path.Base(name), phpPrefix)
	return phpPrefix + id[:min(shown, len(id)/4)] + "…"
}
