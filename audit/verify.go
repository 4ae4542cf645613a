package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strconv"

	"github.com/handstamp/handstamp"
)

// ErrBroken means that a log is not what was written to it.
var ErrBroken = errors.New("audit log was tampered with")

// verifyPage is how many entries are read at once.
const verifyPage = 1000

// Verify reads the whole log and returns where it ends. It returns an error that wraps [ErrBroken]
// if an entry was changed, added or removed by anybody but the server. seen is what an earlier Verify
// has returned, or zero: an entry that was there then must not have become another one since.
func Verify(ctx context.Context, log Log, chain Chain, seen Mark) (Mark, error) {
	for {
		start, err := log.Start(ctx)
		if err != nil {
			return Mark{}, err
		}
		end, err := verify(ctx, log, chain, start, seen)
		if !errors.Is(err, ErrBroken) {
			return end, err
		}
		// Entries may have been removed by right while they were being read.
		if now, startErr := log.Start(ctx); startErr != nil || now == start {
			return end, errors.Join(err, startErr)
		}
	}
}

func verify(ctx context.Context, log Log, chain Chain, start, seen Mark) (Mark, error) {
	at, trimmed := start, int64(0)
	for {
		page, err := log.Entries(ctx, Filter{After: at.Number, Limit: verifyPage})
		if err != nil {
			return Mark{}, err
		}
		for _, e := range page {
			want := chain.Link(at, e.Event)
			switch {
			case e.Number != want.Number:
				return Mark{}, fmt.Errorf("%w: behind entry %d comes entry %d", ErrBroken, at.Number, e.Number)
			case !hmac.Equal(e.Sum[:], want.Sum[:]):
				return Mark{}, fmt.Errorf("%w: entry %d, or the one before it, is not what was written", ErrBroken, e.Number)
			case seen.Number == e.Number && !hmac.Equal(e.Sum[:], seen.Sum[:]):
				return Mark{}, fmt.Errorf("%w: entry %d is another than it was", ErrBroken, e.Number)
			}
			if n, ok := trimmedTo(e.Event); ok {
				trimmed = n
			}
			at = e.Mark()
		}
		if len(page) < verifyPage {
			break
		}
	}
	switch {
	case start.Number > trimmed:
		return Mark{}, fmt.Errorf("%w: the first %d entries are gone, and the server has removed %d", ErrBroken, start.Number, trimmed)
	case at.Number < seen.Number:
		return Mark{}, fmt.Errorf("%w: it ends with entry %d, and there were %d", ErrBroken, at.Number, seen.Number)
	}
	return at, nil
}

// TrimEvent returns the event that says that the entries up to a number were removed. Without one a
// log whose beginning is missing is a broken one.
func TrimEvent(ctx context.Context, last int64) handstamp.Event {
	e := handstamp.NewEvent(ctx, handstamp.ActionAuditTrim)
	e.Actor, e.Reason = "server", strconv.FormatInt(last, 10)
	return e
}

func trimmedTo(e handstamp.Event) (int64, bool) {
	if e.Action != handstamp.ActionAuditTrim {
		return 0, false
	}
	n, err := strconv.ParseInt(e.Reason, 10, 64)
	return n, err == nil
}
