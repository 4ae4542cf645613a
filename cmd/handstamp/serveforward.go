package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/server/forward"
)

// checkForward is about apps whose proxy asks who may pass.
func (c *checker) checkForward() {
	s := c.l.Values
	rules, err := forward.ParseRules(s.Rules)
	if err != nil {
		c.refuse("rules", "%w", err)
		return
	}
	roles := []string{userRole, adminRole}
	for _, role := range rules.Roles() {
		if !slices.Contains(roles, role) {
			c.refuse("rules", "nobody has the role %q; there are %s", role, strings.Join(roles, " and "))
		}
	}
	reached := cmp.Or(s.CookieDomain, s.PublicURL.Hostname())
	for _, host := range rules.Hosts() {
		if !isUnder(host, reached) && slices.Contains(s.Credentials, credentialSession) {
			c.warn("rules", "browsers do not send the session cookie to %s, only to %s: set cookie-domain to a domain of both, or nobody is signed in there",
				host, reached)
		}
	}
	if len(s.TrustedProxies) == 0 && (len(s.Rules) > 0 || c.l.IsSet("forward-proxy")) {
		c.warn("rules", "without trusted-proxies nobody may ask who may pass; set the address from which your proxy connects")
	}
}
