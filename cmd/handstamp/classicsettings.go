package main

import (
	"math"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// authType is a value of AUTH_TYPE.
type authType string

const (
	authOpen       authType = "" // the variable is not set
	authNobody     authType = "auth"
	authBasic      authType = "basic_auth"
	authSession    authType = "session_auth"
	authSessionExp authType = "session_exp_auth"
	authSessionDB  authType = "session_db_auth"
)

// classicSettings are the founding API's own environment variables.
type classicSettings struct {
	host, port  string
	auth        authType
	sessionName string
	duration    time.Duration // zero or less: without end
}

func readClassicSettings() (classicSettings, error) {
	s := classicSettings{
		host:        env("API_HOST", "0.0.0.0"),
		port:        env("API_PORT", "5000"),
		sessionName: env("SESSION_NAME", "_my_session_id"),
		duration:    pythonSeconds(os.Getenv("SESSION_DURATION")),
	}
	if port, err := strconv.ParseUint(s.port, 10, 16); err != nil {
		return s, usagef("API_PORT is %q, and must be a number from 0 to 65535", s.port)
	} else {
		s.port = strconv.FormatUint(port, 10)
	}
	if (&http.Cookie{Name: s.sessionName, Value: "x"}).Valid() != nil {
		return s, usagef("SESSION_NAME is %q, which cannot be the name of a cookie (RFC 6265, section 4.1.1)", s.sessionName)
	}
	value, isSet := os.LookupEnv("AUTH_TYPE")
	s.auth = authType(value)
	switch s.auth {
	case authNobody, authBasic, authSession, authSessionExp, authSessionDB:
		return s, nil
	case authOpen:
		if !isSet {
			return s, nil
		}
	}
	return s, usagef("AUTH_TYPE is %q, and must be one of auth, basic_auth, session_auth, session_exp_auth, "+
		"session_db_auth; unset it to leave everything open to everybody", value)
}

// network returns what to listen on. For an IPv4 address that is IPv4 and nothing else: with "tcp",
// package net would take 0.0.0.0 for every address of IPv6 as well.
func (s classicSettings) network() string {
	if address, err := netip.ParseAddr(s.host); err == nil && address.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// env returns a variable, or otherwise where it is not set or empty.
func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// pythonSeconds reads seconds as Python's int() does, white space, sign, underscores and digits of
// every script included. What is not a number is 0, and what is beyond a time.Duration lasts as
// long as one can.
func pythonSeconds(s string) time.Duration {
	s = strings.TrimSpace(s)
	sign := time.Duration(1)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	const most = math.MaxInt64 / time.Second
	seconds, afterDigit := time.Duration(0), false
	for _, r := range s {
		digit, ok := digitValue(r)
		switch {
		case ok:
			seconds = min(seconds*10+time.Duration(digit), most)
			afterDigit = true
		case r == '_' && afterDigit:
			afterDigit = false
		default:
			return 0
		}
	}
	if !afterDigit {
		return 0
	}
	return sign * seconds * time.Second
}

// digitValue returns the value of a decimal digit. In Unicode those of a script are a run of ten
// that begins with its zero, and so is each range of the table.
func digitValue(r rune) (int, bool) {
	for _, runs := range unicode.Nd.R16 {
		if rune(runs.Lo) <= r && r <= rune(runs.Hi) {
			return int(r-rune(runs.Lo)) % 10, true
		}
	}
	for _, runs := range unicode.Nd.R32 {
		if rune(runs.Lo) <= r && r <= rune(runs.Hi) {
			return int(r-rune(runs.Lo)) % 10, true
		}
	}
	return 0, false
}
