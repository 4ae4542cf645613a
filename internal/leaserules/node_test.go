package leaserules_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp/internal/leaserules"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/session"
)

// feed is a store with nothing but changes, that is slow, loses questions and answers, trims what it has and is replaced.
type feed struct {
	mu          sync.Mutex
	random      *rand.Rand
	incarnation string
	changes     []session.Change
	trimmed     int64
}

func (f *feed) Renew(_ context.Context, r node.Renewal) (node.News, error) {
	time.Sleep(f.upTo(time.Second))
	news, err := f.news(r.After)
	time.Sleep(f.upTo(time.Second))
	return news, err
}

func (f *feed) news(after int64) (node.News, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range f.random.IntN(3) {
		f.changes = append(f.changes, session.Change{Hash: session.Hash{byte(len(f.changes))}})
	}
	switch f.random.IntN(12) {
	case 0:
		return node.News{}, errors.New("lost")
	case 1:
		f.incarnation += "'"
	case 2:
		f.trimmed = int64(len(f.changes))
	}
	head := int64(len(f.changes))
	news := node.News{Incarnation: f.incarnation, Head: head, Gap: after >= 0 && after < f.trimmed}
	if !news.Gap {
		news.Changes = f.changes[max(after, 0):]
	}
	return news, nil
}

func (f *feed) Reassert(context.Context, []session.Hash) error { return nil }
func (f *feed) Release(context.Context, string) error          { return nil }

func (f *feed) upTo(most time.Duration) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Duration(f.random.Int64N(int64(most)))
}

// TestNodeKeepsTheRules for an hour with a store that does not make it easy.
func TestNodeKeepsTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lease = 2 * time.Second
		var mu sync.Mutex
		var log []byte
		origin := time.Now()
		record := func(l leaserules.Line) {
			mu.Lock()
			defer mu.Unlock()
			l.Node = "a"
			log = l.Append(log)
		}
		since := func(at time.Time) int64 { return int64(at.Sub(origin)) }
		record(leaserules.Line{Kind: leaserules.Node, Lease: int64(lease), Margin: int64(lease / 50)})
		store := &feed{random: rand.New(rand.NewPCG(1, 2)), incarnation: "x"}
		n := node.Start(store, node.Config{
			Lease: lease,
			Apply: func(...session.Change) { time.Sleep(store.upTo(100 * time.Millisecond)) },
			Trace: func(s node.Step) {
				if s.Err == nil {
					record(leaserules.Line{
						Kind: leaserules.Renewal, Noted: since(s.Noted), Applied: since(s.Applied), End: since(s.Until),
						Incarnation: s.Incarnation, After: s.After, Head: s.Head, Changes: int64(s.Changes), Cleared: s.Cleared,
					})
				}
			},
		})
		for time.Since(origin) < time.Hour {
			hold := n.Lease().Hold()
			time.Sleep(store.upTo(500 * time.Millisecond))
			if now := time.Now(); hold.At(now) {
				record(leaserules.Line{Kind: leaserules.Lookup, At: since(now), Session: "s", From: leaserules.FromCache, Decision: leaserules.Accepted})
			}
		}
		n.Close()
		report, err := leaserules.Check(bytes.NewReader(log))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range report.Violations {
			t.Error(v)
		}
		if report.Renewals < 500 || report.FromCache < 500 {
			t.Errorf("too little happened: %+v", report)
		}
		t.Logf("%d renewals, %d lookups", report.Renewals, report.Lookups)
	})
}
