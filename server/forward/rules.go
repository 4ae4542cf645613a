package forward

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
)

// Rules say by host and path who may pass. The first rule that a request falls under counts; where there is none,
// whoever is signed in may pass. The zero Rules are none. They are safe for concurrent use.
type Rules struct {
	all    []rule
	byHost map[string][]rule // what is about a host that some rule names, in order
	others []rule            // what is about every other host
}

// maxRules and maxRule bound what each request is compared with.
const (
	maxRules = 1000
	maxRule  = 1 << 10 // bytes
)

var errLong = errors.New("it is too long")

// ParseRules reads rules, each "HOST/PATH ACCESS":
//
//	app.example.com/static/*   public
//	app.example.com/pay/*      role=admin,editor fresh
//	app.example.com:8443/stat* signed-in
//	*/admin                    role=admin
//
// HOST is a host as browsers write it, with a port or for all ports, or * for every host. PATH is a path as it stands
// in a URL, for itself (then a final slash makes no difference), or with a star for all that begins with it; one that
// ends in a slash or in /* is for itself and all below it, and /{$} is for the start page alone. ACCESS is public, or
// signed-in, or what is asked for besides: one of several roles, and a password that was proved a short while ago.
//
// An error names the rule. A rule that could never count, as one before it is about all of its requests, is an error,
// too: whoever wrote it means it to protect something.
func ParseRules(texts []string) (*Rules, error) {
	if len(texts) > maxRules {
		return nil, fmt.Errorf("there are %d rules, and %d are too many", len(texts), maxRules+1)
	}
	rules := &Rules{all: make([]rule, 0, len(texts)), byHost: make(map[string][]rule)}
	for i, text := range texts {
		next, err := parseRule(text)
		if len(text) > maxRule {
			text, err = text[:40]+"…", errLong
		}
		if err != nil {
			return nil, fmt.Errorf("rule %d, %q: %w", i+1, text, err)
		}
		for n := range rules.all {
			if first := &rules.all[n]; first.covers(&next) {
				return nil, fmt.Errorf("rule %d, %q, can never count: rule %d, %q, is before it; put it first", i+1, next.text, n+1, first.text)
			}
		}
		rules.all = append(rules.all, next)
	}
	for i := range rules.all {
		host := rules.all[i].host
		if host == "*" {
			rules.others = append(rules.others, rules.all[i])
		} else if rules.byHost[host] == nil {
			for _, r := range rules.all {
				if r.host == host || r.host == "*" {
					rules.byHost[host] = append(rules.byHost[host], r)
				}
			}
		}
	}
	return rules, nil
}

// find returns the rules that a request has to satisfy, besides that somebody is signed in, and whether its target is
// public.
func (rules *Rules) find(t target) (asked []rule, isPublic bool) {
	of, named := rules.byHost[t.host]
	if !named {
		of = rules.others
	}
	if t.exact {
		for i := range of {
			r := &of[i]
			switch {
			case !r.isFor(t.port):
				if t.anyPort && r.holdsFolded(t.path) { // it may be this rule's port that the proxy has not said
					return everyOf(of, t), false
				}
			case r.holds(t.path):
				return of[i : i+1], r.isPublic
			case r.holdsFolded(t.path): // a reader that takes no notice of letter case is at another rule
				return everyOf(of, t), false
			}
		}
		return nil, false
	}
	return everyOf(of, t), false
}

// everyOf returns all rules that may be about the port of a target.
func everyOf(of []rule, t target) []rule {
	isOther := func(r rule) bool { return !t.anyPort && !r.isFor(t.port) }
	if !slices.ContainsFunc(of, isOther) {
		return of
	}
	return slices.DeleteFunc(slices.Clone(of), isOther)
}

// Roles returns the roles that rules name, sorted.
func (rules *Rules) Roles() []string {
	var roles []string
	for _, r := range rules.all {
		roles = append(roles, r.roles...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Hosts returns the hosts that rules name, sorted.
func (rules *Rules) Hosts() []string {
	var hosts []string
	for _, r := range rules.all {
		if r.host != "*" {
			hosts = append(hosts, r.host)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Origins returns the origins of the hosts that rules name, as browsers write them, for those who judge where a login
// may lead back to: whoever made a rule for a host has an app there. They are https. Where this server is reached by
// plain http, at public, they are http, too. A host without a port stands for the scheme's own.
func (rules *Rules) Origins(public *url.URL) []string {
	schemes := []string{"https"}
	if public.Scheme == "http" {
		schemes = append(schemes, "http")
	}
	var origins []string
	for _, r := range rules.all {
		if r.host == "*" {
			continue
		}
		for _, scheme := range schemes {
			origin := scheme + "://" + r.host
			if r.port != "" && r.port != ownPort(scheme) {
				origin += ":" + r.port
			}
			origins = append(origins, origin)
		}
	}
	slices.Sort(origins)
	return slices.Compact(origins)
}
