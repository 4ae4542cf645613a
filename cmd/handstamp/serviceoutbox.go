package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/handstamp/handstamp/outbox"
	"github.com/handstamp/handstamp/outbox/amqp"
	"github.com/handstamp/handstamp/outbox/caep"
	"github.com/handstamp/handstamp/outbox/nats"
	"github.com/handstamp/handstamp/outbox/webhook"
	"github.com/handstamp/handstamp/server/metrics"
)

// destinations returns who is told of events, as the settings say. Publishers are closed with the service.
func (s *service) destinations() ([]outbox.Destination, error) {
	now := s.settings.Load()
	var to []outbox.Destination
	if !now.WebhookURL.IsZero() {
		secrets, err := now.webhookSecrets()
		if err != nil {
			return nil, err
		}
		p := webhook.New(now.WebhookURL.String(), secrets...)
		s.publishers = append(s.publishers, p)
		to = append(to, outbox.Destination{Name: "webhook", Publisher: p})
	}
	if !now.NATSURL.IsZero() {
		p, err := nats.New(now.NATSURL.Reveal(), now.NATSSubject)
		if err != nil {
			return nil, err
		}
		s.publishers = append(s.publishers, p)
		to = append(to, outbox.Destination{Name: "nats", Publisher: p})
	}
	if !now.AMQPURL.IsZero() {
		p, err := amqp.New(now.AMQPURL.Reveal(), now.AMQPExchange)
		if err != nil {
			return nil, err
		}
		s.publishers = append(s.publishers, p)
		to = append(to, outbox.Destination{Name: "amqp", Publisher: p})
	}
	if !now.CAEPURL.IsZero() {
		p := caep.New(s.keys, caep.Config{
			Endpoint: now.CAEPURL.String(), Audience: now.CAEPAudience, Token: now.CAEPToken.Reveal(), Issuer: s.publicURL().String(),
		})
		s.publishers = append(s.publishers, p)
		to = append(to, outbox.Destination{Name: "caep", Publisher: p, Wants: caep.Wants})
	}
	return to, nil
}

// webhookSecrets returns what webhooks are signed with. Its error shows nothing of it.
func (s serveSettings) webhookSecrets() ([]webhook.Secret, error) {
	var secrets []webhook.Secret
	for _, text := range strings.Fields(s.WebhookSecret.Reveal()) {
		secret, err := webhook.ParseSecret(text)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// startDeliveries begins to tell others of events, where there are others.
func (s *service) startDeliveries(ctx context.Context, store outbox.Store, to []outbox.Destination) error {
	if len(to) == 0 {
		return nil
	}
	deliverer, err := outbox.Start(ctx, store, outbox.Config{
		Source: s.publicURL().String(), Destinations: to, Report: s.reportDeliveries,
	})
	if err == nil {
		s.deliverer.Store(deliverer)
	}
	return err
}

// reportDeliveries takes it into the log that a destination fails, or is well again.
func (s *service) reportDeliveries(destination string, err error) {
	var about []any
	if destination != "" {
		about = append(about, slog.String("handstamp.destination", destination))
	}
	if err != nil {
		about = append(about, slog.Any("error", err))
	}
	switch {
	case errors.Is(err, outbox.ErrGivenUp):
		s.log.Error("events are given up; \"handstamp outbox\" shows them", about...)
	case err != nil && destination == "":
		s.log.Error("events cannot be delivered for the store", about...)
	case err != nil:
		s.log.Warn("events do not arrive", about...)
	case destination == "":
		s.log.Info("events can be delivered again", about...)
	default:
		s.log.Info("events arrive again", about...)
	}
}

// outboxStats returns what the metrics show of deliveries, or nil where there are none.
func (s *service) outboxStats(desk outbox.Desk, to []outbox.Destination) func(context.Context) ([]metrics.OutboxStats, error) {
	if len(to) == 0 {
		return nil
	}
	return func(ctx context.Context) ([]metrics.OutboxStats, error) {
		delivered := make(map[string]uint64)
		if d := s.deliverer.Load(); d != nil {
			delivered = d.Delivered()
		}
		all := make([]metrics.OutboxStats, len(to))
		for i, one := range to {
			waits, err := desk.Backlog(ctx, one.Name)
			if err != nil {
				return nil, err
			}
			all[i] = metrics.OutboxStats{Destination: one.Name, Pending: waits.Pending, Dead: waits.Dead, Delivered: delivered[one.Name]}
		}
		return all, nil
	}
}

// closeDeliveries ends them. What was not delivered is kept for the next start.
func (s *service) closeDeliveries() error {
	if d := s.deliverer.Swap(nil); d != nil {
		d.Close()
	}
	var errs []error
	for _, p := range s.publishers {
		if err := p.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close events out: %w", err))
		}
	}
	return errors.Join(errs...)
}
