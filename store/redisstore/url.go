package redisstore

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/redis/rueidis"
)

// errURL says what a URL looks like, and nothing of the one that was given: it may hold a password.
var errURL = errors.New("not a URL of Redis: want redis://[user:password@]host[:port][/database], " +
	"with rediss:// for TLS, and ?addr=host:port for more nodes of a cluster or more Sentinels")

// parameters are what a URL may have behind the question mark.
var parameters = []string{"addr", "master_set", "sentinel_user", "sentinel_password"}

// How long the network may take. What a caller has waited for longer has failed, whatever the operating system thinks of
// the connection.
const (
	dialTime      = 2 * time.Second
	answerTime    = 3 * time.Second
	keepAliveTime = time.Second
)

// options returns how to connect to the server that a URL names. No error says what is in the URL.
func options(text string) (rueidis.ClientOption, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains([]string{"redis", "rediss", "valkey", "valkeys"}, u.Scheme) {
		return rueidis.ClientOption{}, errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return rueidis.ClientOption{}, errURL
	}
	for name := range query {
		if !slices.Contains(parameters, name) {
			// Also what would leave out the check of certificates, or read from replicas.
			return rueidis.ClientOption{}, fmt.Errorf("%w; may have no other parameter than %q", errURL, parameters)
		}
	}
	o, err := rueidis.ParseURL(text)
	if err != nil {
		return rueidis.ClientOption{}, errURL
	}
	o.ClientName = "handstamp"
	o.Sentinel.Username, o.Sentinel.Password = query.Get("sentinel_user"), query.Get("sentinel_password")
	if o.TLSConfig != nil {
		o.Sentinel.TLSConfig = o.TLSConfig.Clone()
	}
	// The message that says who is the primary now may be missed, and the one before lives on.
	o.Sentinel.TopologyRefreshInterval = 5 * time.Second
	o.Dialer.Timeout, o.Dialer.KeepAlive, o.ConnWriteTimeout = dialTime, keepAliveTime, answerTime
	// What is read is remembered by those who know when to forget it.
	o.DisableCache = true
	// A connection that is always listened to is known to be closed before the next command is written to it.
	o.AlwaysPipelining = true
	o.RetryDelay = retryDelay
	o.ReadBufferEachConn, o.WriteBufferEachConn = 64<<10, 64<<10
	return o, nil
}

// retryDelay has a read tried again twice, as the connection may be one that has just been closed. What else is to be done
// when Redis cannot be asked, the caller knows better. Writes are never repeated.
func retryDelay(attempts int, _ rueidis.Completed, _ error) time.Duration {
	if attempts > 2 {
		return -1
	}
	return 10 * time.Millisecond
}

// isLocal reports whether all of these addresses are of this machine.
func isLocal(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(address string) bool {
		host, _, err := net.SplitHostPort(address)
		ip, _ := netip.ParseAddr(host)
		return err != nil || host != "localhost" && !ip.IsLoopback()
	})
}
