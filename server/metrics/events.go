package metrics

import (
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Actions that have a counter of their own. All others are counted as events.
const (
	Login        = "login"         // with one of the outcomes below
	Throttle     = "throttle"      // an attempt refused by a limit; the outcome says by which
	SessionBegin = "session-begin" // any outcome
	SessionEnd   = "session-end"   // the outcome says why: logout, password, delete, …
)

// outcomes of a login.
var outcomes = []string{"success", "refused", "throttled", "busy"}

// maxNames bounds the labels of a counter whose names are not known here. They come from the
// program, not from strangers; the bound is for the day on which somebody gets that wrong.
const maxNames = 64

// events are counted by what happened and how it ended.
type events struct {
	logins, throttled, begun, ended, others *prometheus.CounterVec

	mu   sync.RWMutex
	seen map[*prometheus.CounterVec][][2]string
}

func newEvents() *events {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	e := &events{
		logins:    counter("logins_total", "Attempts to sign in, by outcome.", "outcome"),
		throttled: counter("throttled_total", "Attempts refused by a limit, by kind of limit.", "kind"),
		begun:     counter("sessions_begun_total", "Sessions begun."),
		ended:     counter("sessions_ended_total", "Sessions ended before their time, by reason.", "reason"),
		others:    counter("events_total", "Everything else that is worth a record, by action and outcome.", "action", "outcome"),
		seen:      make(map[*prometheus.CounterVec][][2]string),
	}
	for _, outcome := range outcomes { // so that a rate is there from the first one on
		e.logins.WithLabelValues(outcome)
	}
	e.begun.WithLabelValues()
	return e
}

func (e *events) collectors() []prometheus.Collector {
	return []prometheus.Collector{e.logins, e.throttled, e.begun, e.ended, e.others}
}

// Count counts an event: what happened, and how it ended.
func (m *Metrics) Count(action, outcome string) {
	e := m.events
	switch action {
	case Login:
		if !slices.Contains(outcomes, outcome) {
			outcome = other
		}
		e.logins.WithLabelValues(outcome).Inc()
	case Throttle:
		_, outcome = e.bounded(e.throttled, "", outcome)
		e.throttled.WithLabelValues(outcome).Inc()
	case SessionBegin:
		e.begun.WithLabelValues().Inc()
	case SessionEnd:
		_, outcome = e.bounded(e.ended, "", outcome)
		e.ended.WithLabelValues(outcome).Inc()
	default:
		action, outcome = e.bounded(e.others, action, outcome)
		e.others.WithLabelValues(action, outcome).Inc()
	}
}

// bounded returns the names, or other for both when counter has as many as it may.
func (e *events) bounded(counter *prometheus.CounterVec, action, outcome string) (string, string) {
	pair := [2]string{action, outcome}
	e.mu.RLock()
	known := slices.Contains(e.seen[counter], pair)
	e.mu.RUnlock()
	if known {
		return action, outcome
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if slices.Contains(e.seen[counter], pair) {
		return action, outcome
	}
	if len(e.seen[counter]) == maxNames {
		return other, other
	}
	e.seen[counter] = append(e.seen[counter], pair)
	return action, outcome
}
