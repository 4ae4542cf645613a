package main

import (
	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/outbox/amqp"
	"github.com/handstamp/handstamp/outbox/nats"
)

// checkEventsOut is about who is told of events.
func (c *checker) checkEventsOut() {
	s := c.l.Values
	switch secrets, err := s.webhookSecrets(); {
	case err != nil:
		c.refuse("webhook-secret", "%w; \"openssl rand -base64 32\" makes one, to be put behind whsec_", err)
	case s.WebhookURL.IsZero() && len(secrets) > 0:
		c.refuse("webhook-secret", "there is nothing to sign; set webhook-url")
	case !s.WebhookURL.IsZero() && len(secrets) == 0:
		c.refuse("webhook-url", "whoever gets the events could not tell that they are from here; set webhook-secret: "+
			"whsec_ and what \"openssl rand -base64 32\" prints")
	case len(secrets) > 2:
		c.refuse("webhook-secret", "there are %d; one signs, and a second one while both sides change it", len(secrets))
	}
	c.checkEncrypted("webhook-url", s.WebhookURL.IsZero() || s.WebhookURL.IsSafe())
	c.checkQueues()
	switch {
	case s.CAEPURL.IsZero() && (s.CAEPAudience != "" || !s.CAEPToken.IsZero()):
		c.refuse("caep-url", "there is nobody for whom caep-audience and caep-token are; set it, or leave them away")
	case !s.CAEPURL.IsZero() && s.CAEPAudience == "":
		c.refuse("caep-audience", "the receiver takes no event that is not for it; set the audience that it has given")
	}
	c.checkEncrypted("caep-url", s.CAEPURL.IsZero() || s.CAEPURL.IsSafe())
}

// checkQueues is about message queues.
func (c *checker) checkQueues() {
	s := c.l.Values
	if url := s.NATSURL.Reveal(); url != "" {
		if servers, err := nats.Servers(url); err != nil {
			c.refuse("nats-url", "%w", err)
		} else if _, err := nats.New(url, s.NATSSubject); err != nil {
			c.refuse("nats-subject", "%w", err)
		} else {
			isSafe := true
			for _, server := range servers {
				isSafe = isSafe && (server.Scheme == "tls" || settings.URL{URL: *server}.IsSafe())
			}
			c.checkEncrypted("nats-url", isSafe)
		}
	}
	if url := s.AMQPURL.Reveal(); url != "" {
		server, err := amqp.Server(url)
		if err != nil {
			c.refuse("amqp-url", "%w", err)
		} else if _, err := amqp.New(url, s.AMQPExchange); err != nil {
			c.refuse("amqp-exchange", "%w", err)
		} else {
			c.checkEncrypted("amqp-url", server.Scheme == "amqps" || settings.URL{URL: *server}.IsSafe())
		}
	}
}

// checkEncrypted is about who can read events on their way. What is not encrypted is an error, or a warning if somebody wants it.
func (c *checker) checkEncrypted(name string, isSafe bool) {
	switch {
	case isSafe:
	case c.l.Values.InsecureEvents:
		c.warn(name, "events go over the network unencrypted: whoever sees it sees who does what, and from where")
	default:
		c.refuse(name, "events would go over the network unencrypted; take an address with TLS, or set insecure-events = true if nobody "+
			"else can see this network")
	}
}
